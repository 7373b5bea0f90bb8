"""What must still stand as it did when a plan was made: the registry, the state, the policy."""

from __future__ import annotations

from planner.diff.patch import apply_patch, document_of
from planner.errors import PlannerError, StalePlanError
from planner.ownership.claims import baseline
from planner.ownership.settle import claims
from planner.plans.plan import Plan
from planner.policy.document import Policy
from planner.policy.opaque import AnyPolicy
from planner.ports import CallerIdentity, RegistryApi
from planner.records.snapshot import Snapshot
from planner.registry import RAISED, ScopeChange
from planner.workflow.live import known_scope, moved

AGAIN = "Make a new plan and have it reviewed."
"""What to do about a plan that is stale."""


def check_place(plan: Plan, own: str) -> None:
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


def check_state(plan: Plan, snapshot: Snapshot | None) -> None:
    """Raises StalePlanError unless the state is the one that the plan was made from."""
    lineage, serial = (snapshot.lineage, snapshot.serial) if snapshot else (None, 0)
    is_newer = serial != plan.state.serial
    if plan.share and not plan.share.take_all:
        is_own = is_own_as_planned(plan, snapshot)
        if is_own and is_newer:
            return
        if not is_own and lineage == plan.state.lineage:
            raise _own_stale(plan, snapshot)
    held = (snapshot.owners, snapshot.exclusive) if snapshot else ({}, plan.state.exclusive)
    shown = (plan.recorded, plan.owners, plan.state.exclusive)
    is_as_shown = (recorded_for(plan, snapshot), *held) == shown
    if lineage == plan.state.lineage and not is_newer and is_as_shown:
        return
    if snapshot and snapshot.current.plan_id == plan.id:
        why = f"It was applied already: {snapshot.current.at}, by {snapshot.current.by}."
    elif lineage != plan.state.lineage and plan.state.lineage is not None:
        why = "The state has another lineage than the one the plan was made from."
    elif not is_newer:
        why = "The plan shows another recorded policy, or other owners, than the state holds."
    else:
        why = f"The plan was made from state serial {plan.state.serial}; it is {serial} now."
    raise StalePlanError("The plan is stale.", why, AGAIN)


def is_own_as_planned(plan: Plan, snapshot: Snapshot | None) -> bool:
    """Whether the state has of the plan's owner what it had; all else may be another."""
    before = plan.owners.get(plan.owner or "")
    if snapshot is None:
        return plan.state.lineage is None
    if plan.state.lineage is None:
        return not snapshot.exclusive and plan.owner not in snapshot.owners
    return (
        snapshot.lineage == plan.state.lineage
        and snapshot.exclusive == plan.state.exclusive
        and snapshot.owners.get(plan.owner or "") == before
    )


def recorded_for(plan: Plan, snapshot: Snapshot | None) -> Policy | None:
    """What the state holds, as the plan looks at it."""
    if snapshot is None:
        return None
    held = snapshot.owners
    if plan.share is not None:
        held = claims(plan.share, snapshot.policy, held, exclusive=snapshot.exclusive)
    return baseline(snapshot.policy, held)


def is_done(plan: Plan, snapshot: Snapshot | None, live: AnyPolicy) -> bool:
    """Whether the newest that the state records is this very plan, and what it leads to is live."""
    if snapshot is None or snapshot.current.plan_id != plan.id:
        return False
    return live == plan.after == snapshot.policy


def is_recorded(plan: Plan, live: AnyPolicy, snapshot: Snapshot | None) -> bool:
    """Whether the state has nothing to record where `live` is what the plan asks for."""
    if plan.share is not None:
        return not plan.state_behind
    if snapshot is None:
        return live is None
    return live == snapshot.policy and snapshot.exclusive


def _own_stale(plan: Plan, snapshot: Snapshot | None) -> StalePlanError:
    if snapshot and snapshot.current.plan_id == plan.id:
        why = f"It was applied already: {snapshot.current.at}, by {snapshot.current.by}."
    elif snapshot and snapshot.exclusive:
        why = "A project without an owner has taken the whole policy since."
    else:
        owned = snapshot.owners.get(plan.owner or "") if snapshot else None
        since = f"since serial {owned.serial} of the state" if owned else "by now"
        why = f"The statements of {plan.owner} are others {since}."
    return StalePlanError("The plan is stale.", why, AGAIN)


def check_live(plan: Plan, live: AnyPolicy) -> None:
    """Raises StalePlanError unless the live policy is the one that the plan changes."""
    if live != plan.before:
        raise StalePlanError(
            "The plan is stale: the live policy has changed since.",
            "",
            AGAIN,
            [moved(plan.registry, plan.before, live, plan.names)],
        )
    if apply_patch(plan.patch, document_of(live)) != document_of(plan.after):
        raise PlannerError("The plan's patch does not lead to its policy.", "", "Plan again.")


def has_v1(api: RegistryApi) -> bool:
    """Whether the scope is still to be raised: somebody else may have done it meanwhile.

    Raises PlannerError where it cannot be read.
    """
    return known_scope(api, "The plan raises it from V1.") == RAISED.before


def check_scope(plan: Plan, api: RegistryApi) -> None:
    """Raises StalePlanError where the scope was raised since a plan was made that leaves it V1.

    Its access is that of V1, where the policy is held against three actions alone.
    """
    if plan.scope == ScopeChange("V1", "V1") and api.scope() == RAISED.after:
        raise StalePlanError(
            "The plan is stale: the registry has policy scope V2.",
            "It was made for V1, so what it says of access does not hold.",
            'Make a new plan and have it reviewed. If planner.toml tells scope = "V1", mend it.',
        )
