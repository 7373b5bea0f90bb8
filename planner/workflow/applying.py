"""Applying a plan: the steps in their order, written once against the ports.

The numbers are those of the design. A lost answer to the write is "unknown", never "failed":
reading back decides. The state says only what was read back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from planner.diff.changes import diff
from planner.diff.patch import apply_patch, document_of
from planner.errors import PlannerError, StalePlanError
from planner.plan import SHORT_ID, Plan, describe_change, expects
from planner.policy.canonical import canonicalise
from planner.policy.document import Policy
from planner.ports import Caller, Clock, OutcomeUnknownError, RegistryApi, StateStore, Stored
from planner.render.plan_text import moved_text
from planner.snapshot import Record, Snapshot, next_snapshot
from planner.workflow.planning import TOOL, parse_live

READ_BACK_DELAYS = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds to wait before each reading after a write."""

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Applied:
    """How an apply ended.

    `written`: ECR was written and read back. `already`: ECR held the policy before.
    `nothing`: there was nothing to write and nothing to record.
    """

    outcome: Literal["written", "already", "nothing"]
    snapshot: Snapshot | None


def check_expected(plan: Plan, expected: str | None) -> None:
    """Raises StalePlanError unless the plan has the id that was approved."""
    if expected is not None and not expects(plan.id, expected):
        raise StalePlanError(
            "This is not the plan that was approved.",
            f"Its id is {plan.id[:SHORT_ID]}, and --expect asks for {expected[:64]}.",
            "Review the new plan and approve its id.",
        )


def apply_plan(
    plan: Plan, api: RegistryApi, store: StateStore, clock: Clock, report: Report
) -> Applied:
    """Writes exactly what the plan says, or raises PlannerError and says what stands now."""
    caller = api.caller()
    _check_caller(plan, caller)  # 1
    holder = f"{caller.arn} for plan {plan.id[:SHORT_ID]} since {clock.now()}"
    with store.lock(plan.registry, holder):  # 2
        stored = store.read(plan.registry)
        _check_state(plan, stored.snapshot)  # 4
        live = _live(plan, api)
        already = live == plan.after
        if not already:
            _check_live(plan, live)  # 5
        elif stored.snapshot is None and live is None:
            return Applied("nothing", None)
        elif stored.snapshot and stored.snapshot.policy == live:
            return Applied("nothing", stored.snapshot)
        else:
            report("The live policy is already what the plan asks for.")
        store.check_writable(plan.registry)
        if not already:
            _write(plan, api, clock, report)  # 7, 8
        snapshot = _record(plan, caller, stored, store, clock)  # 9
        report(f"Recorded in the state: serial {snapshot.serial}.")
        return Applied("already" if already else "written", snapshot)


def _check_caller(plan: Plan, caller: Caller) -> None:
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


def _check_state(plan: Plan, snapshot: Snapshot | None) -> None:
    lineage, serial = (snapshot.lineage, snapshot.serial) if snapshot else (None, 0)
    if (lineage, serial) == (plan.state.lineage, plan.state.serial):
        return
    if snapshot and snapshot.current.plan_id == plan.id:
        why = f"It was applied already: {snapshot.current.at}, by {snapshot.current.by}."
    elif lineage != plan.state.lineage and plan.state.lineage is not None:
        why = "The state has another lineage than the one the plan was made from."
    else:
        why = f"The plan was made from state serial {plan.state.serial}; it is {serial} now."
    raise StalePlanError("The plan is stale.", why, "Make a new plan and have it reviewed.")


def _live(plan: Plan, api: RegistryApi) -> Policy | None:
    text = api.read()
    return None if text is None else canonicalise(parse_live(text), plan.registry.partition)


def _check_live(plan: Plan, live: Policy | None) -> None:
    if live != plan.before:
        changes = [describe_change(plan.registry, each) for each in diff(plan.before, live)]
        raise StalePlanError(
            "The plan is stale: the live policy has changed since.",
            moved_text(changes) or "Its Version or Id is another.",
            "Make a new plan and have it reviewed.",
        )
    if apply_patch(plan.patch, document_of(live)) != document_of(plan.after):
        raise PlannerError("The plan's patch does not lead to its policy.", "", "Plan again.")


def _write(plan: Plan, api: RegistryApi, clock: Clock, report: Report) -> None:
    unknown: PlannerError | None = None
    try:
        if plan.after_text is None:
            report("Deleting the registry policy...")
            api.delete()
        else:
            report(f"Writing the registry policy ({len(plan.after_text):,} characters)...")
            api.put(plan.after_text)
    except OutcomeUnknownError as error:
        unknown = error.cause
        report("The answer was lost; reading back what stands...")
    _read_back(plan, api, clock, unknown)
    report("Read back: ECR holds exactly what was planned.")


def _read_back(plan: Plan, api: RegistryApi, clock: Clock, unknown: PlannerError | None) -> None:
    live: Policy | None = plan.before
    for delay in READ_BACK_DELAYS:
        clock.sleep(delay)
        try:
            live = _live(plan, api)
        except PlannerError as error:
            if delay != READ_BACK_DELAYS[-1]:
                continue
            raise PlannerError(
                "The policy was sent, and cannot be read back.",
                f"{error.summary} {error.detail}",
                "Plan again when ECR answers: the plan shows what stands.",
            ) from error
        if live == plan.after:
            return
    if live == plan.before and unknown is not None:
        detail = f"{unknown.detail}\nThe policy is as it was before.".strip()
        raise PlannerError(unknown.summary, detail, unknown.hint)
    if live == plan.before:
        raise PlannerError(
            "ECR took the policy and still shows the old one.",
            f"It was read {len(READ_BACK_DELAYS)} times.",
            "Plan again in a minute: the plan shows what stands.",
        )
    changes = [describe_change(plan.registry, each) for each in diff(plan.after, live)]
    raise PlannerError(
        "Somebody else changed the policy at the same moment.",
        f"It is neither what it was nor what was planned:\n{moved_text(changes)}",
        "Talk to them, then plan again.",
    )


def _record(
    plan: Plan, caller: Caller, stored: Stored, store: StateStore, clock: Clock
) -> Snapshot:
    record = Record(plan.after, plan.id, caller.arn, clock.now(), TOOL)
    snapshot = next_snapshot(stored.snapshot, plan.registry, record)
    try:
        store.write(snapshot, stored.token)
    except PlannerError as error:
        raise PlannerError(
            "ECR holds the planned policy, and the state could not be written.",
            f"{error.summary} {error.detail}",
            "Mend the cause, then plan and apply again: apply records what it finds.",
        ) from error
    return snapshot
