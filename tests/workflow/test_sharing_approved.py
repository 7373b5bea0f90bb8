"""What a plan of a shared registry was approved for is all that its apply does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.config.target import targets
from planner.diff.changes import Create, Update
from planner.errors import GuardError
from planner.guard.settings import Guard
from planner.plans.view import plan_view
from planner.workflow.applying import apply_plan
from planner.workflow.baseline import record_baseline
from planner.workflow.importing import Wanted, find_import
from planner.workflow.live import EcrSource
from planner.workflow.planning import Inputs
from planner.workflow.reading import PolicyFile
from tests.support.policies import document, statement
from tests.support.sharing import FREE, ONE, THREE, TWO, A, B, C, Shared
from tests.support.world import World, settings_of

LOCKING = statement("No", Effect="Deny", Principal="*", Action="ecr:*", Resource="*")


@pytest.fixture
def shared() -> Shared:
    made = Shared()
    made.has("a", A)
    made.has("b", B)
    return made


@pytest.mark.parametrize("serial", [1, 2, 3])
def test_drift_cannot_be_hidden_by_another_recorded_policy(shared: Shared, serial: int) -> None:
    """Whoever writes the plan file could leave out that it undoes an edit."""
    shared.ecr.text = document(statement("A", THREE), B)
    plan = shared.plan("a", A)
    refuses = {**FREE, "drift-undone": "refuse"}
    with pytest.raises(GuardError):
        shared.apply(plan, refuses)
    state = replace(plan.state, serial=serial)
    shared.stale(replace(plan, recorded=plan.known_before, state=state), "", refuses)


def test_owners_cannot_be_hidden_from_who_takes_all(shared: Shared) -> None:
    plan = shared.plan(None, C, take_all=True)
    refuses = {**FREE, "own-only": "refuse"}
    with pytest.raises(GuardError):
        shared.apply(plan, refuses)
    shared.stale(replace(plan, owners={}), "or other owners, than the state holds", refuses)


def test_a_scope_is_raised_over_the_policy_that_was_approved(shared: Shared) -> None:
    """Under V1 the Deny reaches three actions, under V2 every one: nobody has approved that."""
    shared.ecr.scope_is = "V1"
    plan = shared.plan("a", A, toml="raise_scope = true\n")
    shared.has("b", B, LOCKING, toml='scope = "V1"\n')
    shared.stale(plan, "other access is gained or lost")
    assert shared.ecr.scope_is == "V1"


def test_a_scope_is_raised_though_others_changed_what_has_no_part_in_it(shared: Shared) -> None:
    shared.ecr.scope_is = "V1"
    plan = shared.plan("a", A, toml="raise_scope = true\n")
    shared.has("b", B, C, toml='scope = "V1"\n')
    assert shared.apply(plan) == "written"
    assert shared.ecr.scope_is == "V2"


def test_a_grant_of_ones_own_hides_no_loss_of_what_another_gives() -> None:
    """b gives account 1 its access, and so does a, which then denies it."""
    shared = Shared()
    shared.has("b", statement("B", ONE))
    shared.has("a", A)
    refuses = {**FREE, "own-only": "refuse"}
    for wanted in (
        (statement("No", ONE, Effect="Deny"),),
        (A, statement("No", ONE, Effect="Deny")),
    ):
        with pytest.raises(GuardError) as caught:
            shared.apply(shared.plan("a", *wanted), refuses)
        (stop,) = caught.value.stops
        assert (stop["check"], stop["statement"]) == ("own-only", 'statement["B"]')
    assert shared.apply(shared.plan("a", statement("A", TWO)), refuses) == "written"


def test_whether_another_loses_may_be_told_of_no_condition() -> None:
    """A live Deny of a's own that this planner cannot judge has had its part in what b gives."""
    shared = Shared()
    shared.has("b", statement("B", ONE))
    shared.has("a", A)
    unclear = statement("A", ONE, Effect="Deny", Condition={"Madeup": {"aws:userid": "x"}})
    shared.ecr.text = document(unclear, statement("B", ONE))
    plan = shared.plan("a", statement("A", ONE, Effect="Deny"))
    with pytest.raises(GuardError) as caught:
        shared.apply(plan, {**FREE, "own-only": "refuse"})
    assert [each["check"] for each in caught.value.stops] == ["own-only"]


