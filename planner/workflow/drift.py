"""Drift: finding it, and recording the live policy as what is meant."""

from __future__ import annotations

from dataclasses import replace

from planner.config.settings import Settings
from planner.errors import PlannerError
from planner.policy.document import Policy
from planner.policy.opaque import OpaquePolicy, canonical
from planner.ports import Clock, Trail
from planner.records.drift import Drift, accepted
from planner.records.snapshot import Snapshot
from planner.stores.state import State
from planner.workflow.authorship import INCOMPLETE, find_authorship, not_asked
from planner.workflow.baseline import Baseline, Seen, record_baseline
from planner.workflow.context import ApplyContext
from planner.workflow.live import LiveSource


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
    baseline = Baseline(
        check_acceptable(drift),
        accepted(drift),
        drift.owner,
        drift.access.verdict,
        dict(zip(("add", "change", "destroy"), drift.counts, strict=True)),
    )
    seen = Seen(drift.registry, drift.snapshot, drift.live)
    return record_baseline(run, seen, baseline, "drift accepted")
