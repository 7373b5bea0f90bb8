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
from planner.ports import Approver, CallerIdentity
from planner.records.journal import Journal, PolicyWrite
from planner.records.snapshot import Record, Snapshot, next_snapshot
from planner.stores.state import Stored
from planner.times import stamp
from planner.workflow.approval import Approval, check_assertions, check_expected, check_guard
from planner.workflow.context import ApplyContext
from planner.workflow.live import read_live
from planner.workflow.locking import locked
from planner.workflow.recovery import recover
from planner.workflow.sources import ReadSource, check_files
from planner.workflow.standing import check_caller, check_live, check_place, check_state
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
        """Whether the policy in ECR is another than it was when the plan was made."""
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
    check_guard(plan, (plan.guard, run.guard), run.approved, caller.arn)
    check_assertions(plan, (*plan.assertions, *run.assertions))
    operation = f"apply of plan {plan.id[:SHORT_ID]}"
    with locked(run, plan.registry, caller.arn, operation) as hold:  # 2
        recovery = recover(run, plan.registry)  # 3
        if recovery.outcome == "recorded" and recovery.plan_id == plan.id:
            return Applied("recovered")
        stored = run.state.snapshot(plan.registry)
        check_state(plan, stored.value)  # 4
        text, live = read_live(run.api, plan.registry)
        if live != plan.after:
            check_live(plan, live)  # 5
            policy = PolicyWrite(plan.before, plan.after, text)
            journal = Journal(policy, _next(plan, run, caller, stored))
            write(plan, run, hold, journal, stored)
            return Applied("written")
        if live == (stored.value.policy if stored.value else None):
            return Applied("nothing")
        run.report("The live policy is already what the plan asks for.")
        record(plan, run, _next(plan, run, caller, stored), stored)
        return Applied("already")


def _next(
    plan: Plan, run: ApplyContext, caller: CallerIdentity, stored: Stored[Snapshot]
) -> Snapshot:
    """What the state is to hold once the plan is applied."""
    now = stamp(run.clock.now())
    entry = Record(plan.after, plan.id, caller.arn, now, TOOL, approved=run.approved)
    return next_snapshot(stored.value, plan.registry, entry, str(uuid.uuid4()))
