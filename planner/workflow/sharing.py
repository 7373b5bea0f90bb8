"""An owner's plan on the registry of today: others may have changed theirs since it was made.

The same changes are made to the live policy as it is now. They are still what was approved where
nobody gains or loses anything else by them, and where guard and rules say nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.access.api import Comparison, Grant
from planner.diff.changes import Change, Create, Delete, Update
from planner.errors import OwnerError, StalePlanError
from planner.guard.checks import Stop
from planner.guard.settings import Guard
from planner.lint.check import check_beside
from planner.ownership.conflicts import settled_policy
from planner.ownership.settle import Share, claims, settle
from planner.plans.address import places_of
from planner.plans.plan import Plan
from planner.policy.document import JsonObject, Policy, Statement, serialize
from planner.policy.opaque import AnyPolicy, OpaquePolicy
from planner.policy.parse import parse_policy
from planner.records.snapshot import Snapshot
from planner.workflow.live import moved
from planner.workflow.standing import AGAIN, recorded_for

_DONE: dict[type[Change], str] = {
    Create: "was added",
    Update: "was changed",
    Delete: "was taken away",
}


def on_todays(
    plan: Plan, snapshot: Snapshot | None, live: AnyPolicy, guards: Iterable[Guard], caller: str
) -> Plan:
    """The plan from the live policy of now, if it still is what was approved.

    A plan without an owner stays as it is. Raises StalePlanError where the live statements of
    the owner are others, or where the changes of others make these changes mean another thing.
    """
    if plan.share is None or plan.settled is None:
        return plan
    if isinstance(live, OpaquePolicy):
        raise _stale(plan, live, "The live policy is one that this planner cannot read.")
    now = _moved(plan, plan.share, snapshot, live)
    if now.taken != plan.taken:
        raise _stale(plan, live, f"What {plan.owner} takes over is another's by now, or changed.")
    was, is_now = ((each.before, each.settled, each.recorded) for each in (plan, now))
    if was == is_now or (now.after == live and not plan.scope.is_raised):
        return now
    if now.settled is None or now.settled.own != plan.settled.own:
        raise _stale(plan, live, f"Live statements of {plan.owner} are others by now.")
    if differing := _differing(plan, now, guards, caller):
        raise _stale(plan, live, f"With what others changed since, {differing}.")
    return now


def unseen(plan: Plan, now: Plan) -> list[str]:
    """What somebody did outside planner, since the plan was made, to what nobody owns; in words.

    The state takes it in with the policy of `now`, so no later plan and no drift tells of it.
    """
    shown = [(type(each), _changed(each)) for each in plan.drift]
    return [
        f"{now.name_before(_changed(each))} {_DONE[type(each)]} outside planner since the plan was "
        "made. Nobody owns it, and it stays so."
        for each in now.drift
        if not now.drift_owners(each) and (type(each), _changed(each)) not in shown
    ]


def _changed(change: Change) -> Statement:
    return change.before if isinstance(change, Delete) else change.after


def _moved(plan: Plan, share: Share, snapshot: Snapshot | None, live: Policy | None) -> Plan:
    """The plan made again from what is recorded and live now, approved or not."""
    owners, recorded, state = plan.owners, plan.recorded, plan.state
    if snapshot is not None:
        owners, recorded = snapshot.owners, recorded_for(plan, snapshot)
        state = replace(
            state,
            lineage=snapshot.lineage,
            serial=snapshot.serial,
            exclusive=snapshot.exclusive,
        )
    held = claims(share, recorded, owners, exclusive=state.exclusive)
    try:
        after = settled_policy(live, settle(live, held, share), share, plan.source.name)
    except OwnerError as error:
        raise StalePlanError(
            "The plan is stale: something of somebody else's is in its way by now.",
            error.summary,
            AGAIN,
        ) from error
    now = replace(plan, before=live, after=after, owners=owners, recorded=recorded, state=state)
    if plan.after is None or not plan.source.places:
        return now
    places = places_of(plan.after, plan.source.places, after, plan.registry.partition)
    return replace(now, source=replace(plan.source, places=places))


def _differing(plan: Plan, now: Plan, guards: Iterable[Guard], caller: str) -> str:
    """What the same changes mean besides what was approved, in words; empty for nothing."""
    if _rows(plan.access) != _rows(now.access):
        return "other access is gained or lost by this plan than was approved"
    if _findings(plan) != _findings(now):
        return "the rules find something else than was approved"
    for guard in guards:
        then, today = (_told(each.stops(guard, caller)) for each in (plan, now))
        if then != today:
            return "the guard stops at something else than was approved"
    return ""


def _findings(plan: Plan) -> list[str]:
    """What the rules find in the owner's statements beside those of others."""
    share, settled = plan.share, plan.settled
    if share is None or share.wanted is None or settled is None:
        return []
    own = parse_policy(serialize(share.wanted), "the plan")
    others = [each.statement for each in settled.kept]
    found = check_beside(own, others, plan.registry, plan.scope.after)
    return sorted(f"{each.rule} {each.severity} {each.message}" for each in found)


def _rows(access: Comparison) -> list[JsonObject]:
    """What a comparison says, without its proofs and the places of statements."""
    tables: Sequence[Sequence[Grant]] = (
        access.gained,
        access.lost,
        access.denied,
        access.released,
    )
    rows = [
        {**row.to_json(), "table": number, "witness": None, "statement": row.sid}
        for number, table in enumerate(tables)
        for row in table
    ]
    doubts = [{**each.to_json(), "statement": each.sid} for each in access.unknown]
    return sorted([*rows, *doubts], key=repr)


def _told(stops: Iterable[Stop]) -> list[str]:
    return sorted(f"{each.check} {each.answer} {each.message} {each.statement}" for each in stops)


def _stale(plan: Plan, live: AnyPolicy, why: str) -> StalePlanError:
    return StalePlanError(
        "The plan is stale.",
        why,
        AGAIN,
        [moved(plan.registry, plan.before, live, plan.names, "Changed since it was made:")],
    )
