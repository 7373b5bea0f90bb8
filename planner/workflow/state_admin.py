"""Changing the state itself: recovery alone, pushing and removing snapshots, unlocking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from planner.errors import PlannerError, StalePlanError, UsageError
from planner.ports import RaceLostError
from planner.records.lock import SHORT_ID, Lock
from planner.records.snapshot import Snapshot
from planner.registry import Registry
from planner.stores.state import State
from planner.workflow.context import ApplyContext
from planner.workflow.locking import locked
from planner.workflow.recovery import Recovery, recover


def recover_alone(run: ApplyContext) -> Recovery:
    """Settles the standing journal of the registry that is reached, if there is one."""
    caller = run.api.caller()
    with locked(run, caller.registry, caller.arn, "recovery"):
        return recover(run, caller.registry)


def discard_journal(run: ApplyContext) -> Recovery:
    """Drops the standing journal, if there is one, and leaves ECR and the state alone."""
    caller = run.api.caller()
    with locked(run, caller.registry, caller.arn, "discarding a journal"):
        text = run.state.journal_text(caller.registry)
        if text is None:
            return Recovery(caller.registry, "none")
        place = run.save("planner-journal.json", text)
        run.state.discard_journal(caller.registry)
        return Recovery(caller.registry, "discarded", copy=place)


@contextmanager
def settled(run: ApplyContext, registry: Registry, operation: str) -> Iterator[None]:
    """The registry locked by the user of this machine, and no journal standing."""
    with locked(run, registry, run.user, operation):
        recover(run, registry)
        yield


def push_snapshot(run: ApplyContext, snapshot: Snapshot, *, force: bool) -> bool:
    """Stores a snapshot; False where the state holds it already.

    Raises StalePlanError for another lineage or a serial that is not newer, unless forced.
    """
    registry = snapshot.registry
    with settled(run, registry, "state push"):
        token = run.state.raw_snapshot(registry).token
        current = None if force else run.state.snapshot(registry).value
        if current == snapshot or (current and _same_change(current, snapshot)):
            return False
        if current:
            _check_follows(current, snapshot)
        run.state.write_snapshot(snapshot, token)
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


def remove_snapshot(run: ApplyContext, registry: Registry) -> str:
    """Forgets a registry, after saving its snapshot, sound or damaged, for the user.

    Gives the place of the copy. Raises PlannerError where the state has nothing of it.
    """
    with settled(run, registry, "state rm"):
        found = run.state.raw_snapshot(registry)
        if found.data is None:
            raise PlannerError(f"The state has nothing of {registry}.")
        name = f"planner-removed-{registry.account_id}-{registry.region}.json"
        place = run.save(name, found.data.decode("utf-8", errors="replace"))
        run.state.remove_snapshot(registry, found.token)
        return place


def unlock(state: State, wanted: str) -> str:
    """Removes a lock and gives its registry's name.

    `wanted` is the id of a lock or a beginning of it, or `ACCOUNT/REGION`, which also
    removes a damaged lock. Raises PlannerError where not exactly one lock is meant.
    """
    if len(wanted) < SHORT_ID and "/" not in wanted:
        hint = "`planner locks` lists them."
        raise UsageError(f"'{wanted}' is too short for the id of a lock.", "", hint)
    found = [
        each
        for each in state.locks()
        if each.registry == wanted
        or (isinstance(each.lock, Lock) and each.lock.id.startswith(wanted))
    ]
    if len(found) != 1:
        how_many = "No lock" if not found else "More than one lock"
        is_named = "is of" if "/" in wanted else "has an id that begins with"
        raise PlannerError(f"{how_many} {is_named} '{wanted}'.", "", "`planner locks` lists them.")
    (meant,) = found
    try:
        state.release(meant)
    except RaceLostError:
        raise PlannerError(
            f"The lock of {meant.registry} has changed hands or was renewed just now.",
            "Its holder is alive.",
            "Wait for that run; if you are sure, try again.",
        ) from None
    return meant.registry
