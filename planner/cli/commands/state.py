"""`planner state`: look at what is recorded, and mend it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, say, show, warn
from planner.config.settings import Flags
from planner.errors import PlannerError
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.registry import Registry
    from planner.stores.state import State

state = typer.Typer(no_args_is_help=True, help="Look at the recorded state, and mend it.")


@state.command("list")
@options.takes(*options.STATE, shows="addresses")
def list_(flags: Flags, output: Output) -> None:
    """List the addresses of all recorded statements."""
    from planner.cli.wiring import Wiring
    from planner.records.view import addresses_view

    document = addresses_view(Wiring(flags).state.snapshots())
    for each in document["damaged"]:
        warn(each["reason"])
    show(View("addresses", document), output)


@state.command("show")
@options.takes(*options.STATE, shows="snapshot")
def show_(flags: Flags, output: Output, registry: options.RegistryName = None) -> None:
    """Show the recorded policy of a registry, and how it came there."""
    from planner.cli.wiring import Wiring
    from planner.records.view import snapshot_view
    from planner.workflow.recorded import choose_snapshot

    wiring = Wiring(flags)
    snapshot = choose_snapshot(wiring.state, registry, wiring.settings.state)
    show(View("snapshot", snapshot_view(snapshot)), output)


@state.command()
@options.takes(*options.STATE)
def pull(flags: Flags, registry: options.RegistryName = None) -> None:
    """Print the snapshot of a registry as JSON, as `state push` takes it."""
    from planner.cli.wiring import Wiring
    from planner.workflow.recorded import choose_snapshot

    wiring = Wiring(flags)
    say(choose_snapshot(wiring.state, registry, wiring.settings.state).to_text(), end="")


@state.command()
@options.takes(*options.AWS, "config", "state", "lock_timeout")
def push(
    flags: Flags,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A snapshot, as pull prints it.")],
    force: Annotated[
        bool,
        typer.Option("--force", help="Also for another lineage or a serial that is not newer."),
    ] = False,
    auto_approve: options.AutoApprove = False,
) -> None:
    """Store a snapshot, such as a rescue file of an apply.

    It tells what stands in its place, and asks; then it prints what it has
    replaced, so that `state push --force` can bring it back.
    """
    from planner.cli.asking import approve
    from planner.cli.machine import Signals
    from planner.cli.wiring import Wiring
    from planner.records.snapshot import load_snapshot
    from planner.stores.files import read_bounded
    from planner.workflow.state_admin import prepare_push, push_snapshot

    data = read_bounded(file, "snapshot").decode("utf-8", errors="replace")
    snapshot = load_snapshot(data, str(file))
    name = f"serial {snapshot.serial} of {snapshot.registry}"
    wiring = Wiring(flags)
    meant = prepare_push(wiring.state, snapshot, force=force)
    if meant is None:
        say(f"The state has {name} already.")
        return
    say(_standing(wiring.state, snapshot.registry))
    approve(f"Store {name}?", auto_approve=auto_approve)
    with Signals() as signals:
        run = wiring.apply_context(signals, fallback_region=snapshot.registry.region)
        pushed = push_snapshot(run, meant)
    if pushed and meant.stands.data is not None:
        say("What stood there, as `planner state push --force FILE` takes it back:")
        say(meant.stands.data.decode("utf-8", errors="replace").rstrip())
    say(f"Stored {name}." if pushed else f"The state has {name} already.")


@state.command()
@options.takes(*options.AWS, "config", "state", "lock_timeout")
def rm(
    flags: Flags,
    registry: options.RegistryName = None,
    auto_approve: options.AutoApprove = False,
) -> None:
    """Forget a registry. Its policy in ECR stays as it is.

    It tells what is recorded, and asks. The snapshot is saved beside you first
    and printed, so that `state push` can bring it back, with its history.
    """
    from planner.cli.asking import approve
    from planner.cli.machine import Signals
    from planner.cli.wiring import Wiring
    from planner.workflow.recorded import choose_registry
    from planner.workflow.state_admin import remove_snapshot

    wiring = Wiring(flags)
    chosen = choose_registry(wiring.state, registry, wiring.settings.state)
    say(_standing(wiring.state, chosen))
    approve(f"Forget {chosen}?", auto_approve=auto_approve)
    with Signals() as signals:
        run = wiring.apply_context(signals, fallback_region=chosen.region)
        removed = remove_snapshot(run, chosen)
    say(removed.text.rstrip())
    say(f"The state has forgotten {chosen}. To bring it back: planner state push {removed.copy}")


def _standing(state: State, registry: Registry) -> str:
    """What is recorded of a registry, in a sentence."""
    if state.raw_snapshot(registry).data is None:
        return f"The state has nothing of {registry}."
    try:
        return state.snapshot_of(registry).describe()
    except PlannerError as error:
        return error.summary
