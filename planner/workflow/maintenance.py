"""Changing the state itself: recovery alone, and pushing and removing snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from planner.errors import PlannerError, StalePlanError
from planner.ports import RaceLostError
from planner.registry import Registry
from planner.snapshot import Snapshot
from planner.workflow.locking import locked
from planner.workflow.recovery import Recovery, recover
from planner.workflow.run import Run
from planner.workflow.state import State


def recover_alone(run: Run) -> Recovery:
    """Settles the standing journal of the registry that is reached, if there is one."""
    caller = run.api.caller()
    with locked(run, caller.registry, caller.arn, "recovery"):
        return recover(run, caller.registry)


def discard_journal(run: Run) -> str | None:
    """Drops the standing journal and gives its text; leaves ECR and the state alone."""
    caller = run.api.caller()
    with locked(run, caller.registry, caller.arn, "discarding a journal"):
        return run.state.discard_journal(caller.registry)


@contextmanager
def _settled(run: Run, registry: Registry, owner: str, operation: str) -> Iterator[None]:
    """The registry locked, and no journal standing."""
    with locked(run, registry, owner, operation):
        recover(run, registry)
        yield


def push_snapshot(run: Run, snapshot: Snapshot, owner: str, *, force: bool) -> bool:
    """Stores a snapshot; False where the state holds it already.

    Raises StalePlanError for another lineage or a serial that is not newer, unless forced.
    """
    registry = snapshot.registry
    with _settled(run, registry, owner, "state push"):
        stored = run.state.snapshot(registry)
        current = stored.value
        if current == snapshot or (current and _same_change(current, snapshot)):
            return False
        if current and not force:
            _check_follows(current, snapshot)
        run.state.write_snapshot(snapshot, stored.token)
        return True


def _same_change(one: Snapshot, other: Snapshot) -> bool:
    """Whether both record the same apply, one by itself and one by recovery."""
    return (one.lineage, one.serial, one.policy, one.current.plan_id) == (
        other.lineage,
        other.serial,
        other.policy,
        other.current.plan_id,
    )


def _check_follows(current: Snapshot, pushed: Snapshot) -> None:
    if pushed.lineage != current.lineage:
        why = f"The state has lineage {current.lineage}, the file {pushed.lineage}."
    elif pushed.serial <= current.serial:
        why = f"The state has serial {current.serial}, the file {pushed.serial}."
    else:
        return
    raise StalePlanError(
        "The file does not follow what the state holds.",
        why,
        "Compare it with `planner state pull`; --force replaces the state all the same.",
    )


def remove_snapshot(run: Run, registry: Registry, owner: str) -> Snapshot:
    """Forgets a registry and gives its last snapshot. Raises PlannerError where there is none."""
    with _settled(run, registry, owner, "state rm"):
        stored = run.state.snapshot(registry)
        if stored.value is None:
            raise PlannerError(f"The state has nothing of {registry}.")
        run.state.remove_snapshot(registry, stored.token)
        return stored.value


def unlock(state: State, lease_id: str) -> str:
    """Removes the lock with this id, or a beginning of it, and gives its registry's name.

    Raises PlannerError where no lock, or more than one, has it.
    """
    found = [
        (name, stored)
        for name, stored in state.leases()
        if stored.value and stored.value.id.startswith(lease_id)
    ]
    if len(found) != 1:
        how_many = "No lock has" if not found else "More than one lock has"
        raise PlannerError(
            f"{how_many} an id that begins with '{lease_id}'.", "", "`planner locks` lists them."
        )
    name, stored = found[0]
    try:
        state.release(name, stored)
    except RaceLostError:
        raise PlannerError(
            f"The lock of {name} has changed hands or was renewed just now.",
            "Its holder is alive.",
            "Wait for that run; if you are sure, try again.",
        ) from None
    return name
