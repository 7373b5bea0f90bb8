"""An owner's plan that is applied after others have changed theirs: as approved, or stale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.diff.changes import Update
from planner.errors import OwnerError
from planner.workflow.owning import release, transfer
from tests.support.fakes import REGISTRY
from tests.support.policies import document, statement
from tests.support.sharing import FREE, ONE, THREE, TWO, A, B, C, Shared
from tests.support.world import World


@pytest.fixture
def shared() -> Shared:
    made = Shared()
    made.has("a", A)
    made.has("b", B)
    return made


def test_others_unrelated_changes_pass(shared: Shared) -> None:
    plan = shared.plan("a", A, statement("New", "999999999999"))
    shared.has("b", B, C)
    assert shared.apply(plan) == "written"
    assert shared.live_is(A, B, C, statement("New", "999999999999"))
    assert shared.owners() == {"a": ["A", "New"], "b": ["B", "C"]}


def test_a_console_edit_of_others_is_not_undone(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    edited = statement("B", "444455556666")
    shared.ecr.text = document(A, edited)
    assert shared.apply(plan) == "written"
    assert shared.live_is(A, edited, C)
    (drift,) = shared.plan("b", B).drift
    assert shared.plan("b", B).drift_owners(drift) == {"b"}


def test_what_gains_or_loses_otherwise_is_stale(shared: Shared) -> None:
    """b lets in meanwhile whom a's plan was approved to let in, or to let out."""
    gains, loses = shared.plan("a", A, C), shared.plan("a", statement("A", THREE))
    shared.has("b", B, statement("B2", THREE), statement("B3", ONE))
    error = shared.stale(gains, "other access is gained or lost")
    assert [each.words for each in error.moved] == ["Changed since it was made:"]
    shared.stale(loses, "other access is gained or lost")


