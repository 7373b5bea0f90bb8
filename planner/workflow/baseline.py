"""Recording in the state what is live, without writing anything to AWS."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from planner import TOOL
from planner.errors import PlannerError, StalePlanError
from planner.ownership.owned import Owned
from planner.plans.address import Names
from planner.plans.plan_id import plan_id
from planner.policy.document import Policy
from planner.policy.opaque import AnyPolicy
from planner.records.snapshot import Record, Snapshot, next_snapshot
from planner.registry import Registry
from planner.times import stamp
from planner.workflow.context import ApplyContext
from planner.workflow.live import moved, read_live
from planner.workflow.locking import locked
from planner.workflow.recovery import recover


@dataclass(frozen=True, slots=True)
class Seen:
    """What a decision rests on: what was recorded and live when somebody looked; canonical."""

    registry: Registry
    snapshot: Snapshot | None
    live: AnyPolicy


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the state is to hold: a policy, and who owns what; None where one has it whole.

    `owner` is who has decided it, `verdict` and `summary` are what a record says of it.
    """

    policy: Policy | None
    owners: Mapping[str, Owned] | None
    owner: str | None = None
    verdict: str | None = None
    summary: Mapping[str, int] | None = None


def record_baseline(run: ApplyContext, seen: Seen, meant: Baseline, operation: str) -> Snapshot:
    """Records a baseline under the lock of its registry, and gives what the state holds then.

    Raises StalePlanError where state or live policy are no longer what was seen, PlannerError
    where another registry is reached or the state cannot be written.
    """
    registry = seen.registry
    caller = run.api.caller()
    if caller.registry != registry:
        raise PlannerError(
            f"{registry} cannot be recorded.",
            f"The credentials and the Region reach {caller.registry}.",
            f"Use credentials of {registry.account_id}, with --region {registry.region}.",
        )
    with locked(run, registry, caller.arn, operation):
        recover(run, registry)
        stored = run.state.snapshot(registry)
        _check_standing(run, seen, stored.value)
        now = stamp(run.clock.now())
        token = plan_id(registry, meant.owner, meant.policy, meant.policy)
        record = Record(
            meant.policy,
            token,
            caller.arn,
            now,
            TOOL,
            owner=meant.owner,
            verdict=meant.verdict,
            summary=meant.summary,
            act=operation,
        )
        lineage = str(uuid.uuid4())
        following = next_snapshot(stored.value, registry, record, lineage, meant.owners)
        run.state.write_snapshot(following, stored.token)
    return following


def _check_standing(run: ApplyContext, seen: Seen, snapshot: Snapshot | None) -> None:
    again = "Run the command again, and look at what it shows."
    if snapshot != seen.snapshot:
        raise StalePlanError(
            "The state has changed since it was shown.",
            "Another run has recorded something meanwhile.",
            again,
        )
    _, live = read_live(run.api, seen.registry)
    if live != seen.live:
        what = moved(seen.registry, seen.live, live, Names())
        raise StalePlanError("The live policy has changed since it was shown.", "", again, [what])
