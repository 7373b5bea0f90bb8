"""Who holds which live statement, and what would be live if nobody had touched what is owned."""

from __future__ import annotations

from typing import Any

from planner.ownership.claims import baseline, holders
from planner.ownership.owned import Owned
from tests.support.policies import policy, statement

ROLE = "arn:aws:iam::111122223333:role/r"
OTHER_ROLE = "arn:aws:iam::111122223333:role/s"
ID, OTHER_ID = "AROAABCDEFGHIJKLMNOPQ", "AROAABCDEFGHIJKLMNOPR"


def owned(*statements: dict[str, Any]) -> Owned:
    return Owned(policy(*statements).statements)


def of(*principals: str, sid: str | None = None, **more: Any) -> dict[str, Any]:
    return statement(sid, Principal={"AWS": list(principals)}, **more)


def who(live: list[dict[str, Any]], **owners: Owned) -> list[str]:
    return ["+".join(sorted(each)) for each in holders(policy(*live).statements, owners)]


def test_a_sid_is_its_owners_whatever_it_says() -> None:
    live = [statement("A", "222233334444", Effect="Deny"), statement("C")]
    assert who(live, a=owned(statement("A")), b=owned(statement("B"))) == ["a", ""]


def test_sids_differ_by_case() -> None:
    assert who([statement("a")], a=owned(statement("A"))) == [""]


def test_a_body_is_whose_recorded_it() -> None:
    live = [statement(None), statement(None, "222233334444")]
    assert who(live, a=owned(statement(None)), b=owned(statement(None))) == ["a+b", ""]
    assert who([statement(None)], a=owned(statement("A"))) == [""]


def test_a_deleted_role_takes_no_statement_from_its_owner() -> None:
    """ECR prints the id of the role where its ARN was."""
    for recorded, live in (
        ([ROLE], [ID]),
        ([ROLE, "222233334444"], [ID, "222233334444"]),
        ([ROLE, OTHER_ROLE], [ID, OTHER_ID]),
    ):
        assert who([of(*live)], a=owned(of(*recorded))) == ["a"]
    assert who([of(ID)], a=owned(of(ROLE)), b=owned(of(ROLE))) == ["a+b"]


def test_a_deleted_role_gives_nobody_a_statement() -> None:
    negated = statement(None, NotPrincipal={"AWS": ID})
    del negated["Principal"]
    for recorded, live in (
        (of(ROLE), of(ID, OTHER_ID)),
        (of(ROLE), of(ID, "222233334444")),
        (of(ROLE), of(ID, Action="ecr:PutImage")),
        (of(ROLE), of(ID, Effect="Deny")),
        (of("222233334444"), of(ID)),
        (of(ID), of(OTHER_ID)),
        (of(ROLE), of(OTHER_ROLE)),
        (of(ROLE, sid="A"), of(ID)),
        (of(ROLE), negated),
    ):
        assert who([live], a=owned(recorded)) == [""], (recorded, live)


def test_one_statement_was_printed_anew_once() -> None:
    """The recorded one is still live: what looks like it is somebody else's."""
    assert sorted(who([of(ROLE), of(ID)], a=owned(of(ROLE)))) == ["", "a"]
    assert sorted(who([of(ID), of(OTHER_ID)], a=owned(of(ROLE)))) == ["", "a"]


def test_what_may_have_been_the_statement_of_two_is_held_by_both() -> None:
    """Somebody took one of them away outside, and of the other the role was deleted."""
    a, b = owned(of(ROLE)), owned(of(OTHER_ROLE))
    assert who([of(ID)], a=a, b=b) == ["a+b"]
    assert who([of(ID), of(OTHER_ID)], a=a, b=b) == ["a+b", "a+b"]
    assert who([of(ID), of(ROLE)], a=a, b=b) == ["b", "a"]


def test_what_is_owned_is_as_its_owner_recorded_it() -> None:
    """Others have recorded the whole policy since, an edit of A among it."""
    touched = policy(statement("A", "222233334444"), statement("N"), Id="id")
    owners = {"a": owned(statement("A"), statement(None)), "b": owned(statement(None))}
    expected = policy(statement("A"), statement("N"), statement(None), Id="id")
    assert baseline(touched, owners) == expected
    assert baseline(None, owners) == policy(statement("A"), statement(None))
    assert baseline(None, {}) is None
    assert baseline(touched, {}) == touched
