"""Writing what a plan says: journal, write, read back, record, and the journal away.

A lost answer to the write is "unknown", never "failed": reading back decides. The state says only
what was read back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from planner.errors import ConflictError, LockedError, PlannerError, StalePlanError
from planner.plans.plan import Plan
from planner.policy.opaque import AnyPolicy
from planner.ports import OutcomeUnknownError, RaceLostError, ThrottledError
from planner.records.journal import Journal
from planner.records.snapshot import Snapshot
from planner.registry import RAISED
from planner.stores.state import Stored
from planner.workflow.context import ApplyContext
from planner.workflow.live import STAYS_RAISED, moved, read_live
from planner.workflow.locking import Hold

THROTTLE_DELAYS = (1.0, 2.0, 4.0)
"""Seconds to wait before ECR, which was throttling, is asked again."""

READ_BACK_DELAYS = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds to wait before each reading after a write."""


def write(
    plan: Plan, run: ApplyContext, hold: Hold, journal: Journal, stored: Stored[Snapshot]
) -> None:
    """Writes what the journal says, and records it once it is read back.

    Raises PlannerError and says what stands now.
    """
    hold.confirm()
    token = _write_journal(run, journal)  # 6
    try:
        try:
            run.state.check_writable(plan.registry, journal.next)
            if journal.raises_scope:
                _raise_scope(run, hold)
            with _telling_of(journal):
                unknown = _send_policy(plan, run, hold, journal)  # 7
        except PlannerError:
            # Nothing was sent, or ECR has refused it for certain.
            _clear_journal(plan, run, token)
            raise
        with _telling_of(journal):
            _read_back(plan, run, unknown)  # 8
    except _UnsettledError as error:
        # What was sent may yet arrive: nobody should take the lock before it has.
        hold.leave()
        raise error.told from error
    run.report("Read back: ECR holds exactly what was planned.")
    record(plan, run, journal.next, stored)  # 9
    _clear_journal(plan, run, token)  # 10


def _raise_scope(run: ApplyContext, hold: Hold) -> None:
    """Raises the scope, and reads it back before anything is sent that needs it."""
    unknown = _send(run, hold, "Raising the registry policy scope to V2...", run.api.raise_scope)
    _read_scope_back(run, unknown)
    run.report("Read back: the registry has policy scope V2.")


@contextmanager
def _telling_of(journal: Journal) -> Iterator[None]:
    """Has a failure say that the scope was raised before, where it was, and stays so."""
    try:
        yield
    except (PlannerError, _UnsettledError) as error:
        if journal.raises_scope:
            told = error.told if isinstance(error, _UnsettledError) else error
            told.detail = f"{told.detail}\n{STAYS_RAISED}".strip()
        raise


def _clear_journal(plan: Plan, run: ApplyContext, token: str | None) -> None:
    try:
        run.state.clear_journal(plan.registry, token)
    except PlannerError:
        run.report("The journal could not be removed; the next run does it.")


def _write_journal(run: ApplyContext, journal: Journal) -> str | None:
    standing = run.state.journal(journal.registry)
    if standing.value is None:
        try:
            return run.state.write_journal(journal, standing.token)
        except RaceLostError:
            pass
    raise LockedError(
        f"Another planner is changing {journal.registry}.",
        "It has written its journal in spite of the lock: this run's lease was lost.",
        "Nothing was written. Plan again.",
    )


def _send_policy(
    plan: Plan, run: ApplyContext, hold: Hold, journal: Journal
) -> PlannerError | None:
    """Writes or deletes; gives the failure whose outcome is unknown, None where ECR said yes.

    Once the scope is raised nobody stops the run: the policy before is in force under V2 until the
    one after is written.
    """
    if journal.policy is None:
        return None
    may_stop, text = not journal.raises_scope, plan.after_text
    if text is None:
        words = "Deleting the registry policy..."
        return _send(run, hold, words, run.api.delete, may_stop=may_stop)
    words = f"Writing the registry policy ({len(text):,} characters)..."
    names = plan.names.of(plan.after)
    return _send(run, hold, words, lambda: run.api.put(text, names), may_stop=may_stop)