@pytest.mark.parametrize("check", ["own-only", "drift-undone"])
def test_what_cannot_be_read_is_not_replaced_where_the_guard_refuses(
    shared: Shared, check: str
) -> None:
    shared.ecr.text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]}'
    plan = shared.plan(None, C, take_all=True)
    with pytest.raises(GuardError, match="refuses"):
        shared.apply(plan, {**FREE, check: "refuse"})


def test_an_approval_says_of_whom_something_is_taken(shared: Shared) -> None:
    """Nobody owned C when it was approved that a takes it; by now it is b's."""
    shared.ecr.text = document(A, B, C)
    wanted = A, statement("C", ONE)
    nobodys = shared.plan("a", *wanted, take=("C",))
    shared.has("b", B, C)
    assert shared.plan("a", *wanted, take=("C",)).id != nobodys.id


def test_an_approval_of_taking_all_says_of_whom(shared: Shared) -> None:
    live, approved = shared.ecr.text, shared.plan(None, C, take_all=True)
    shared.has("b", A, B, take=("A",))
    shared.ecr.text = live
    assert shared.plan(None, C, take_all=True).id != approved.id


def test_a_plan_says_of_a_version_that_it_puts_it_back() -> None:
    shared = Shared()
    own = statement("A", Resource="arn:aws:ecr:us-west-2:444455556666:repository/${aws:userid}/*")
    shared.has("a", own)
    shared.ecr.text = document(own, Version="2008-10-17")
    plan = shared.plan("a", own)
    assert [each["resolution"] for each in plan_view(plan)["drift"]] == ["restore"]
    shared.has("b", B)
    assert plan_view(shared.plan("b", B))["drift"] == []
    shared.ecr.text = document(own, B)
    assert [each["resolution"] for each in plan_view(shared.plan("b", B, C))["drift"]] == ["keep"]


def test_what_the_state_takes_in_unseen_is_told(shared: Shared) -> None:
    """Of what others own their next plan tells; of what is nobody's nothing else would."""
    plan = shared.plan("a", A, C)
    new = statement("New", "999999999999")
    shared.has("b", B, new)
    edited = statement("B", "888888888888")
    shared.ecr.text = document(A, edited, new, statement("Console", "777777777777"))
    told: list[str] = []
    with World(shared.ecr, shared.state).open_run(plan) as run:
        apply_plan(plan, replace(run, guard=Guard(FREE), approved="meant", report=told.append))
    (line,) = (each for each in told if "outside planner" in each)
    assert line.startswith('statement["Console"] was added outside planner since the plan was made')
    drift = shared.plan("b", B, new).drift
    assert [each.after.sid for each in drift if isinstance(each, Update)] == ["B"]


def test_who_imports_one_statement_is_told_of_the_others_still(shared: Shared) -> None:
    shared.ecr.text = document(A, B, C, statement("Console", "999999999999"))
    settings = settings_of('owner = "a"\n')
    (target,) = targets(settings, {})
    inputs = Inputs(settings, (PolicyFile("policy.json", document(A).encode()),))
    found = find_import(inputs, EcrSource(shared.ecr, target), shared.state, Wanted(("C",)))
    assert found.baseline is not None
    with World(shared.ecr, shared.state).open_run(shared.plan("a", A)) as run:
        record_baseline(run, found.seen, found.baseline, "import")
    assert shared.owners() == {"a": ["A", "C"], "b": ["B"]}
    drift = shared.plan("a", A, C).drift
    assert [each.after.sid for each in drift if isinstance(each, Create)] == ["Console"]
