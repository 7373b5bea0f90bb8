"""Several files that together are one policy: every statement keeps its place."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from planner.lint.check import check
from planner.policy.address import file_labels
from planner.policy.canonical import canonicalise
from planner.policy.document import Policy, policy_json
from planner.policy.fragments import join
from planner.policy.parse import ParsedPolicy, parse_policy
from planner.policy.tree import Problem
from tests.support.policies import document, policies, statement

VARIABLE = "arn:aws:ecr:us-west-2:444455556666:repository/${aws:username}/*"


def joined(*texts: str) -> ParsedPolicy | list[Problem]:
    names = [f"{letter}.json" for letter, _ in zip("abcdefgh", texts, strict=False)]
    parts = [parse_policy(text, name) for text, name in zip(texts, names, strict=True)]
    return join(parts, names if texts[1:] else ())


def one_policy(*texts: str) -> ParsedPolicy:
    found = joined(*texts)
    assert isinstance(found, ParsedPolicy)
    return found


def problems(*texts: str) -> list[str]:
    found = joined(*texts)
    assert isinstance(found, list)
    assert {each.rule for each in found} == {"fragments"}
    return [f"{each.location.file}:{each.location.line} {each.message}" for each in found]


def text_of(*statements: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Statement": list(statements), **more}, indent=1)


@given(policies, st.integers(1, 3))
def test_a_policy_in_two_files_is_the_policy_in_one(given: Policy, cut: int) -> None:
    sids = [each.sid for each in given.statements if each.sid]
    assume(len(sids) == len(set(sids)) and cut < len(given.statements))
    whole = policy_json(given)
    first, second = whole["Statement"][:cut], whole["Statement"][cut:]
    found = one_policy(*(json.dumps({**whole, "Statement": each}) for each in (first, second)))
    assert canonicalise(found.policy) == canonicalise(given)
    assert [each.file for each in found.places if each] == [0] * len(first) + [1] * len(second)
    assert [each.index for each in found.places if each] == [
        *range(len(first)),
        *range(len(second)),
    ]


def test_names_places_and_pointers_are_those_of_the_files() -> None:
    alone = json.dumps({"Statement": statement(None, "222233334444")}, indent=1)
    found = one_policy(text_of(statement("A"), statement(None)), alone)
    names = ('statement["A"]', 'statement["a.json:1"]', 'statement["b.json:0"]')
    assert found.names == names
    assert [(each.file, each.index) for each in found.places if each] == [(0, 0), (0, 1), (1, 0)]
    assert found.in_file("/Statement/2/Action/0") == "/Statement/0/Action/0"
    place = found.locate("/Statement/2/Action/0")
    assert (place.file, place.line) == ("b.json", 8)
    assert found.locate("/Version").file == "a.json"


def test_a_finding_stands_in_the_file_that_it_is_about() -> None:
    twice = [statement("Same", "1" * 12), statement("Same", "2" * 12)]
    found = one_policy(
        text_of(statement("A"), statement("B", "333344445555")),
        text_of(statement("C", Action="ecr:Nope"), *twice, Version="2008-10-17"),
    )
    by_rule = {each.rule: each for each in check(found)}
    unknown, same = by_rule["unknown-action"], by_rule["duplicate-sid"]
    assert (unknown.location.file, unknown.pointer) == ("b.json", "/Statement/0/Action/0")
    assert unknown.statement == 'statement["C"]'
    assert same.message.startswith('statement["b.json:1"] has the Sid')
    assert by_rule["old-version"].location.file == "b.json"


def test_a_sid_in_two_files_names_both_with_their_lines() -> None:
    texts = text_of(statement("A"), statement("B")), text_of(statement("B"))
    (told,) = problems(*texts)
    assert told == "b.json:4 a.json:18 has the Sid 'B' too"
    assert len(problems(*texts, text_of(statement("A"), statement("B")))) == 3
    one_policy(text_of(statement("B"), statement("B")), text_of(statement("C")))


def test_one_id() -> None:
    first, second = text_of(statement("A"), Id="x"), text_of(statement("B"), Id="y")
    (told,) = problems(first, second)
    assert told.endswith("has the Id 'x', and this file 'y'")
    for texts in ((first, text_of(statement("B"))), (text_of(statement("B"), Id=""), first)):
        assert one_policy(*texts).policy.id == "x"
        assert one_policy(*texts).locate("/Id").file == ("a.json", "b.json")[texts[1] is first]


@pytest.mark.parametrize("versions", [(None, None), (None, "2012-10-17"), ("2008-10-17",) * 2])
def test_versions_that_agree(versions: tuple[str | None, str | None]) -> None:
    parts = [
        text_of(statement(sid, Resource=VARIABLE), **({"Version": each} if each else {}))
        for sid, each in zip("AB", versions, strict=True)
    ]
    assert one_policy(*parts).policy.version == (versions[1] or versions[0])


def test_versions_that_differ_matter_only_where_there_are_variables() -> None:
    old = text_of(statement("A"), Version="2008-10-17")
    new = document(statement("B"))
    for texts in ((old, new), (new, old)):
        assert canonicalise(one_policy(*texts).policy).version == "2012-10-17"
    (told,) = problems(old, document(statement("B", Resource=VARIABLE)))
    assert "has the Version '2008-10-17', and this file '2012-10-17'" in told


def test_labels_are_short_as_long_as_they_differ() -> None:
    conf = PurePath("conf")
    assert file_labels(["conf/a.json"], conf) == ()
    assert file_labels(["conf/x/a.json", "b.json"], conf) == ("x/a.json", "b.json")
    assert file_labels(["conf/a.json", "a.json"], conf) == ("conf/a.json", "a.json")
