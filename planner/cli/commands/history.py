"""`planner history`: what was recorded of a registry, and what it was then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.default_command import ListByDefault
from planner.cli.output import Output, show
from planner.config.settings import Flags
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.registry import Registry

history = typer.Typer(
    cls=ListByDefault,
    help="Show what was recorded of a registry, by serial or by time.",
    epilog="`planner history [REGISTRY] [--at DATE]` is `planner history list`.",
)


@history.command("list")
@options.takes(*options.STATE, shows="history")
def list_(
    flags: Flags,
    output: Output,
    registry: options.RegistryName = None,
    at: options.At = None,
) -> None:
    """List what was recorded of a registry, newest first.

    With --at show the one policy that planner had recorded by then. What was
    changed outside planner between two serials is in none of them.
    """
    from planner.cli.wiring import Wiring
    from planner.records.view import history_view, snapshot_view
    from planner.times import stamp
    from planner.workflow.history import moment_named, recorded_at

    wiring = Wiring(flags)
    chosen = _chosen(wiring, registry)
    if at is None:
        view = View("history", history_view(chosen, wiring.state.history(chosen)))
    else:
        moment = moment_named(at)
        snapshot = recorded_at(wiring.state, chosen, moment)
        view = View("snapshot", snapshot_view(snapshot, stamp(moment)))
    show(view, output)


@history.command("show")
@options.takes(*options.STATE, shows="snapshot")
def show_(
    flags: Flags,
    output: Output,
    serial: Annotated[int, typer.Argument(metavar="SERIAL", help="As `planner history` has it.")],
    registry: options.Registry = None,
) -> None:
    """Show the policy of a serial, and how it came there."""
    from planner.cli.wiring import Wiring
    from planner.records.view import snapshot_view
    from planner.workflow.history import recorded_as

    wiring = Wiring(flags)
    snapshot = recorded_as(wiring.state, _chosen(wiring, registry), serial)
    show(View("snapshot", snapshot_view(snapshot)), output)


@history.command()
@options.takes(*options.STATE, "scope", shows="recorded_diff")
def diff(
    flags: Flags,
    output: Output,
    before: Annotated[int, typer.Argument(metavar="A", help="A serial.")],
    after: Annotated[
        int | None,
        typer.Argument(metavar="[B]", help="Another. Default: the newest.", show_default=False),
    ] = None,
    registry: options.Registry = None,
) -> None:
    """Show what became of statements and access between two serials."""
    from planner.cli.wiring import Wiring
    from planner.records.diff_view import recorded_diff_view
    from planner.workflow.history import recorded_as

    wiring = Wiring(flags)
    chosen, state, settings = _chosen(wiring, registry), wiring.state, wiring.settings
    new = state.snapshot_of(chosen) if after is None else recorded_as(state, chosen, after)
    old = recorded_as(state, chosen, before)
    view = recorded_diff_view(old, new, settings.toml.accounts, settings.scope)
    show(View("recorded_diff", view), output)


def _chosen(wiring: Wiring, name: str | None) -> Registry:
    from planner.workflow.recorded import choose_registry

    return choose_registry(wiring.state, name, wiring.settings.state)
