"""Applying a plan: the steps in their order, written once against the ports.

The numbers are those of the design. From step 6 to step 10 a journal stands, so whatever ends
the process in between is settled by the next run.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal

from planner import TOOL
from planner.errors import PlannerError
from planner.plans.plan import Plan
from planner.plans.plan_id import SHORT_ID
from planner.plans.view import summary
from planner.policy.opaque import AnyPolicy
from planner.ports import Approver, CallerIdentity
from planner.records.journal import Journal, PolicyWrite, ScopeWrite, Write
from planner.records.snapshot import Record, Snapshot, next_snapshot
from planner.stores.state import Stored
from planner.times import stamp
from planner.workflow.approval import Approval, check_assertions, check_expected, check_guard
from planner.workflow.context import ApplyContext
from planner.workflow.live import read_live
from planner.workflow.locking import locked
from planner.workflow.recovery import recover
from planner.workflow.sharing import on_todays, unseen
from planner.workflow.sources import ReadSource, check_files
from planner.workflow.standing import (
    check_caller,
    check_live,
    check_place,
    check_scope,
    check_state,
    has_v1,
    is_done,
    is_recorded,
)
from planner.workflow.writing import record, write


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
        """Whether ECR holds something else than it did when the plan was made."""
        return self.outcome in ("written", "recovered")


OpenRun = Callable[[Plan], AbstractContextManager[ApplyContext]]
"""Opens what the apply of a plan works with, its signals included."""


def apply_saved(plan: Plan, expected: str | None, read: ReadSource, open_run: OpenRun) -> Applied:
    """Applies a saved plan without a question: to save and approve it was the question."""
    check_expected(plan, expected)
    check_files(plan, read)
    with open_run(plan) as run:
        return apply_plan(plan, run)


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


def apply_plan(plan: Plan, run: ApplyContext) -> Applied:
    """Writes exactly what the plan says, or raises PlannerError and says what stands now."""
    check_place(plan, run.state.blobs.place)  # 1
    caller = run.api.caller()
    check_caller(plan, caller)
    guards = (plan.guard, run.guard)
    check_guard(plan, guards, run.approved, caller.arn)
    check_assertions(plan, (*plan.assertions, *run.assertions))
    operation = f"apply of plan {plan.id[:SHORT_ID]}"
    with locked(run, plan.registry, caller.arn, operation) as hold:  # 2
        recovery = recover(run, plan.registry)  # 3
        if recovery.outcome == "recorded" and recovery.plan_id == plan.id:
            return Applied("recovered")
        stored = run.state.snapshot(plan.registry)
        text, live = read_live(run.api, plan.registry)
        if is_done(plan, stored.value, live) and not _raises(plan, run):
            run.report("It was applied already, and what it asks for is live.")
            return Applied("nothing")
        check_state(plan, stored.value)  # 4
        now = on_todays(plan, stored.value, live, guards, caller.arn)
        if now.before != plan.before and now.after != live:
            run.report("Others have changed theirs since: the same is done to the policy of now.")
            check_assertions(now, (*plan.assertions, *run.assertions))
        for each in unseen(plan, now):
            run.report(each)
        following = _next(plan, now, run, caller, stored)
        if writes := _writes(now, run, text, live):  # 5
            write(now, run, hold, Journal(writes, following), stored)
            return Applied("written")
        if is_recorded(now, live, stored.value):
            return Applied("nothing")
        run.report("The live policy is already what the plan asks for.")
        record(now, run, following, stored)
        return Applied("already")


def _raises(plan: Plan, run: ApplyContext) -> bool:
    """Whether the scope is still to be raised. Raises PlannerError where it cannot be read."""
    return plan.scope.is_raised and has_v1(run.api)


def _writes(plan: Plan, run: ApplyContext, text: str | None, live: AnyPolicy) -> tuple[Write, ...]:
    """What of the plan is left to write. Raises PlannerError where it cannot be written now."""
    found: list[Write] = [ScopeWrite()] if _raises(plan, run) else []
    if live != plan.after:
        check_live(plan, live)
        check_scope(plan, run.api)
        found.append(PolicyWrite(plan.before, plan.after, text))
    return tuple(found)


def _next(
    plan: Plan, now: Plan, run: ApplyContext, caller: CallerIdentity, stored: Stored[Snapshot]
) -> Snapshot:
    """What the state is to hold once the plan is applied, as it is made `now`."""
    at = stamp(run.clock.now())
    entry = Record(
        now.after,
        plan.id,
        caller.arn,
        at,
        TOOL,
        approved=run.approved,
        owner=plan.owner,
        verdict=now.access.verdict,
        summary=summary(now),
    )
    lineage = str(uuid.uuid4())
    return next_snapshot(stored.value, plan.registry, entry, lineage, now.owners_after)
