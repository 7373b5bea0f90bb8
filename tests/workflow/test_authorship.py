"""Which of CloudTrail's events count, and what is said where it cannot be asked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.diff.authors import Authors, Edit
from planner.errors import PlannerError
from planner.plans.file import load_plan
from planner.plans.plan import Plan
from planner.plans.source import Source, StateRef
from planner.plans.view import checksum, plan_text
from planner.policy.document import Policy
from planner.ports import TrailEvent
from planner.records.snapshot import Record, next_snapshot
from planner.render.formats import render
from planner.render.interface import Look, View
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from planner.times import stamp
from planner.workflow.authorship import authors_of
from tests.support.fakes import REGISTRY, FakeTrail, StoppedClock
from tests.support.policies import document, policy, statement
from tests.support.schema import PLAN

ME = "arn:aws:sts::444455556666:assumed-role/planner/ci"
JANE = "arn:aws:iam::444455556666:user/jane"
AT = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
RECORDED = document(statement("A"))
LIVE = document(statement("A", Action="ecr:ReplicateImage"))
EDITED = policy(statement("A", Action="ecr:ReplicateImage"))


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state whose record was made at AT, by ME."""
    found = State(LocalBlobs(tmp_path / "state"))
    record = Record(policy(statement("A")), "0" * 64, ME, stamp(AT), "planner")
    found.write_snapshot(next_snapshot(None, REGISTRY, record, "lineage"), None)
    return found


def event(by: str, seconds: int, text: str | None = None, *, deletes: bool = False) -> TrailEvent:
    at = stamp(AT + timedelta(seconds=seconds))
    return TrailEvent(Edit(at, by, "203.0.113.7", f"{by} {seconds}"), text, deletes)


def planned(live: Policy | None = EDITED) -> Plan:
    recorded = policy(statement("A"))
    reference = StateRef("lineage", 1)
    source = Source("files")
    return Plan(REGISTRY, source, reference, "ecr", recorded, live, recorded, "now", "planner")


def found(state: State, *events: TrailEvent, is_complete: bool = True) -> Authors:
    plan = authors_of(planned(), state, FakeTrail(events, is_complete), StoppedClock())
    assert plan.authors is not None
    (authors,) = plan.authors
    return authors


def test_by_the_text(state: State) -> None:
    own, edit = event(ME, 2, RECORDED), event(JANE, 60, LIVE)
    assert found(state, own, edit) == Authors((edit.edit,), "text", is_missing=False)
    older = event(JANE, -60, document(statement("B")))
    assert found(state, older, own, edit).edits == (edit.edit,)


def test_by_the_text_of_the_same_caller(state: State) -> None:
    own, edit = event(ME, 2, RECORDED), event(ME, 60, LIVE)
    assert found(state, own, edit).edits == (edit.edit,)


def test_a_record_that_needed_no_write(state: State) -> None:
    one, other = event(JANE, 60, document(statement("B"))), event(ME, 120, LIVE)
    assert found(state, one, other).edits == (one.edit, other.edit)


def test_by_the_time_alone(state: State) -> None:
    own, edit = event(ME, 2), event(JANE, 60)
    assert found(state, own, edit) == Authors((edit.edit,), "time", is_missing=False)
    assert found(state, event(JANE, -2), own, edit).edits == (edit.edit,)


def test_a_clock_that_is_late(state: State) -> None:
    own, edit = event(ME, -120), event(JANE, 60)
    assert found(state, own, edit).edits == (edit.edit,)
    assert found(state, event(JANE, -120), edit).edits == (edit.edit,)


def test_not_in_cloudtrail_yet(state: State) -> None:
    assert found(state) == Authors()
    assert found(state, event(ME, 2, RECORDED)) == Authors()
    assert found(state, event(ME, 2)) == Authors()


def test_a_text_that_is_no_policy(state: State) -> None:
    edit = event(JANE, 60, "{")
    assert found(state, event(ME, 2, RECORDED), edit) == Authors(
        (edit.edit,), "time", is_missing=False
    )


def test_it_is_asked_since_the_record(state: State) -> None:
    trail = FakeTrail()
    authors_of(planned(), state, trail, StoppedClock())
    assert trail.asked == [AT - timedelta(minutes=5)]


def test_without_drift_nobody_is_asked(state: State) -> None:
    trail = FakeTrail()
    plan = planned(policy(statement("A")))
    assert authors_of(plan, state, trail, StoppedClock()) == plan
    assert trail.asked == []


def test_where_it_cannot_be_asked_all_else_works(state: State) -> None:
    failure = PlannerError("planner could not ask.", "It lacks cloudtrail:LookupEvents.", "Allow.")
    plan = authors_of(planned(), state, FakeTrail(failure=failure), StoppedClock())
    assert plan.authors is None
    assert plan.notes == ("planner could not ask. It lacks cloudtrail:LookupEvents. Allow.",)
    assert plan.id == planned().id


def test_what_may_be_missing_is_said(state: State) -> None:
    edit = event(JANE, 60, LIVE)
    plan = authors_of(planned(), state, FakeTrail((edit,), is_complete=False), StoppedClock())
    assert plan.authors == (Authors((edit.edit,), "time", is_missing=False),)
    assert "90 days" in plan.notes[0]
    found_own = FakeTrail((event(ME, 2, RECORDED), edit), is_complete=False)
    assert authors_of(planned(), state, found_own, StoppedClock()).notes == ()


def test_the_id_changed_too(state: State) -> None:
    live = policy(statement("A"), Id="an id")
    edit = event(JANE, 60, document(statement("A"), Id="an id"))
    plan = authors_of(planned(live), state, FakeTrail((edit,)), StoppedClock())
    assert plan.authors == (Authors((edit.edit,), "text", is_missing=False),)
    assert load_plan(plan_text(plan).encode(), "plan.json") == plan


def test_it_is_in_the_plan_and_not_in_its_id(state: State) -> None:
    hostile = event("a\u202e\x1b[2K", 60, LIVE)
    plan = authors_of(planned(), state, FakeTrail((hostile,)), StoppedClock())
    assert plan.id == planned().id
    text = plan_text(plan)
    PLAN.validate(json.loads(text))
    assert load_plan(text.encode(), "plan.json") == plan
    shown = render(View("plan", json.loads(text)), "text", Look())
    assert "by a\\u202e\\u001b[2K, 2026-11-23T12:01:00Z, from 203.0.113.7" in shown


@pytest.mark.parametrize(
    "who",
    [
        {},
        "jane",
        {"edits": [], "basis": "text", "missing": True},
        {"edits": [{"at": "now"}], "basis": "text", "missing": True},
        {"edits": [], "basis": None, "missing": "no"},
    ],
)
def test_who_of_another_form_is_refused(state: State, who: object) -> None:
    edit = event(JANE, 60, LIVE)
    plan = authors_of(planned(), state, FakeTrail((edit,)), StoppedClock())
    view = json.loads(plan_text(plan))
    del view["checksum"]
    view["drift"][0]["who"] = who
    view["checksum"] = checksum(view)
    with pytest.raises(PlannerError, match="not an intact plan"):
        load_plan(json.dumps(view).encode(), "plan.json")


def test_authors_of_other_changes_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        plan_text(replace(planned(), authors=(Authors(), Authors())))
