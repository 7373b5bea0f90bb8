"""`planner state`: look at what is recorded, and mend it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, say, show, warn
from planner.config.settings import Flags
from planner.errors import PlannerError, UsageError
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.registry import Registry
    from planner.stores.state import State

_PLACE = "A folder, or s3://BUCKET/PREFIX/."

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
    """Print the snapshot of a registry, as `state push` takes it."""
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
    back = shlex.join([str(removed.copy), *options.made_again(flags)])
    say(f"The state has forgotten {chosen}. To bring it back: planner state push {back}")


@state.command()
@options.takes(*options.AWS, "config", "lock_timeout")
def migrate(
    flags: Flags,
    source: Annotated[str, typer.Argument(metavar="FROM", help=_PLACE)],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same: where it is to be.")],
    auto_approve: options.AutoApprove = False,
) -> None:
    """Move all that is recorded, history included, to another place.

    All is copied and read back before anything is taken away. In the old
    place each registry then says where its state is now, so that no run goes
    on there. Locks are not moved; a journal or a lock that is held refuses.
    What was interrupted is finished by running it again.
    """
    from planner.cli.asking import approve
    from planner.cli.machine import Signals
    from planner.cli.wiring import Wiring
    from planner.config.parse import check_state
    from planner.workflow.migration import Migration

    for place, name in ((source, "FROM"), (target, "TO")):
        check_state(place, name)
    wiring = Wiring(flags)
    move = Migration(wiring.state_in(source), wiring.state_in(target))
    registries = move.registries()
    if not registries:
        raise PlannerError(f"The state in {source} is empty.", "", "There is nothing to move.")
    if move.source.blobs.place == move.target.blobs.place:
        raise UsageError("FROM and TO are the same place.", move.source.blobs.place)
    move.check(wiring.clock.now())
    say(f"From {source} to {target}:")
    say("\n".join(f"  {each}" for each in registries))
    approve("Move what is recorded of them?", auto_approve=auto_approve)
    move.copy()
    with Signals() as signals:
        run = wiring.apply_context(signals, fallback_region=registries[0].region)
        for each in registries:
            moved = move.settle(run, each)
            say(f"Moved {each}." if moved else f"{each} had been moved.")
    say(f'All is in {target} now. Give it as `state = "{target}"` in planner.toml, and plan again.')


def _standing(state: State, registry: Registry) -> str:
    """What is recorded of a registry, in a sentence."""
    if state.raw_snapshot(registry).data is None:
        return f"The state has nothing of {registry}."
    try:
        return state.snapshot_of(registry).describe()
    except PlannerError as error:
        return error.summary
