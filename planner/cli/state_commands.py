"""The commands about the state: its snapshots, its locks, and recovery."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.output import say, warn
from planner.errors import PlannerError

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.registry import Registry

state = typer.Typer(
    no_args_is_help=True,
    help="Look at the recorded state, and mend it.",
)

RegistryName = Annotated[
    str | None,
    typer.Argument(
        metavar="[REGISTRY]",
        help="ACCOUNT/REGION. Needed only where the state holds more than one.",
        show_default=False,
    ),
]


def recover(
    discard: Annotated[
        bool,
        typer.Option("--discard", help="Drop the journal and leave ECR and the state alone."),
    ] = False,
    region: options.Region = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
    state: options.State = None,
    lock_timeout: options.LockTimeout = None,
) -> None:
    """Settle an apply that never ended, and say what was found.

    If ECR holds what was planned, it is recorded. If ECR holds what it held
    before, the journal is discarded. If it holds something else, both texts
    are saved, and nothing is changed.
    """
    from planner.cli.machine import Signals
    from planner.cli.wiring import Wiring
    from planner.config.settings import Flags
    from planner.workflow.state_admin import discard_journal, recover_alone

    flags = Flags(
        region=region,
        profile=profile,
        endpoint_url=endpoint_url,
        account_id=account_id,
        config=config,
        state=state,
        lock_timeout=lock_timeout,
    )
    wiring = Wiring(flags)
    with Signals() as signals:
        run = wiring.apply_context(signals)
        registry = run.api.caller().registry
        place = discard_journal(run) if discard else None
        outcome = None if discard else recover_alone(run).outcome
    if discard and place:
        say(f"The journal is dropped; a copy is in {place}")
    elif discard or outcome == "none":
        say(f"There is nothing to settle: no journal of {registry} stands.")


def unlock(
    lock_id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The id, or its first 8 characters or more; or ACCOUNT/REGION.",
        ),
    ],
    config: options.Config = None,
    state: options.State = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
) -> None:
    """Remove a lock whose holder is gone for good.

    A lock ends by itself when its holder does; unlock is for the impatient.
    """
    from planner.cli.wiring import Wiring
    from planner.config.settings import Flags
    from planner.errors import UsageError
    from planner.records.lock import SHORT_ID
    from planner.workflow.state_admin import unlock as remove

    if len(lock_id) < SHORT_ID and "/" not in lock_id:
        hint = "`planner locks` lists them."
        raise UsageError(f"'{lock_id}' is too short for the id of a lock.", "", hint)
    flags = Flags(config=config, state=state, profile=profile, endpoint_url=endpoint_url)
    say(f"Unlocked {remove(Wiring(flags).state, lock_id)}.")


def locks(
    config: options.Config = None,
    state: options.State = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
) -> None:
    """List the locks that are held."""
    from planner.cli.wiring import Wiring
    from planner.config.settings import Flags
    from planner.records.lock import SHORT_ID
    from planner.text import clean
    from planner.times import stamp

    wiring = Wiring(Flags(config=config, state=state, profile=profile, endpoint_url=endpoint_url))
    now = wiring.clock.now()
    rows: list[tuple[str, ...]] = []
    for name, lease, _ in wiring.state.leases():
        if isinstance(lease, PlannerError):
            rows.append(("-", clean(name), "damaged", "-", "-", "-", "-"))
            continue
        over = " (over)" if lease.is_over(now) else ""
        parts = (lease.id[:SHORT_ID], name, lease.owner, lease.host, lease.operation)
        times = (stamp(lease.since), stamp(lease.until) + over)
        rows.append((*map(clean, parts), *times))
    if not rows:
        say("No lock is held.")
        return
    from tabulate import tabulate

    headers = ("Id", "Registry", "Owner", "Host", "For", "Since", "Until")
    say(tabulate(rows, headers, tablefmt="simple", disable_numparse=True))


@state.command("list")
def state_list(
    config: options.Config = None,
    state: options.State = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
) -> None:
    """List the addresses of all recorded statements."""
    from planner.diff.changes import statements_of
    from planner.policy.address import address, statement_name
    from planner.text import clean

    stored = _project(config, state, profile, endpoint_url).state
    for registry in stored.registries():
        try:
            snapshot = stored.snapshot_of(registry)
        except PlannerError as error:
            warn(error.summary)
            continue
        for each in statements_of(snapshot.policy):
            say(clean(address(registry, statement_name(each, None))))


@state.command("show")
def state_show(
    registry: RegistryName = None,
    config: options.Config = None,
    state: options.State = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
) -> None:
    """Show the recorded policy of a registry, and how it came there."""
    from planner.render.text.snapshot import snapshot_lines
    from planner.render.text.terminal import to_text

    wiring = _project(config, state, profile, endpoint_url)
    say(to_text(snapshot_lines(wiring.state.snapshot_of(_chosen(wiring, registry)))), end="")


@state.command("pull")
def state_pull(
    registry: RegistryName = None,
    config: options.Config = None,
    state: options.State = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
) -> None:
    """Print the snapshot of a registry as JSON, as `state push` takes it."""
    wiring = _project(config, state, profile, endpoint_url)
    say(wiring.state.snapshot_of(_chosen(wiring, registry)).to_text(), end="")


@state.command("push")
def state_push(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A snapshot, as pull prints it.")],
    force: Annotated[
        bool,
        typer.Option("--force", help="Also for another lineage or a serial that is not newer."),
    ] = False,
    region: options.Region = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
    config: options.Config = None,
    state: options.State = None,
    lock_timeout: options.LockTimeout = None,
) -> None:
    """Store a snapshot, such as a rescue file of an apply."""
    from planner.cli.machine import Signals
    from planner.cli.wiring import Wiring
    from planner.config.settings import Flags
    from planner.records.snapshot import load_snapshot
    from planner.stores.files import read_bounded
    from planner.workflow.state_admin import push_snapshot

    data = read_bounded(file, "snapshot").decode("utf-8", errors="replace")
    snapshot = load_snapshot(data, str(file))
    flags = Flags(
        region=region,
        profile=profile,
        endpoint_url=endpoint_url,
        config=config,
        state=state,
        lock_timeout=lock_timeout,
    )
    with Signals() as signals:
        run = Wiring(flags).apply_context(signals, fallback_region=snapshot.registry.region)
        pushed = push_snapshot(run, snapshot, _user(), force=force)
    name = f"serial {snapshot.serial} of {snapshot.registry}"
    say(f"Stored {name}." if pushed else f"The state has {name} already.")


@state.command("rm")
def state_rm(
    registry: RegistryName = None,
    region: options.Region = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
    config: options.Config = None,
    state: options.State = None,
    lock_timeout: options.LockTimeout = None,
) -> None:
    """Forget a registry. Its policy in ECR stays as it is.

    The snapshot is saved beside you first, so that `state push` can bring it back.
    """
    from planner.cli.machine import Signals
    from planner.cli.wiring import Wiring
    from planner.config.settings import Flags
    from planner.workflow.state_admin import remove_snapshot

    flags = Flags(
        region=region,
        profile=profile,
        endpoint_url=endpoint_url,
        config=config,
        state=state,
        lock_timeout=lock_timeout,
    )
    wiring = Wiring(flags)
    chosen = _chosen(wiring, registry)
    with Signals() as signals:
        run = wiring.apply_context(signals, fallback_region=chosen.region)
        place = remove_snapshot(run, chosen, _user())
    say(f"The state has forgotten {chosen}. To bring it back: planner state push {place}")


def _project(
    config: Path | None, state: str | None, profile: str | None, endpoint_url: str | None
) -> Wiring:
    from planner.cli.wiring import Wiring
    from planner.config.settings import Flags

    return Wiring(Flags(config=config, state=state, profile=profile, endpoint_url=endpoint_url))


def _chosen(wiring: Wiring, name: str | None) -> Registry:
    """The named registry of those in the state, or the only one there is."""
    found = wiring.state.registries()
    chosen = [each for each in found if name is None or str(each) == name]
    if len(chosen) == 1:
        return chosen[0]
    where = wiring.settings.state
    if not found:
        raise PlannerError(f"The state in {where} is empty.", "", "It is written by apply.")
    names = "\n".join(map(str, found))
    summary = f"The state has no registry {name}." if name else "Which registry?"
    raise PlannerError(summary, f"The state in {where} holds:\n{names}", "Name one of them.")


def _user() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        name = f"uid {os.getuid()}"
    return f"{name}@{socket.gethostname()}"
