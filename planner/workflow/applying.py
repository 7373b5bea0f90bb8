"""Applying a plan: the steps in their order, written once against the ports.

The numbers are those of the design. A lost answer to the write is "unknown", never "failed":
reading back decides. The state says only what was read back. From step 6 to step 10 a
journal stands, so whatever ends the process in between is settled by the next run.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from planner import TOOL
from planner.diff.patch import apply_patch, document_of
from planner.errors import (
    AssertionsError,
    ConflictError,
    GuardError,
    LockedError,
    PlannerError,
    StalePlanError,
)
from planner.guard.assertion import Assertion
from planner.guard.checks import Stop
from planner.guard.settings import Guard
from planner.plans.plan import Plan
from planner.plans.plan_id import SHORT_ID, expects
from planner.policy.opaque import AnyPolicy
from planner.ports import (
    Approver,
    CallerIdentity,
    OutcomeUnknownError,
    RaceLostError,
    ThrottledError,
)
from planner.records.journal import Journal, PolicyWrite
from planner.records.snapshot import Record, Snapshot, next_snapshot
from planner.stores.state import Stored
from planner.times import stamp
from planner.workflow.context import ApplyContext
from planner.workflow.live import moved, read_live
from planner.workflow.locking import Hold, locked
from planner.workflow.recovery import recover

THROTTLE_DELAYS = (1.0, 2.0, 4.0)
"""Seconds to wait before ECR, which was throttling, is asked again."""

READ_BACK_DELAYS = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Seconds to wait before each reading after a write."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How an apply ended.

    `written`: ECR was written and read back. `already`: ECR held the policy before.
    `recovered`: an earlier run had written it, and it is recorded now. `nothing`: there was
    nothing to write and nothing to record.
    """

    outcome: Literal["written", "already", "recovered", "nothing"]

    @property
    def is_change(self) -> bool:
        """Whether the policy in ECR is another than it was when the plan was made."""
        return self.outcome in ("written", "recovered")


OpenRun = Callable[[Plan], AbstractContextManager[ApplyContext]]
"""Opens what the apply of a plan works with, its signals included."""


def apply_saved(plan: Plan, expected: str | None, open_run: OpenRun) -> Applied:
    """Applies a saved plan without a question: to save and approve it was the question."""
    check_expected(plan, expected)
    with open_run(plan) as run:
        return apply_plan(plan, run)


@dataclass(frozen=True, slots=True)
class Approval:
    """What approves a plan before anybody is asked.

    `expected` is the id that it must have. `reason` says why what the guard asks about is
    meant. With `asks` somebody is asked as well.
    """

    expected: str | None
    reason: str | None
    asks: bool


def apply_now(
    make: Callable[[], Plan], approver: Approver, approval: Approval, open_run: OpenRun
) -> tuple[Plan, Applied]:
    """Makes a plan, shows it, and applies it once it is approved.

    The guard speaks before the question: nobody is asked about what would be refused.
    """
    plan = make()
    approver.show(plan)
    check_expected(plan, approval.expected)
    check_guard(plan, (plan.guard,), approval.reason)
    check_assertions(plan, plan.assertions)
    if plan.has_changes and approval.asks and not approver.approves(plan):
        raise PlannerError("Apply cancelled.", "", "Nothing was changed.")
    with open_run(plan) as run:
        return plan, apply_plan(plan, run)


def check_expected(plan: Plan, expected: str | None) -> None:
    """Raises StalePlanError unless the plan has the id that was approved."""
    if expected is not None and not expects(plan.id, expected):
        raise StalePlanError(
            "This is not the plan that was approved.",
            f"Its id is {plan.id[:SHORT_ID]}, and --expect asks for {expected[:64]}.",
            "Review the new plan and approve its id.",
        )


