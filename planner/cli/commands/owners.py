"""`planner owners`: who owns what in a shared registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.default_command import ListByDefault
from planner.cli.output import Output, say, show
from planner.config.settings import Flags
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.records.snapshot import Snapshot
    from planner.workflow.owning import Transfer

owners = typer.Typer(
    cls=ListByDefault,
    help="See who owns which statements, and settle it.",
    epilog="`planner owners [REGISTRY]` is `planner owners list`.",
)


@owners.command("list")
@options.takes(*options.STATE, shows="owners")
def list_(flags: Flags, output: Output, registry: options.RegistryName = None) -> None:
    """List each owner with its statements, and what nobody owns.

    With the characters that they take, from where they are applied and since
    when.
    """
    from planner.cli.wiring import Wiring
    from planner.records.owners_view import owners_view
    from planner.workflow.recorded import choose_snapshot

    wiring = Wiring(flags)
    snapshot = choose_snapshot(wiring.state, registry, wiring.settings.state)
    show(View("owners", owners_view(snapshot)), output)


@owners.command()
@options.takes(*options.STATE, "region", "lock_timeout")
def release(
    flags: Flags,
    target: Annotated[
        str, typer.Argument(metavar="NAME|ADDRESS", help="An owner, or one statement.")
    ],
    registry: options.Registry = None,
    auto_approve: options.AutoApprove = False,
) -> None:
    """Let go of what an owner has, or of one statement.

    The live policy stays as it is: what is let go is nobody's, and kept.
    """
    from planner.cli.wiring import Wiring
    from planner.workflow.owning import release as released

    wiring = Wiring(flags)
    _transfer(wiring, registry, lambda found: released(found, target), auto_approve=auto_approve)


@owners.command()
@options.takes(*options.STATE, "region", "lock_timeout")
def rename(
    flags: Flags,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name it has.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The name it is to have.")],
    registry: options.Registry = None,
    auto_approve: options.AutoApprove = False,
) -> None:
    """Give an owner another name."""
    from planner.cli.wiring import Wiring
    from planner.workflow.owning import rename as renamed

    wiring = Wiring(flags)
    _transfer(wiring, registry, lambda found: renamed(found, old, new), auto_approve=auto_approve)


def _transfer(
    wiring: Wiring,
    name: str | None,
    make: Callable[[Snapshot], Transfer],
    *,
    auto_approve: bool,
) -> None:
    """Shows what is to become of the owners, asks, and records it."""
    from planner.cli.asking import approve, check_can_ask
    from planner.cli.machine import Signals
    from planner.workflow.owning import shared_snapshot, transfer
    from planner.workflow.recorded import choose_registry

    check_can_ask(auto_approve=auto_approve)
    registry = choose_registry(wiring.state, name, wiring.settings.state)
    meant = make(shared_snapshot(wiring.state, registry))
    say(meant.words)
    approve(f"Record this in the state of {registry}?", auto_approve=auto_approve)
    with Signals() as signals:
        run = wiring.apply_context(signals, fallback_region=registry.region)
        recorded = transfer(run, meant)
    say(f"Recorded in the state: serial {recorded.serial}.")
    say("What was recorded before, as `planner state push --force` takes it back:")
    say(meant.before.to_text(), end="")
