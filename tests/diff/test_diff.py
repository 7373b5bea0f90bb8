"""Pairing, changes, causes and the patch."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.diff.causes import Causes
from planner.diff.changes import Change, Create, Delete, Update, diff, statements_of
from planner.diff.elements import element_deltas, flatten
from planner.diff.patch import apply_patch, document_of, make_patch
from planner.policy.document import Policy
from tests.support.policies import REPOSITORY, canonical_policies, policy, statement

maybe_policies = st.none() | canonical_policies


@given(maybe_policies)
def test_a_policy_does_not_differ_from_itself(one: Policy | None) -> None:
    assert diff(one, one) == ()
    assert make_patch(one, one) == []


@given(maybe_policies, maybe_policies)
def test_the_patch_turns_before_into_after(before: Policy | None, after: Policy | None) -> None:
    assert apply_patch(make_patch(before, after), document_of(before)) == document_of(after)


@given(canonical_policies, canonical_policies)
def test_the_patch_applies_to_nothing_else(before: Policy, after: Policy) -> None:
    patch = make_patch(before, after)
    if patch:
        with pytest.raises(ValueError, match=r".+"):
            apply_patch(patch, document_of(after))


@given(maybe_policies, maybe_policies)
def test_the_changes_turn_before_into_after(before: Policy | None, after: Policy | None) -> None:
    kept = Counter(statements_of(before))
    for change in diff(before, after):
        if not isinstance(change, Create):
            kept[change.before] -= 1
        if not isinstance(change, Delete):
            kept[change.after] += 1
    assert +kept == Counter(statements_of(after))


@given(maybe_policies, maybe_policies)
def test_reversing_inverts(before: Policy | None, after: Policy | None) -> None:
    assert Counter(map(reversed_change, diff(before, after))) == Counter(diff(after, before))


def reversed_change(change: Change) -> Change:
    match change:
        case Create(after, index):
            return Delete(after, index)
        case Delete(before, index):
            return Create(before, index)
        case Update(before, after, before_index, index):
            return Update(after, before, index, before_index)


@given(canonical_policies, canonical_policies)
def test_every_difference_of_an_update_shows_in_its_elements(one: Policy, other: Policy) -> None:
    for change in diff(one, other):
        if isinstance(change, Update):
            deltas = element_deltas(change.before, change.after)
            assert any(delta.differs for delta in deltas)
            assert {delta.name for delta in deltas} == {
                *flatten(change.before),
                *flatten(change.after),
            }


def only_change(before: Policy, after: Policy) -> Change:
    (change,) = diff(before, after)
    return change


def test_a_changed_sid_alone_is_an_update() -> None:
    change = only_change(policy(statement("Old")), policy(statement("New")))
    assert isinstance(change, Update)
    differing = [delta for delta in element_deltas(change.before, change.after) if delta.differs]
    assert [(delta.name, delta.removed, delta.added) for delta in differing] == [
        ("Sid", ("Old",), ("New",))
    ]


def test_the_same_sid_pairs_statements_that_share_nothing_else() -> None:
    other = statement("S", Effect="Deny", Principal="*", Action="ecr:PutImage", Resource="*")
    assert isinstance(only_change(policy(statement("S")), policy(other)), Update)


def test_alike_statements_without_sid_are_paired() -> None:
    before = policy(statement(None), statement(None, Action="ecr:PutImage", Effect="Deny"))
    after = policy(
        statement(None, Resource=f"{REPOSITORY}prod-*"),
        statement(None, Action="ecr:PutImage", Effect="Deny"),
    )
    change = only_change(before, after)
    assert isinstance(change, Update)
    assert change.after.action == change.before.action


def test_unlike_statements_are_not_paired() -> None:
    one = statement("A", Principal={"Service": "x.amazonaws.com"})
    other = statement("B", "222233334444", Action="ecr:PutImage", Resource="*")
    kinds = {type(change) for change in diff(policy(one), policy(other))}
    assert kinds == {Create, Delete}


def test_repeated_sids_pair_by_likeness() -> None:
    before = policy(statement("S", "111122223333"), statement("S", "222233334444"))
    after = policy(
        statement("S", "111122223333", Resource="*"),
        statement("S", "222233334444", Resource="*"),
    )
    changes = diff(before, after)
    assert len(changes) == 2
    for change in changes:
        assert isinstance(change, Update)
        assert change.before.principal == change.after.principal


R, L, D = "Recorded", "Live", "Desired"


@pytest.mark.parametrize(
    ("recorded", "live", "desired", "cause"),
    [
        (None, None, "a", "config"),
        (None, "a", None, "unmanaged"),
        (None, "a", "b", "unmanaged"),
        ("a", "a", "b", "config"),
        ("a", "a", None, "config"),
        ("a", "b", "a", "drift"),
        ("a", None, "a", "drift"),
        ("a", "b", "c", "conflict"),
        ("a", None, "b", "conflict"),
        ("a", "b", None, "conflict"),
    ],
)
def test_causes(recorded: str | None, live: str | None, desired: str | None, cause: str) -> None:
    def of(resource: str | None) -> Policy:
        rest = statement("Z", Effect="Deny", Action="ecr:PutImage", Principal="*")
        return policy(rest) if resource is None else policy(rest, statement(Resource=resource))

    before, after = of(live), of(desired)
    assert Causes(of(recorded), before, after).of(only_change(before, after)) == cause


def test_a_registry_without_state_has_unmanaged_statements() -> None:
    before, after = policy(statement("A")), policy(statement("B", "222233334444", Resource="*"))
    causes = {Causes(None, before, after).of(change) for change in diff(before, after)}
    assert causes == {"config", "unmanaged"}