def apply_plan(plan: Plan, run: ApplyContext) -> Applied:
    """Writes exactly what the plan says, or raises PlannerError and says what stands now."""
    _check_place(plan, run.state.blobs.place)  # 1
    caller = run.api.caller()
    check_caller(plan, caller)
    check_guard(plan, (plan.guard, run.guard), run.approved, caller.arn)
    check_assertions(plan, (*plan.assertions, *run.assertions))
    operation = f"apply of plan {plan.id[:SHORT_ID]}"
    with locked(run, plan.registry, caller.arn, operation) as hold:  # 2
        recovery = recover(run, plan.registry)  # 3
        if recovery.outcome == "recorded" and recovery.plan_id == plan.id:
            return Applied("recovered")
        stored = run.state.snapshot(plan.registry)
        _check_state(plan, stored.value)  # 4
        text, live = read_live(run.api, plan.registry)
        if live != plan.after:
            _check_live(plan, live)  # 5
            write = PolicyWrite(plan.before, plan.after, text)
            journal = Journal(write, _next(plan, run, caller, stored))
            _change(plan, run, hold, journal, stored)
            return Applied("written")
        if live == (stored.value.policy if stored.value else None):
            return Applied("nothing")
        run.report("The live policy is already what the plan asks for.")
        _record(plan, run, _next(plan, run, caller, stored), stored)
        return Applied("already")


def check_guard(
    plan: Plan, guards: Iterable[Guard], approved: str | None, caller: str | None = None
) -> None:
    """Raises GuardError where a guard refuses the plan, or asks and no reason is given.

    `caller` is the ARN of who applies: the guard asks whether they could undo it.
    """
    found: list[Stop] = []
    for guard in guards:
        found += [stop for stop in plan.stops(guard, caller) if stop not in found]
    refused = [stop for stop in found if stop.answer == "refuse"]
    asked = [stop for stop in found if stop.answer == "ask"]
    told = [stop.to_json() for stop in refused or asked]
    if refused:
        raise GuardError(
            "The guard refuses this plan.",
            told,
            "Change the policy. If it is meant, let the guard ask instead of refuse: "
            f'{refused[0].check} = "ask" under [guard] in planner.toml.',
        )
    if asked and not (approved or "").strip():
        raise GuardError(
            "The guard asks for a reason.",
            told,
            'If it is meant, add --approve "REASON" to the command. The reason is recorded.',
        )


def check_assertions(plan: Plan, assertions: Iterable[Assertion]) -> None:
    """Raises AssertionsError unless all of them hold of the policy that the plan leads to."""
    judged = plan.judge(dict.fromkeys(assertions))
    if failed := [each.to_json() for each in judged if each.result != "holds"]:
        raise AssertionsError(
            "This plan is refused: what planner.toml asserts does not hold.",
            failed,
            "Change the policy. If it is no longer to hold: [[assert]] in planner.toml.",
        )


def check_caller(plan: Plan, caller: CallerIdentity) -> None:
    """Raises PlannerError unless the plan can be applied to the registry that is reached."""
    if plan.live == "file":
        raise PlannerError(
            "This plan cannot be applied.",
            "It was compared with a saved policy (--live), not with ECR.",
            "Plan against ECR, review that plan and apply it.",
        )
    if caller.registry != plan.registry:
        raise PlannerError(
            "This plan is for another registry.",
            f"The plan is for {plan.registry}, and the credentials and Region reach "
            f"{caller.registry}.",
            "Use the credentials and the --region of the plan's registry.",
        )


def _check_place(plan: Plan, own: str) -> None:
    """Raises PlannerError where this run keeps its state elsewhere than the plan's run did.

    The place in the plan is never taken over: whoever wrote the plan would choose where this
    run writes.
    """
    if plan.live == "ecr" and plan.state.place != own:
        raise PlannerError(
            "The plan was made with another state.",
            f"It was made with {plan.state.place}, and this run keeps its state in {own}.",
            "Give apply the --state and --config that plan was given, or plan again.",
        )


