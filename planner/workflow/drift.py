"""Drift: finding it, and recording the live policy as what is meant."""

from __future__ import annotations

import uuid
from dataclasses import replace

from planner import TOOL
from planner.config.settings import Settings
from planner.errors import PlannerError, StalePlanError
from planner.plans.address import Names
from planner.plans.plan_id import plan_id
from planner.policy.document import Policy
from planner.policy.opaque import OpaquePolicy, canonical
from planner.ports import Clock, Trail
from planner.records.drift import Drift, accepted
from planner.records.snapshot import Record, Snapshot, next_snapshot
from planner.stores.state import State
from planner.times import stamp
from planner.workflow.authorship import INCOMPLETE, find_authorship, not_asked
from planner.workflow.context import ApplyContext
from planner.workflow.live import LiveSource, moved, read_live
from planner.workflow.locking import locked
from planner.workflow.recovery import recover


def find_drift(
    settings: Settings, source: LiveSource, state: State, clock: Clock, trail: Trail | None
) -> Drift:
    """What changed in the registry that is reached since the state recorded it.

    With a `trail` it is asked who did it. Raises PlannerError where nothing is recorded.
    """
    found = source.find(None)
    snapshot = state.snapshot(found.registry).value
    if snapshot is None:
        raise PlannerError(
            f"Nothing is recorded of {found.registry}, so nothing can have drifted.",
            f"The state in {state.blobs.place} does not know this registry.",
            "The first `planner apply` records it; `planner import` records what is live.",
        )
    drift = Drift(
        snapshot,
        canonical(source.read(), found.registry.partition),
        state.blobs.place,
        origins=found.origins,
        endpoint=source.endpoint,
        accounts=settings.toml.accounts,
        owner=settings.toml.owner,
    )
    if not drift.is_there:
        return drift
    drift = replace(drift, scope=settings.scope or source.scope())
    return drift if trail is None else _with_authors(drift, trail, clock)


def _with_authors(drift: Drift, trail: Trail, clock: Clock) -> Drift:
    """The drift with who made it; a note where they cannot be asked for."""
    if isinstance(drift.live, OpaquePolicy):
        return drift
    try:
        found = find_authorship(drift.snapshot, drift.live, trail, clock)
    except PlannerError as error:
        return replace(drift, notes=(not_asked(error),))
    return replace(drift, authorship=found, notes=() if found.is_complete else (INCOMPLETE,))


def check_acceptable(drift: Drift) -> Policy | None:
    """The live policy. Raises PlannerError where it cannot be read."""
    if isinstance(drift.live, OpaquePolicy):
        raise PlannerError(
            "A live policy that planner cannot read can be neither recorded nor written.",
            f"{drift.live.reason}.",
            "Change it in ECR, or plan to replace it: planner plan",
        )
    return drift.live


def accept(drift: Drift, run: ApplyContext) -> Snapshot:
    """Records the live policy as the baseline. AWS is only read.

    Gives what the state holds then. Raises StalePlanError where the state or the live policy is
    no longer what the drift was shown of, PlannerError where the state cannot be written.
    """
    policy, registry = check_acceptable(drift), drift.registry
    caller = run.api.caller()
    if caller.registry != registry:
        raise PlannerError(
            f"The drift of {registry} cannot be accepted.",
            f"The credentials and the Region reach {caller.registry}.",
            f"Use credentials of {registry.account_id}, with --region {registry.region}.",
        )
    with locked(run, registry, caller.arn, "accepting drift"):
        recover(run, registry)
        stored = run.state.snapshot(registry)
        _check_standing(drift, run, stored.value)
        record = Record(
            policy,
            plan_id(registry, drift.owner, policy, policy),
            caller.arn,
            stamp(run.clock.now()),
            TOOL,
            owner=drift.owner,
            verdict=drift.access.verdict,
            summary=dict(zip(("add", "change", "destroy"), drift.counts, strict=True)),
        )
        following = next_snapshot(
            stored.value, registry, record, str(uuid.uuid4()), accepted(drift)
        )
        run.state.write_snapshot(following, stored.token)
    return following


def _check_standing(drift: Drift, run: ApplyContext, snapshot: Snapshot | None) -> None:
    """Raises StalePlanError unless state and live policy are as they were shown."""
    hint = "Look again: planner drift"
    if snapshot != drift.snapshot:
        raise StalePlanError(
            "The state has changed since the drift was shown.",
            "Another run has recorded something meanwhile.",
            hint,
        )
    _, live = read_live(run.api, drift.registry)
    if live != drift.live:
        what = moved(drift.registry, drift.live, live, Names())
        raise StalePlanError(
            "The live policy has changed since the drift was shown.", "", hint, [what]
        )
