"""Snapshots: what is written, and what is read of every format."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from planner.errors import PlannerError
from planner.ownership.owned import Owned, OwnerSource
from planner.records.history_key import history_key
from planner.records.snapshot import Record, Snapshot, load_snapshot, next_snapshot
from planner.registry import Registry
from tests.support.earlier_formats import snapshot_1
from tests.support.policies import policy, statement
from tests.support.schema import SNAPSHOT

REGISTRY = Registry("aws", "444455556666", "us-west-2")
AT = "2026-11-23T22:37:57Z"


def record(sid: str | None, approved: str | None = None) -> Record:
    recorded = None if sid is None else policy(statement(sid))
    return Record(recorded, "ab" * 32, "arn:of:me", AT, "planner 1", approved=approved)


def made(*records: Record) -> Snapshot:
    snapshot = next_snapshot(None, REGISTRY, records[0], "lineage")
    for each in records[1:]:
        snapshot = next_snapshot(snapshot, REGISTRY, each, "another")
    return snapshot


def owned(*sids: str, path: str | None = "planner.toml") -> Owned:
    statements = policy(*map(statement, sids)).statements
    return Owned(statements, OwnerSource("example.com/team", path))


SHARED = next_snapshot(
    made(record("A")),
    REGISTRY,
    replace(record("B"), owner="b", verdict="both", summary={"add": 1, "change": 0, "destroy": 2}),
    "",
    {"b": owned("B"), "a.9_-": Owned(())},
)
SNAPSHOTS = [
    made(record("A")),
    made(record("A"), record(None, "so it is")),
    made(*(record(f"S{number}") for number in range(15))),
]
BEFORE = history_key(REGISTRY, 1, b"")
OLD = replace(
    SNAPSHOTS[2], history=tuple(replace(record(f"S{n}"), serial=n) for n in range(14, 4, -1))
)
"""As a planner wrote it that kept earlier records in the snapshot itself."""


@pytest.mark.parametrize("snapshot", [*SNAPSHOTS, OLD, SHARED, replace(SHARED, predecessor=BEFORE)])
def test_what_is_written_is_read_again(snapshot: Snapshot) -> None:
    assert load_snapshot(snapshot.to_text(), "x", REGISTRY) == snapshot
    document = json.loads(snapshot.to_text())
    SNAPSHOT.validate(document)
    assert list(document["owners"]) == sorted(snapshot.owners)


def test_an_owner_has_the_serial_and_time_of_the_snapshot_in_which_its_part_last_changed() -> None:
    def next_of(snapshot: Snapshot, at: str, **owners: Owned) -> Snapshot:
        return next_snapshot(snapshot, REGISTRY, replace(record("A"), at=at), "", owners=owners)

    second = next_of(made(record("A")), "2026-01-02T00:00:00Z", a=owned("A"), b=owned("B"))
    third = next_of(second, "2026-01-03T00:00:00Z", a=owned("A"), b=owned("B", "C"))
    fourth = next_of(third, "2026-01-04T00:00:00Z", a=owned("A", path=None), b=owned("B", "C"))
    for snapshot, serials in ((second, (2, 2)), (third, (2, 3)), (fourth, (4, 3))):
        held = [snapshot.owners[name] for name in "ab"]
        assert [each.serial for each in held] == list(serials)
        assert [each.at for each in held] == [f"2026-01-{n:02}T00:00:00Z" for n in serials]


def test_nobody_owns_a_part_of_an_exclusive_policy() -> None:
    assert [each.exclusive for each in (made(record("A")), SHARED)] == [True, False]
    with pytest.raises(ValueError, match="nobody's alone"):
        replace(SHARED, exclusive=True)
    nobodys = next_snapshot(SHARED, REGISTRY, record("A"), "", owners={})
    assert load_snapshot(nobodys.to_text(), "x") == nobodys
    assert not nobodys.exclusive


def test_members_that_came_later_may_be_missing() -> None:
    for snapshot in (SNAPSHOTS[1], SHARED):
        document = json.loads(snapshot.to_text())
        for name in ("exclusive", "owner", "verdict", "summary"):
            del document[name]
        loaded = load_snapshot(json.dumps(document), "x")
        current = replace(snapshot.current, owner=None, verdict=None, summary=None)
        assert loaded == replace(snapshot, current=current)


def test_what_an_owner_holds_may_be_missing_in_the_policy() -> None:
    document = json.loads(SHARED.to_text())
    document["owners"]["b"]["statements"] = json.loads(made(record("X")).to_text())["policy"][
        "Statement"
    ]
    assert load_snapshot(json.dumps(document), "x").owners["b"].statements == owned("X").statements


def test_a_snapshot_does_not_grow() -> None:
    assert (SNAPSHOTS[2].serial, SNAPSHOTS[2].lineage) == (15, "lineage")
    assert next_snapshot(OLD, REGISTRY, record("Z"), "").history == ()


def test_what_follows_a_snapshot_follows_it_once_more() -> None:
    first, second = made(record("A")), made(record("A"), record("B"))
    assert second.following(first) == second
    assert second.following(None) == second
    assert made(record("C")).following(second) == made(record("A"), record("B"), record("C"))


@pytest.mark.parametrize("snapshot", [*SNAPSHOTS, OLD])
def test_format_1_is_read_and_written_as_format_2(snapshot: Snapshot) -> None:
    old = snapshot_1(json.loads(snapshot.to_text()))
    assert load_snapshot(json.dumps(old), "x") == snapshot
    oldest = snapshot_1(json.loads(snapshot.to_text()), approved=False)
    migrated = load_snapshot(json.dumps(oldest), "x")
    assert migrated.current.approved is None
    assert migrated.history == snapshot.history
    SNAPSHOT.validate(json.loads(migrated.to_text()))


def changed(**members: Any) -> str:
    return json.dumps({**json.loads(SNAPSHOTS[1].to_text()), **members})


OWNED = {
    "statements": [],
    "source": {"repository": None, "path": None},
    "serial": 1,
    "at": AT,
}


def test_what_only_a_newer_planner_knows_is_refused() -> None:
    with pytest.raises(PlannerError, match="x has format 3; this planner knows 2") as caught:
        load_snapshot(changed(version=3), "x")
    assert caught.value.detail == "A newer planner has written it."


@pytest.mark.parametrize("name", SNAPSHOT.schema["required"])
def test_a_snapshot_without_a_member_is_damaged(name: str) -> None:
    document = json.loads(SNAPSHOTS[1].to_text())
    del document[name]
    with pytest.raises(PlannerError, match="is damaged"):
        load_snapshot(json.dumps(document), "x")


NO_KEYS = (
    "",
    "444455556666/us-west-2.json",
    "history/444455556666/us-west-2/../1-0123456789abcdef.json",
    "history/444455556666/us-west-2/0-0123456789abcdef.json",
    "history/444455556666/us-west-2/1-0123456789abcdef.json\n",
    "history/444455556666/eu-west-1/1-0123456789abcdef.json",
    "1-0123456789abcdef.json",
)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "It is not JSON: Expecting value (line 1)."),
        ('{\n"version":', "It is not JSON: Expecting value (line 2)."),
        ("[]", "Something in it"),
        ("[" * 100_000, "Something in it"),
        ('{"version": 2, "version": 2}', "Something in it"),
        (changed(policy={"Statement": [{"Effect": "maybe"}]}), "Something in it"),
        (changed(registry={"partition": "aws", "account_id": "1", "region": "x"}), "Something"),
        (changed(history=[{}]), "Something in it"),
        (changed(version=0), "Something in it"),
        (changed(predecessor=1), "Something in it"),
        *((changed(predecessor=key), "Something in it") for key in NO_KEYS),
        (changed(exclusive="yes"), "Something in it"),
        (changed(summary={"add": 1}), "Something in it"),
        (changed(summary={"add": -1, "change": 0, "destroy": False}), "Something in it"),
        (changed(owners=[]), "Something in it"),
        (changed(owners={"team": OWNED}, exclusive=True), "Something in it"),
        (changed(owners={"a team": OWNED}, exclusive=False), "Something in it"),
        (changed(owners={"a" * 65: OWNED}, exclusive=False), "Something in it"),
        (changed(owners={"a": {**OWNED, "serial": 0}}, exclusive=False), "Something in it"),
        (changed(owners={"a": {**OWNED, "source": {}}}, exclusive=False), "Something in it"),
        (changed(owners={"a": {**OWNED, "statements": [{}]}}, exclusive=False), "Something in it"),
    ],
)
def test_a_damaged_snapshot(text: str, why: str) -> None:
    with pytest.raises(PlannerError, match="The state x is damaged") as caught:
        load_snapshot(text, "x")
    assert caught.value.detail.startswith(why)


def test_a_snapshot_of_another_registry() -> None:
    with pytest.raises(PlannerError, match="another registry"):
        load_snapshot(SNAPSHOTS[0].to_text(), "x", Registry("aws", "444455556666", "eu-west-1"))
