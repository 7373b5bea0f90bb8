"""Accepting drift: only what was shown is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from planner.config.load import load_settings
from planner.config.settings import Flags
from planner.config.target import targets
from planner.errors import PlannerError, StalePlanError
from planner.ownership.owned import Owned
from planner.records.drift import Drift
from planner.records.snapshot import Record, next_snapshot
from planner.registry import Registry
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from planner.workflow.context import ApplyContext, LockSettings
from planner.workflow.drift import accept, find_drift
from planner.workflow.live import EcrSource
from tests.support.fakes import REGISTRY, FakeRegistry, StoppedClock
from tests.support.policies import document, policy, statement

LIVE = document(statement("A", Action="ecr:ReplicateImage"))


class Never:
    requested = False


def quiet(_: str) -> None:
    pass


@pytest.fixture
def state(tmp_path: Path) -> State:
    found = State(LocalBlobs(tmp_path / "state"))
    record = Record(policy(statement("A")), "0" * 64, "me", "then", "planner")
    found.write_snapshot(next_snapshot(None, REGISTRY, record, "lineage"), None)
    return found


def drift_of(api: FakeRegistry, state: State) -> Drift:
    settings = load_settings(Flags(), lambda _: None)
    (target,) = targets(settings, {"AWS_REGION": REGISTRY.region})
    return find_drift(settings, EcrSource(api, target), state, StoppedClock(), None)


def run_of(api: FakeRegistry, state: State) -> ApplyContext:
    lock = LockSettings("here", timedelta(minutes=1), timedelta(0))
    return ApplyContext(
        api, state, StoppedClock(), lock, "me", quiet, quiet, lambda name, _: name, Never()
    )


def test_what_was_shown_is_recorded(state: State) -> None:
    api = FakeRegistry(LIVE)
    snapshot = accept(drift_of(api, state), run_of(api, state))
    assert (snapshot.serial, snapshot.lineage) == (2, "lineage")
    assert snapshot.policy == policy(statement("A", Action="ecr:ReplicateImage"))
    stored = state.snapshot(REGISTRY).value
    assert stored is not None
    assert stored.predecessor is not None
    assert replace(stored, predecessor=None) == snapshot
    assert not {"put", "delete"} & set(api.calls)
    assert not drift_of(api, state).is_there
    assert state.locks() == []


def test_another_live_policy_is_not(state: State) -> None:
    api = FakeRegistry(LIVE)
    drift = drift_of(api, state)
    api.text = document(statement("B", "222233334444"))
    with pytest.raises(StalePlanError, match="live policy has changed") as caught:
        accept(drift, run_of(api, state))
    assert caught.value.moved
    assert state.snapshot(REGISTRY).value == drift.snapshot


def test_another_state_is_not(state: State) -> None:
    api = FakeRegistry(LIVE)
    drift = drift_of(api, state)
    accept(drift, run_of(api, state))
    with pytest.raises(StalePlanError, match="state has changed"):
        accept(drift, run_of(api, state))


def test_another_registry_is_not(state: State) -> None:
    drift = drift_of(FakeRegistry(LIVE), state)
    other = FakeRegistry(LIVE, registry=Registry("aws", "000011112222", "us-west-2"))
    with pytest.raises(PlannerError, match="cannot be recorded"):
        accept(drift, run_of(other, state))


def test_a_second_statement_of_ones_own_sid_is_accepted_once(state: State) -> None:
    """It is the owner's by its Sid: left out of what the owner has, it would be drift for ever."""
    one, two = statement("A"), statement("A", "222233334444")
    shared = {"a": Owned(policy(one).statements)}
    record = Record(policy(one), "1" * 64, "me", "then", "planner")
    stored = state.snapshot(REGISTRY)
    state.write_snapshot(next_snapshot(stored.value, REGISTRY, record, "", shared), stored.token)
    api = FakeRegistry(document(one, two))
    drift = replace(drift_of(api, state), owner="a")
    snapshot = accept(drift, run_of(api, state))
    assert snapshot.owners["a"].statements == policy(one, two).statements
    assert not drift_of(api, state).is_there
