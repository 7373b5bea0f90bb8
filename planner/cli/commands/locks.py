"""`planner locks`."""

from __future__ import annotations

from planner.cli import options
from planner.cli.output import Output, show
from planner.config.settings import Flags
from planner.render.interface import View


@options.takes(*options.STATE, shows="locks")
def locks(flags: Flags, output: Output) -> None:
    """List the locks that are held."""
    from planner.cli.wiring import Wiring
    from planner.records.view import locks_view

    wiring = Wiring(flags)
    found = ((each.registry, each.lock) for each in wiring.state.locks())
    show(View("locks", locks_view(found, wiring.clock.now())), output)