def _send(
    run: ApplyContext, hold: Hold, words: str, call: Callable[[], None], *, may_stop: bool = True
) -> PlannerError | None:
    """Makes a call; gives the failure whose outcome is unknown, None where ECR said yes."""

    def check() -> None:
        if may_stop:
            run.stop_if_interrupted()
        hold.confirm()

    check()
    run.report(words)
    for delay in (*THROTTLE_DELAYS, None):
        try:
            call()
        except ThrottledError:
            if delay is None:
                raise
            run.clock.sleep(delay)
            check()
        except OutcomeUnknownError as error:
            run.report("The answer was lost; reading back what stands...")
            return error.cause
        else:
            break
    return None


class _UnsettledError(Exception):
    """Something was sent, and what became of it cannot be told yet."""

    def __init__(self, told: PlannerError) -> None:
        super().__init__(told.summary)
        self.told = told


def _settled_by(run: ApplyContext) -> str:
    seconds = math.ceil(run.lock.lease.total_seconds())
    return f"The next apply settles it, or `planner recover`, after {seconds}s at the latest."


def _read_scope_back(run: ApplyContext, unknown: PlannerError | None) -> None:
    failure: PlannerError | None = None
    for delay in READ_BACK_DELAYS:
        run.clock.sleep(delay)
        try:
            if run.api.read_scope() == RAISED.after:
                return
            failure = None
        except PlannerError as error:
            failure = error
    summary = "The raise of the scope was sent, and the scope cannot be read back."
    if failure is None:
        summary = unknown.summary if unknown else "ECR took the raise of the scope and shows V1."
        failure = unknown
    detail = f"{failure.summary} {failure.detail}".strip() if failure else ""
    raise _UnsettledError(PlannerError(summary, detail, _settled_by(run)))


def _read_back(plan: Plan, run: ApplyContext, unknown: PlannerError | None) -> None:
    live: AnyPolicy = plan.before
    failure: PlannerError | None = None
    for delay in READ_BACK_DELAYS:
        run.clock.sleep(delay)
        try:
            _, live = read_live(run.api, plan.registry)
        except PlannerError as error:
            failure = error
            continue
        failure = None
        if live == plan.after:
            return
    settle = _settled_by(run)
    if failure is not None:
        detail = f"{failure.summary} {failure.detail}".strip()
        raise _UnsettledError(
            PlannerError("The policy was sent, and cannot be read back.", detail, settle)
        )
    if live == plan.before:
        detail = f"{unknown.detail}\n" if unknown else ""
        detail += f"It was read {len(READ_BACK_DELAYS)} times and is as it was before."
        summary = unknown.summary if unknown else "ECR took the policy and still shows the old one."
        raise _UnsettledError(PlannerError(summary, detail, settle))
    raise ConflictError(
        "Somebody else changed the policy at the same moment.",
        "It is neither what it was nor what was planned:",
        "Talk to them, then run `planner recover`.",
        [moved(plan.registry, plan.after, live, plan.names)],
    )


def record(plan: Plan, run: ApplyContext, snapshot: Snapshot, stored: Stored[Snapshot]) -> None:
    """Records what ECR holds; `stored` is what the state held. Raises PlannerError."""
    summary = "ECR holds the planned policy, and the state could not be written."
    try:
        run.state.write_snapshot(snapshot, stored.token)
    except StalePlanError as error:
        raise PlannerError(
            summary,
            "Another run has taken the lock meanwhile and recorded something else.",
            "Plan again: the plan shows what stands, and what the state holds.",
        ) from error
    except PlannerError as error:
        registry = plan.registry
        name = f"planner-rescue-{registry.account_id}-{registry.region}.json"
        place = run.save(name, snapshot.to_text())
        raise PlannerError(
            summary,
            f"{error.summary} {error.detail}\nWhat it would hold is saved: {place}",
            "Mend the cause. Then the next apply settles it, or: planner state push FILE",
        ) from error
    run.report(f"Recorded in the state: serial {snapshot.serial}.")