def test_a_deny_of_others_makes_it_stale(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.has("b", B, statement("No", THREE, Effect="Deny", Action="ecr:*"))
    shared.stale(plan, "other access is gained or lost")


def test_another_stop_of_the_guard_is_stale(shared: Shared) -> None:
    """a removes one Allow of two; by now it is the last."""
    plan = shared.plan("a", statement("A", ONE, Effect="Deny"))
    shared.has("b", statement("B", TWO, Effect="Deny"))
    guard = {**FREE, "removes-last-allow": "ask"}
    shared.stale(plan, "the guard stops at something else", guard)
    assert shared.apply(shared.plan("a", statement("A", ONE, Effect="Deny")), guard) == "written"


def test_a_conflict_that_came_up_is_stale(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.has("b", B, statement("C", ONE))
    error = shared.stale(plan, "something of somebody else's is in its way by now")
    assert 'statement["C"] is owned by b' in error.detail


def test_an_equal_statement_that_another_has_by_now_is_stale(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.has("b", B, C)
    shared.stale(plan, "in its way by now")


def test_what_is_live_already_is_recorded(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.ecr.text = document(A, B, C)
    assert shared.apply(plan) == "already"
    assert shared.owners() == {"a": ["A", "C"], "b": ["B"]}


def test_an_edit_of_its_own_is_stale(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.ecr.text = document(statement("A", THREE), B)
    shared.stale(plan, "Live statements of a are others by now")


def test_its_own_serial_counts(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.has("a", A, statement("D", THREE))
    shared.stale(plan, "The statements of a are others since serial 3")
    again = shared.plan("a", A, C)
    assert shared.apply(again) == "written"
    assert shared.apply(again) == "nothing"


def test_what_is_taken_over_is_as_it_was_approved(shared: Shared) -> None:
    """b's B was to be taken, for the same as it said; c has it by now, for the same again."""
    plan = shared.plan("a", A, B, take=("B",))
    assert [each.by for each in plan.taken] == [{"b"}]
    shared.has("c", B, take=("B",))
    shared.stale(plan, "What a takes over is another's by now")
    shared.has("a", A, B, take=("B",))
    assert shared.owners() == {"a": ["A", "B"], "b": [], "c": []}


def test_what_was_released_is_not_taken(shared: Shared) -> None:
    plan = shared.plan("a", A, statement("B", THREE), take=("B",))
    with World(shared.ecr, shared.state).open_run(plan) as run:
        transfer(run, release(shared.state.snapshot_of(REGISTRY), "b"))
    shared.stale(plan, "What a takes over is another's by now")


def test_a_plan_that_shows_another_state_is_stale(shared: Shared) -> None:
    """Somebody made one by hand in which nobody owns B, so that its readers do not mind."""
    plan = shared.plan("a", A, C)
    forged = replace(plan, owners={"a": plan.owners["a"]})
    assert [each.by for each in forged.settled.kept] == [set()] if forged.settled else False
    shared.stale(forged, "The plan shows another recorded policy, or other owners")
    shared.has("b", B, statement("D", "999999999999"))
    assert shared.apply(plan) == "written"


def test_an_exclusive_project_came_between(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.has(None, A, take_all=True)
    assert shared.state.snapshot_of(REGISTRY).exclusive
    shared.stale(plan, "A project without an owner has taken the whole policy since")


def test_a_policy_that_cannot_be_read_is_stale(shared: Shared) -> None:
    plan = shared.plan("a", A, C)
    shared.ecr.text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}'
    shared.stale(plan, "one that this planner cannot read")


def test_take_all_is_for_the_state_that_was_shown() -> None:
    shared = Shared()
    shared.has(None, A, B)
    with pytest.raises(OwnerError, match="owned whole"):
        shared.plan("a", A)
    plan = shared.plan("a", A, take_all=True)
    assert [each.sid for each in plan.settled.own] == ["A", "B"] if plan.settled else False
    shared.has(None, A, B, C)
    shared.stale(plan, "The plan was made from state serial 1; it is 2 now")
    shared.has("a", A, take_all=True)
    assert shared.live_is(A)
    assert shared.owners() == {"a": ["A"]}


def test_sharing_begins_though_nothing_is_left_to_write() -> None:
    """Somebody emptied the policy; an owner that wants none takes it from the project it was."""
    shared = Shared()
    shared.has(None, A)
    shared.ecr.text = None
    plan = shared.plan("a", take_all=True)
    assert not plan.has_changes
    assert plan.state_behind
    assert shared.apply(plan) == "already"
    assert not shared.state.snapshot_of(REGISTRY).exclusive


def test_an_exclusive_plan_shows_what_others_recorded_unknowingly(shared: Shared) -> None:
    """A console changed B, and a recorded the policy with that; b never saw it."""
    shared.ecr.text = document(A, statement("B", THREE))
    shared.has("a", A, C)
    plan = shared.plan(None, A, take_all=True)
    (change,) = plan.drift
    assert plan.drift_owners(change) == {"b"}
    shared.has(None, A, take_all=True)
    assert shared.live_is(A)


ROLE, ID = "arn:aws:iam::111122223333:role/r", "AROAABCDEFGHIJKLMNOPQ"


def test_a_statement_beside_ones_own_is_nobodys() -> None:
    """It looks as if ECR had printed it anew, but the one that it would come from is live."""
    shared = Shared()
    own, similar = (statement(None, Principal={"AWS": each}) for each in (ROLE, ID))
    shared.has("a", own)
    shared.ecr.text = document(own, similar)
    plan = shared.plan("a", own)
    (change,) = plan.drift
    assert plan.drift_owners(change) == frozenset()
    assert plan.resolutions == ("keep",)
    shared.ecr.text = document(similar)
    plan = shared.plan("a", own)
    (change,) = plan.drift
    assert plan.drift_owners(change) == {"a"}
    assert plan.resolutions == ("restore",)


def test_a_second_statement_of_ones_own_sid_is_ones_own(shared: Shared) -> None:
    """Somebody turned what nobody owned into a second A: a puts it right, and is told so."""
    shared.ecr.text = document(A, B, C)
    shared.has("b", B, statement("B2", ONE))
    shared.ecr.text = document(A, B, statement("B2", ONE), statement("A", THREE))
    plan = shared.plan("a", A)
    (change,) = plan.drift
    assert isinstance(change, Update)
    assert plan.drift_owners(change) == {"a"}
    assert plan.resolutions == ("replace",)
    shared.has("a", A)
    assert shared.live_is(A, B, statement("B2", ONE))
