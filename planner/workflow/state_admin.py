"""Changing the state itself: recovery alone, pushing and removing snapshots, unlocking."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from planner.errors import PlannerError, StalePlanError, UsageError
from planner.ports import Blob, RaceLostError
from planner.records.lock import SHORT_ID, Lock
from planner.records.snapshot import Snapshot
from planner.registry import Registry
from planner.stores.state import FoundLock, State
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


@dataclass(frozen=True, slots=True)
class Push:
    """A snapshot that is to be stored, and what stands in its place, sound or damaged."""

    snapshot: Snapshot
    stands: Blob
    force: bool


def prepare_push(state: State, snapshot: Snapshot, *, force: bool) -> Push | None:
    """What is to be stored; None where the state holds it already.

    Raises StalePlanError for another lineage or a serial that is not newer, unless forced.
    """
    stands = state.raw_snapshot(snapshot.registry)
    current = None if force else state.snapshot(snapshot.registry).value
    if current and (current == snapshot or _same_change(current, snapshot)):
        return None
    if current:
        _check_follows(current, snapshot)
    return Push(snapshot, stands, force)


def push_snapshot(run: ApplyContext, push: Push) -> bool:
    """Stores a snapshot; False where the state holds it by now.

    Raises StalePlanError where something else stands in its place than was told.
    """
    with settled(run, push.snapshot.registry, "state push"):
        if prepare_push(run.state, push.snapshot, force=push.force) is None:
            return False
        run.state.write_snapshot(push.snapshot, push.stands.token)
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


@dataclass(frozen=True, slots=True)
class Removed:
    """A snapshot that was forgotten, sound or damaged: its text, and the place of its copy."""

    text: str
    copy: str


def remove_snapshot(run: ApplyContext, registry: Registry) -> Removed:
    """Forgets a registry, after saving its snapshot for the user. Its history stays.

    Raises PlannerError where the state has nothing of it.
    """
    with settled(run, registry, "state rm"):
        found = run.state.raw_snapshot(registry)
        if found.data is None:
            raise PlannerError(f"The state has nothing of {registry}.")
        name = f"planner-removed-{registry.account_id}-{registry.region}.json"
        text = found.data.decode("utf-8", errors="replace")
        place = run.save(name, text)
        run.state.remove_snapshot(registry, found.token)
        return Removed(text, place)


def find_lock(state: State, wanted: str) -> FoundLock:
    """The lock that is meant by its id or a beginning of it, or by `ACCOUNT/REGION`.

    The last also finds a damaged one. Raises PlannerError where not exactly one lock is meant.
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
    return found[0]


def release_lock(state: State, found: FoundLock) -> None:
    """Removes a lock. Raises PlannerError where it is another by now."""
    try:
        state.release(found)
    except RaceLostError:
        raise PlannerError(
            f"The lock of {found.registry} has changed hands or was renewed just now.",
            "Its holder is alive.",
            "Wait for that run; if you are sure, try again.",
        ) from None
