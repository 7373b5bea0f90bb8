"""Drift as a value: whose it is, and what accepting it makes of the owners' records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.ownership.owned import Owned
from planner.policy.document import Policy
from planner.policy.opaque import AnyPolicy, OpaquePolicy
from planner.records.drift import Drift, accepted, drift_view
from planner.records.snapshot import Record, Snapshot
from tests.support.fakes import REGISTRY
from tests.support.policies import policy, statement

A, B, C = statement("A"), statement("B", "222233334444"), statement("C", "333344445555")
A2 = {**A, "Action": "ecr:ReplicateImage"}
B2 = {**B, "Action": "ecr:ReplicateImage"}


def shared(live: AnyPolicy, owner: str | None = None) -> Drift:
    """A registry in which A is of team-a and of platform, B of team-b, and C of nobody."""
    recorded = policy(A, B, C)
    one, other, _ = recorded.statements
    owners = {"platform": Owned((one,)), "team-a": Owned((one,)), "team-b": Owned((other,))}
    record = Record(recorded, "0" * 64, "me", "then", "planner", 3)
    snapshot = Snapshot("lineage", REGISTRY, record, owners=owners, exclusive=False)
    return Drift(snapshot, live, "state", owner=owner)


def owners(drift: Drift) -> list[tuple[str, list[str]]]:
    return [(each["name"], each["owners"]) for each in drift_view(drift)["changes"]]


def test_each_statement_has_its_owners_this_project_first() -> None:
    live = policy(A2, B2, statement("New", "444455556666", Action="ecr:PutImage"))
    assert owners(shared(live)) == [
        ('statement["A"]', ["platform", "team-a"]),
        ('statement["B"]', ["team-b"]),
        ('statement["New"]', []),
        ('statement["C"]', []),
    ]
    assert owners(shared(live, "team-b"))[0] == ('statement["B"]', ["team-b"])
    assert owners(shared(live, "team-a"))[0] == ('statement["A"]', ["team-a", "platform"])


def test_accepting_changes_what_is_mine_alone() -> None:
    live = policy(A2, B2)
    drift = shared(live, "team-a")
    found = accepted(drift)
    assert found is not None
    assert found["team-a"].statements == policy(A2).statements
    assert found["platform"] == drift.snapshot.owners["platform"]
    assert found["team-b"] == drift.snapshot.owners["team-b"]
    gone = accepted(shared(policy(B), "team-a"))
    assert gone is not None
    assert gone["team-a"].statements == ()
    assert accepted(shared(live)) == drift.snapshot.owners


def test_a_policy_of_one_project_has_no_owners() -> None:
    drift = shared(policy(A))
    snapshot = replace(drift.snapshot, owners={}, exclusive=True)
    assert accepted(replace(drift, snapshot=snapshot)) is None


@pytest.mark.parametrize("live", [None, policy(A, B, C), policy(A2)])
def test_the_counts_are_those_of_the_changes(live: Policy | None) -> None:
    view = drift_view(shared(live))
    assert sum(view["summary"].values()) == len(view["changes"])
    assert view["drifted"] == bool(view["changes"])


def test_of_what_cannot_be_read_nothing_is_known() -> None:
    view = drift_view(shared(OpaquePolicy("{}", "it is new")))
    assert (view["drifted"], view["changes"], view["unreadable"]) == (True, [], "it is new")
    assert view["access"]["verdict"] == "unknown"
