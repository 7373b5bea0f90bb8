"""`planner scope`."""

from __future__ import annotations

from planner.cli import options
from planner.cli.output import Output, show
from planner.config.settings import Flags
from planner.render.interface import View


@options.takes("policy_file", *options.PLANNING, shows="scope")
def scope(flags: Flags, output: Output, live: options.Live = False) -> None:
    """Show the registry policy scope, and what in a policy needs V2.

    Where the registry has V1 it also says what raising the scope does to the
    live policy. `raise_scope = true` in planner.toml has a plan raise it.
    """
    from planner.cli.policies import read_own
    from planner.cli.wiring import Wiring
    from planner.workflow.scope import look_at_scope

    wiring = Wiring(flags)
    files = None if live else read_own(wiring)
    report = look_at_scope(wiring.registry_api(), wiring.settings, wiring.target(), files)
    show(View("scope", report.to_json()), output)
