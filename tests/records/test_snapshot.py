"""Snapshots: what is written, and what is read of every format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.errors import PlannerError
from planner.records.snapshot import KEPT, Record, Snapshot, load_snapshot, next_snapshot
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


SNAPSHOTS = [
    made(record("A")),
    made(record("A"), record(None, "so it is")),
    made(*(record(f"S{number}") for number in range(15))),
]


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_what_is_written_is_read_again(snapshot: Snapshot) -> None:
    assert load_snapshot(snapshot.to_text(), "x", REGISTRY) == snapshot
    document = json.loads(snapshot.to_text())
    SNAPSHOT.validate(document)
    assert (document["version"], document["owners"], document["predecessor"]) == (2, {}, None)


def test_ten_earlier_records_are_kept() -> None:
    snapshot = SNAPSHOTS[2]
    assert (snapshot.serial, snapshot.lineage, len(snapshot.history)) == (15, "lineage", KEPT)
    assert [each.serial for each in snapshot.history] == list(range(14, 4, -1))


def test_what_follows_a_snapshot_follows_it_once_more() -> None:
    first, second = made(record("A")), made(record("A"), record("B"))
    assert second.following(first) == second
    assert second.following(None) == second
    assert made(record("C")).following(second) == made(record("A"), record("B"), record("C"))


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
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


OWNED = {"statements": [], "source": {}, "serial": 1, "at": AT}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (changed(version=3), "x has format 3; this planner knows 2"),
        (changed(owners={"team": OWNED}), "x has owners"),
        (changed(predecessor="history/1.json"), "x has owners or a history of files"),
    ],
)
def test_what_only_a_newer_planner_knows_is_refused(text: str, words: str) -> None:
    with pytest.raises(PlannerError, match=words) as caught:
        load_snapshot(text, "x")
    assert caught.value.detail == "A newer planner has written it."


@pytest.mark.parametrize("name", SNAPSHOT.schema["required"])
def test_a_snapshot_without_a_member_is_damaged(name: str) -> None:
    document = json.loads(SNAPSHOTS[1].to_text())
    del document[name]
    with pytest.raises(PlannerError, match="is damaged"):
        load_snapshot(json.dumps(document), "x")


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
    ],
)
def test_a_damaged_snapshot(text: str, why: str) -> None:
    with pytest.raises(PlannerError, match="The state x is damaged") as caught:
        load_snapshot(text, "x")
    assert caught.value.detail.startswith(why)


def test_a_snapshot_of_another_registry() -> None:
    with pytest.raises(PlannerError, match="another registry"):
        load_snapshot(SNAPSHOTS[0].to_text(), "x", Registry("aws", "444455556666", "eu-west-1"))
