"""Who made which change, by the writes that are known."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from planner.diff.authors import Authors, Authorship, Edit, Step
from planner.diff.changes import Delete, diff
from planner.policy.document import Policy
from tests.support.policies import policy, statement

A = statement("A")
A2 = statement("A", Action="ecr:ReplicateImage")
A3 = statement("A", Action="ecr:CreateRepository")
B = statement("B", "222233334444", Action="ecr:PutImage")
C = statement("C", "333344445555", Action="ecr:Delete*")


def step(by: str, *found: Policy | None) -> Step:
    """A write by somebody; without a policy its text is not known."""
    edit = Edit("2026-11-25T19:00:00Z", by, "127.0.0.1", f"id of {by}")
    return Step(edit, found[0] if found else None, bool(found))


def who(
    recorded: Policy | None, live: Policy | None, *steps: Step, is_complete: bool = True
) -> dict[str, Authors]:
    """The authors of each change, by the Sid of its statement."""
    found = Authorship(recorded, live, steps, is_complete=is_complete)
    return {
        str((each.before if isinstance(each, Delete) else each.after).sid): found.of(each)
        for each in diff(recorded, live)
    }


def names(authors: Authors) -> list[str]:
    return [each.by for each in authors.edits]


def test_the_texts_tell_whose_change_was_which() -> None:
    one, two = policy(A, B), policy(A2, B)
    three = policy(A2, B, C)
    live = policy(A2, C)
    found = who(one, live, step("ann", two), step("bob", three), step("cy", live))
    assert {sid: names(each) for sid, each in found.items()} == {
        "A": ["ann"],
        "C": ["bob"],
        "B": ["cy"],
    }
    assert {(each.basis, each.is_missing) for each in found.values()} == {("text", False)}


def test_several_hands_on_one_statement() -> None:
    found = who(policy(A), policy(A3), step("ann", policy(A2)), step("bob", policy(A3)))
    assert names(found["A"]) == ["ann", "bob"]
    found = who(
        policy(A), policy(A3), step("ann", None), step("bob", policy(A)), step("cy", policy(A3))
    )
    assert names(found["A"]) == ["cy"]


def test_what_was_deleted_and_made_again() -> None:
    found = who(policy(A), policy(A2), step("ann", None), step("bob", policy(A2)))
    assert names(found["A"]) == ["ann", "bob"]
    found = who(policy(A), None, step("ann", None))
    assert names(found["A"]) == ["ann"]


def test_what_came_before_the_record_does_not_count() -> None:
    steps = (step("ann", policy(B)), step("planner", policy(A)), step("bob", policy(A2)))
    for is_complete in (True, False):
        found = who(policy(A), policy(A2), *steps, is_complete=is_complete)
        assert found["A"] == Authors((steps[2].edit,), "text", is_missing=False)


def test_without_texts_the_time_alone_speaks() -> None:
    found = who(policy(A), policy(A2, B), step("ann"), step("bob"))
    assert {(tuple(names(each)), each.basis) for each in found.values()} == {
        (("ann", "bob"), "time")
    }
    known = step("cy", policy(A2))
    found = who(policy(A), policy(A2, B), step("ann"), known, step("bob"))
    assert (names(found["A"]), found["A"].basis) == (["ann", "cy"], "time")
    assert (names(found["B"]), found["B"].basis) == (["bob"], "time")


def test_the_first_of_an_incomplete_history_is_not_certain() -> None:
    found = who(policy(A), policy(A2), step("ann", policy(A2)), is_complete=False)
    assert found["A"].basis == "time"


def test_what_cloudtrail_does_not_have_yet() -> None:
    assert who(policy(A), policy(A2))["A"] == Authors()
    found = who(policy(A), policy(A2, B), step("ann", policy(A2)))
    assert (names(found["A"]), found["A"].is_missing) == (["ann"], False)
    assert found["B"] == Authors()
    found = who(policy(A), policy(A3), step("ann", policy(A2)))
    assert (names(found["A"]), found["A"].basis, found["A"].is_missing) == (["ann"], "text", True)


def test_what_stood_there_when_it_was_recorded_is_nobodys_since() -> None:
    found = Authorship(policy(A2), policy(A2, B), (step("ann", policy(A2, B)),), is_complete=True)
    (older, since) = diff(policy(A), policy(A2, B))
    assert found.of(older) == Authors(is_missing=False)
    assert names(found.of(since)) == ["ann"]


def test_version_and_id() -> None:
    one, two = policy(A), policy(A, Id="an id")
    live = policy(B, Id="an id")
    found = Authorship(one, live, (step("ann", two), step("bob", live)), is_complete=True)
    assert names(found.of_heads()) == ["ann"]
    assert Authorship(one, live, (), is_complete=True).of_heads() == Authors()
    assert Authorship(live, live, (), is_complete=True).of_heads() == Authors(is_missing=False)


_policies = st.lists(
    st.sampled_from([A, A2, A3, B, C]), max_size=3, unique_by=lambda each: each["Sid"]
).map(lambda found: policy(*found) if found else None)


@given(_policies, st.lists(_policies, min_size=1, max_size=5), st.booleans())
def test_every_change_has_an_author_where_all_is_known(
    recorded: Policy | None, later: list[Policy | None], texts: bool
) -> None:
    steps = [step(str(n), each) for n, each in enumerate(later)]
    if not texts:
        steps = [dataclasses.replace(each, policy=None, is_known=False) for each in steps]
    found = Authorship(recorded, later[-1], steps, is_complete=True)
    for change in diff(recorded, later[-1]):
        authors = found.of(change)
        assert authors.edits
        assert not authors.is_missing
        assert authors.basis == ("text" if texts else "time")
