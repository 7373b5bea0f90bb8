"""The views of records, and how they are worded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from planner.errors import PlannerError
from planner.ownership.owned import Owned
from planner.records.history_key import history_key
from planner.records.lock import Lock
from planner.records.snapshot import Record, next_snapshot
from planner.records.view import addresses_view, locks_view, snapshot_view
from planner.registry import Registry
from planner.render.formats import render
from planner.render.interface import Look, View
from tests.support.policies import policy, statement

REGISTRY = Registry("aws", "444455556666", "us-west-2")
OTHER = Registry("aws", "444455556666", "eu-west-1")
NOW = datetime(2026, 11, 23, 22, 37, 57, tzinfo=UTC)
FIRST = next_snapshot(
    None, REGISTRY, Record(policy(statement("A")), "a" * 64, "one", "then", "p"), "line"
)
DELETED = next_snapshot(FIRST, REGISTRY, Record(None, "b" * 64, "two", "now", "p", 0, "yes"), "")


def test_a_snapshot() -> None:
    view = snapshot_view(DELETED)
    assert list(view)[:2] == ["kind", "format_version"]
    assert (view["serial"], view["policy"], view["approved"]) == (2, None, "yes")
    assert (view["owners"], view["exclusive"], view["predecessor"]) == ({}, True, None)
    text = render(View("snapshot", view), "text", Look())
    assert text.splitlines() == [
        "# 444455556666/us-west-2 · serial 2",
        text.splitlines()[1],
        "# by two, with p",
        "# approved: yes",
        "# lineage line",
        "# no policy: it was deleted",
    ]
    assert text.splitlines()[1].startswith("# plan bbbb")


def test_a_snapshot_with_owners_and_what_was_before() -> None:
    owners = {"team-a": Owned(policy(statement("A")).statements)}
    shared = next_snapshot(FIRST, REGISTRY, DELETED.current, "", owners)
    old = replace(shared, history=(FIRST.current,), predecessor=history_key(REGISTRY, 1, b""))
    view = snapshot_view(old)
    assert view["owners"]["team-a"]["serial"] == 2
    assert [each["serial"] for each in view["history"]] == [1]
    lines = render(View("snapshot", view), "text", Look()).splitlines()
    assert "# 1 statement of team-a, since serial 2" in lines
    assert lines[-2] == "# `planner history` lists what was recorded before."
    assert lines[-1].startswith("# before: serial 1, plan aaaa")


def test_addresses_and_what_is_damaged() -> None:
    view = addresses_view([(REGISTRY, FIRST), (OTHER, PlannerError("It is damaged."))])
    assert view == {
        "kind": "addresses",
        "format_version": 1,
        "addresses": ['registry["444455556666/us-west-2"].statement["A"]'],
        "damaged": [{"registry": OTHER.to_json(), "reason": "It is damaged."}],
    }
    assert render(View("addresses", view), "text", Look()) == view["addresses"][0] + "\n"
    assert addresses_view([(REGISTRY, DELETED)])["addresses"] == []


def test_locks() -> None:
    live = Lock("0123456789", "arn:of:me", "h\x1b", "work", NOW, NOW + timedelta(seconds=60))
    over = Lock("9876543210", "arn:of:them", "h", "work", NOW - timedelta(days=1), NOW)
    damaged = PlannerError("The lock is damaged.")
    view = locks_view([("1/a", live), ("1/b", over), ("1/c", damaged)], NOW)
    assert [each.get("is_over") for each in view["locks"]] == [False, True, None]
    assert view["locks"][2] == {"registry": "1/c", "damage": "The lock is damaged."}
    rows = render(View("locks", view), "text", Look()).splitlines()[2:]
    assert rows[0].split() == [
        "01234567",
        "1/a",
        "arn:of:me",
        "h\\u001b",
        "work",
        "2026-11-23T22:37:57Z",
        "2026-11-23T22:38:57Z",
    ]
    assert rows[1].endswith("2026-11-23T22:37:57Z (over)")
    assert rows[2].split() == ["-", "1/c", "damaged", "-", "-", "-", "-"]
    assert render(View("locks", locks_view([], NOW)), "text", Look()) == "No lock is held.\n"
