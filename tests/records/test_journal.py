"""Journals: what is written, and what is read of every format."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.errors import PlannerError
from planner.ownership.owned import Owned
from planner.records.journal import Journal, PolicyWrite, ScopeWrite, load_journal
from planner.records.snapshot import Record, next_snapshot
from planner.registry import Registry
from tests.support.earlier_formats import journal_1
from tests.support.policies import policy, statement
from tests.support.schema import JOURNAL

REGISTRY = Registry("aws", "444455556666", "us-west-2")
BEFORE, AFTER = policy(statement("A")), policy(statement("B"))


def record(number: int, approved: str | None = None) -> Record:
    recorded = AFTER if number % 2 else BEFORE
    at = f"2026-11-23T22:37:{number:02}Z"
    return Record(recorded, f"{number:02}" * 32, "arn:of:me", at, "planner 1", approved=approved)


FIRST = next_snapshot(None, REGISTRY, record(0), "lineage")
NEXT = next_snapshot(FIRST, REGISTRY, record(1, "it is meant"), "lineage")
DELETION = next_snapshot(FIRST, REGISTRY, Record(None, "0" * 64, "by", record(2).at, "t"), "x")
JOURNALS = [
    Journal((PolicyWrite(BEFORE, AFTER, '{"Statement": []}'),), NEXT),
    Journal((PolicyWrite(None, BEFORE, None),), FIRST),
    Journal((PolicyWrite(BEFORE, None, "{}"),), DELETION),
]
SHARED = next_snapshot(FIRST, REGISTRY, record(1), "", owners={"team-a": Owned(AFTER.statements)})


OTHERS = [
    Journal((PolicyWrite(None, AFTER, None),), SHARED),
    Journal((ScopeWrite(), PolicyWrite(BEFORE, AFTER, "{}")), NEXT),
    Journal((ScopeWrite(),), NEXT),
]


@pytest.mark.parametrize("journal", [*JOURNALS, *OTHERS])
def test_what_is_written_is_read_again(journal: Journal) -> None:
    assert load_journal(journal.to_text(), "x", REGISTRY) == journal
    document = json.loads(journal.to_text())
    JOURNAL.validate(document)
    assert document["next"] == journal.next.to_json()
    kinds = ["scope"] * journal.raises_scope + ["policy"] * (journal.policy is not None)
    assert [each["kind"] for each in document["writes"]] == kinds


def test_what_owners_hold_follows_once_more() -> None:
    later = next_snapshot(FIRST, REGISTRY, record(2), "lineage")
    again = SHARED.following(later)
    assert (again.serial, again.owners["team-a"].serial) == (3, 3)
    assert not again.exclusive


@pytest.mark.parametrize("journal", JOURNALS)
def test_format_1_is_read_with_all_that_it_holds(journal: Journal) -> None:
    old = journal_1(json.loads(journal.to_text()))
    migrated = load_journal(json.dumps(old), "x", REGISTRY)
    assert migrated == journal
    JOURNAL.validate(json.loads(migrated.to_text()))
    previous = FIRST if journal.next.serial > 1 else None
    assert migrated.next.following(previous) == journal.next
    oldest = journal_1(json.loads(journal.to_text()), approved=False)
    assert load_journal(json.dumps(oldest), "x", REGISTRY).next.current.approved is None


def changed(**members: Any) -> str:
    return json.dumps({**json.loads(JOURNALS[0].to_text()), **members})


SCOPE = {"kind": "scope", "before": "V1", "after": "V2"}
(POLICY_WRITE,) = json.loads(JOURNALS[0].to_text())["writes"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (changed(version=3), "x has format 3; this planner knows 2"),
        (changed(writes=[{**SCOPE, "kind": "tags"}, POLICY_WRITE]), "x has a write of tags"),
        (changed(next={**NEXT.to_json(), "version": 3}), "x has format 3"),
    ],
)
def test_what_only_a_newer_planner_knows_is_refused(text: str, words: str) -> None:
    with pytest.raises(PlannerError, match=words) as caught:
        load_journal(text, "x", REGISTRY)
    assert caught.value.detail == "A newer planner has written it."
    assert "discard" not in caught.value.hint


@pytest.mark.parametrize("name", JOURNAL.schema["required"])
def test_a_journal_without_a_member_is_damaged(name: str) -> None:
    document = json.loads(JOURNALS[0].to_text())
    del document[name]
    with pytest.raises(PlannerError, match="is damaged"):
        load_journal(json.dumps(document), "x", REGISTRY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        changed(writes=[]),
        changed(writes=[POLICY_WRITE, POLICY_WRITE]),
        changed(writes=[POLICY_WRITE, SCOPE]),
        changed(writes=[SCOPE, SCOPE, POLICY_WRITE]),
        changed(writes=[{**SCOPE, "before": "V2", "after": "V1"}, POLICY_WRITE]),
        changed(writes=[{**POLICY_WRITE, "after": POLICY_WRITE["before"]}]),
        changed(plan_id="ff" * 32),
        changed(by="somebody else"),
        changed(next={**NEXT.to_json(), "owners": {"team": {}}}),
        changed(next={**NEXT.to_json(), "policy": {"Statement": [{}]}}),
    ],
)
def test_a_damaged_journal(text: str) -> None:
    with pytest.raises(PlannerError, match="The journal x is damaged"):
        load_journal(text, "x", REGISTRY)


def test_a_journal_of_another_registry_is_damaged() -> None:
    with pytest.raises(PlannerError, match="is damaged"):
        load_journal(JOURNALS[0].to_text(), "x", Registry("aws", "444455556666", "eu-west-1"))
