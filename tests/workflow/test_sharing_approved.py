"""What a plan of a shared registry was approved for is all that its apply does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.errors import GuardError
from tests.support.policies import document, statement
from tests.support.sharing import FREE, THREE, A, B, C, Shared

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