def _check_state(plan: Plan, snapshot: Snapshot | None) -> None:
    lineage, serial = (snapshot.lineage, snapshot.serial) if snapshot else (None, 0)
    recorded = snapshot.policy if snapshot else None
    if (lineage, serial, recorded) == (plan.state.lineage, plan.state.serial, plan.recorded):
        return
    if snapshot and snapshot.current.plan_id == plan.id:
        why = f"It was applied already: {snapshot.current.at}, by {snapshot.current.by}."
    elif lineage != plan.state.lineage and plan.state.lineage is not None:
        why = "The state has another lineage than the one the plan was made from."
    elif serial == plan.state.serial:
        why = "The plan shows another recorded policy than the state holds."
    else:
        why = f"The plan was made from state serial {plan.state.serial}; it is {serial} now."
    raise StalePlanError("The plan is stale.", why, "Make a new plan and have it reviewed.")


def _check_live(plan: Plan, live: AnyPolicy) -> None:
    if live != plan.before:
        raise StalePlanError(
            "The plan is stale: the live policy has changed since.",
            "",
            "Make a new plan and have it reviewed.",
            [moved(plan.registry, plan.before, live, plan.names)],
        )
    if apply_patch(plan.patch, document_of(live)) != document_of(plan.after):
        raise PlannerError("The plan's patch does not lead to its policy.", "", "Plan again.")


def _change(
    plan: Plan, run: ApplyContext, hold: Hold, journal: Journal, stored: Stored[Snapshot]
) -> None:
    hold.confirm()
    token = _write_journal(run, journal)  # 6
    try:
        run.state.check_writable(plan.registry, journal.next)
        unknown = _send(plan, run, hold)  # 7
    except PlannerError:
        # Nothing was sent, or ECR has refused it for certain.
        _clear_journal(plan, run, token)
        raise
    try:
        _read_back(plan, run, unknown)  # 8
    except _UnsettledError as error:
        # What was sent may yet arrive: nobody should take the lock before it has.
        hold.leave()
        raise error.told from error
    run.report("Read back: ECR holds exactly what was planned.")
    _record(plan, run, journal.next, stored)  # 9
    _clear_journal(plan, run, token)  # 10


def _clear_journal(plan: Plan, run: ApplyContext, token: str | None) -> None:
    try:
        run.state.clear_journal(plan.registry, token)
    except PlannerError:
        run.report("The journal could not be removed; the next run does it.")


def _next(
    plan: Plan, run: ApplyContext, caller: CallerIdentity, stored: Stored[Snapshot]
) -> Snapshot:
    """What the state is to hold once the plan is applied."""
    now = stamp(run.clock.now())
    record = Record(plan.after, plan.id, caller.arn, now, TOOL, approved=run.approved)
    return next_snapshot(stored.value, plan.registry, record, str(uuid.uuid4()))


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


def _send(plan: Plan, run: ApplyContext, hold: Hold) -> PlannerError | None:
    """Writes or deletes; gives the failure whose outcome is unknown, None where ECR said yes."""
    run.stop_if_interrupted()
    hold.confirm()
    if plan.after_text is None:
        run.report("Deleting the registry policy...")
    else:
        run.report(f"Writing the registry policy ({len(plan.after_text):,} characters)...")
    for delay in (*THROTTLE_DELAYS, None):
        try:
            if plan.after_text is None:
                run.api.delete()
            else:
                run.api.put(plan.after_text, plan.names.of(plan.after))
        except ThrottledError:
            if delay is None:
                raise
            run.clock.sleep(delay)
            run.stop_if_interrupted()
            hold.confirm()
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
    seconds = math.ceil(run.lock.lease.total_seconds())
    settle = f"The next apply settles it, or `planner recover`, after {seconds}s at the latest."
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


def _record(plan: Plan, run: ApplyContext, snapshot: Snapshot, stored: Stored[Snapshot]) -> None:
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
