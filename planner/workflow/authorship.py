"""Who changed the policy outside planner: what CloudTrail tells, laid beside the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from planner.diff.authors import Authorship, Step
from planner.errors import PlannerError
from planner.plans.plan import Plan
from planner.policy.document import Policy
from planner.policy.opaque import canonical, read_any, readable
from planner.ports import Clock, Trail, TrailEvent
from planner.records.snapshot import Record, Snapshot
from planner.stores.state import State
from planner.times import parse_stamp, stamp

CLOCKS = timedelta(minutes=5)
"""So far apart a machine's clock and AWS's may be: beyond it AWS refuses the signature.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
"""
_KEPT = timedelta(days=90)


def authors_of(plan: Plan, state: State, trail: Trail, clock: Clock) -> Plan:
    """The plan with who made the changes outside planner; a note where they cannot be asked for."""
    snapshot = state.snapshot(plan.registry).value
    if snapshot is None or not (plan.drift or plan.heads_drifted):
        return plan
    try:
        found = find_authorship(snapshot, plan.known_before, trail, clock)
    except PlannerError as error:
        return replace(plan, notes=(*plan.notes, not_asked(error)))
    heads = [found.of_heads()] if plan.heads_drifted else []
    authors = (*heads, *map(found.of, plan.drift))
    notes = plan.notes if found.is_complete else (*plan.notes, INCOMPLETE)
    return replace(plan, authors=authors, notes=notes)


INCOMPLETE = (
    "CloudTrail may not have all edits since the state was recorded: it keeps 90 days, and "
    "planner reads 500 events."
)


def not_asked(error: PlannerError) -> str:
    """The note that says why nobody is named."""
    return " ".join(filter(None, (error.summary, error.detail, error.hint)))


def find_authorship(
    snapshot: Snapshot, live: Policy | None, trail: Trail, clock: Clock
) -> Authorship:
    """Who made the changes from the recorded policy to the live one, canonical.

    Raises PlannerError where the trail cannot be asked.
    """
    record = snapshot.current
    recorded = [record.at, *(each.at for each in snapshot.owners.values())]
    try:
        since = min(map(parse_stamp, recorded)) - CLOCKS
    except ValueError:  # written by hand
        since = clock.now() - _KEPT
    found = trail.writes(since)
    steps = [_step(each, snapshot.registry.partition) for each in found.events]
    return Authorship(
        record.policy,
        live,
        _since(record, steps),
        is_complete=found.is_complete,
        earlier=_earlier(live, steps) if snapshot.owners else None,
    )


def _earlier(live: Policy | None, steps: list[Step]) -> Authorship | None:
    """Who made older changes: what was written from the first policy on that is known."""
    known = next((at for at, each in enumerate(steps) if each.is_known), None)
    if known is None:
        return None
    return Authorship(steps[known].policy, live, steps[known + 1 :], is_complete=True)


def _since(record: Record, steps: list[Step]) -> list[Step]:
    """The steps without those before the record, and without the write that it records.

    A step that left what is recorded tells which those are. Without one the time does, and the
    write itself is the one that the same caller made just then.
    """
    if any(each.is_known and each.policy == record.policy for each in steps):
        return steps
    try:
        at = parse_stamp(record.at)
    except ValueError:
        return steps
    near = (stamp(at - CLOCKS), stamp(at + CLOCKS))
    for index, each in enumerate(steps):
        is_own = each.edit.by == record.by and near[0] <= each.edit.at <= near[1]
        if is_own and not each.is_known:
            return steps[index + 1 :]
    return [each for each in steps if each.edit.at >= stamp(at)]


def _step(event: TrailEvent, partition: str) -> Step:
    if event.is_deletion:
        return Step(event.edit, None, is_known=True)
    policy = None if event.text is None else canonical(read_any(event.text, "it"), partition)
    return Step(event.edit, readable(policy), is_known=isinstance(policy, Policy))
