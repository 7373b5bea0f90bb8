"""`{{name}}` in policy files."""

from __future__ import annotations

import pytest

from planner.errors import PlannerError
from planner.policy.parse import ParsedPolicy, policy_or_problems
from planner.policy.placeholders import Placeholders, parse_assignments
from planner.policy.syntax import read_source
from tests.support.policies import document, statement


def fill(text: str, **values: str) -> tuple[str, str]:
    filled = Placeholders(values).fill_text(text)
    return filled.text, filled.message


def test_filling() -> None:
    assert fill("a/{{x}}/{{ y_1 }}", x="1", y_1="{{x}}") == ("a/1/{{x}}", "")
    assert fill("${aws:username} {x} ${*}") == ("${aws:username} {x} ${*}", "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{regoin}}", "did you mean 'region'"),
        ("{{a-b}}", "no placeholder"),
        ("{{}}", "no placeholder"),
        ("{{x", "not closed"),
        ("{{x}} {{", "not closed"),
        ("{{" + " " * 200_000, "not closed"),
    ],
)
def test_what_cannot_be_filled(text: str, words: str) -> None:
    assert words in fill(text, region="r", x="1")[1]


def test_used_names_are_remembered_and_later_ones_left_standing() -> None:
    filled = Placeholders({"x": "1"}, later=("region",)).fill_text("{{x}}{{region}}")
    assert filled == ("1{{region}}", frozenset({"x", "region"}), "")


def test_a_value_cannot_change_the_structure() -> None:
    text = document(statement(Resource="{{x}}"))
    evil = 'a", "Effect": "Deny'
    parsed = policy_or_problems(Placeholders({"x": evil}).fill(read_source(text)).tree)
    assert isinstance(parsed, ParsedPolicy)
    (only,) = parsed.policy.statements
    assert only.resource is not None
    assert only.resource.texts == (evil,)
    assert only.effect == "Allow"


def test_an_unknown_name_is_a_problem_at_its_place() -> None:
    tree = Placeholders({}).fill(read_source('{"Statement":\n "{{x}}"}')).tree
    (problem,) = tree.problems
    assert (problem.location.line, problem.location.column) == (2, 2)
    assert (problem.rule, problem.pointer) == ("placeholder", "/Statement")


def test_assignments() -> None:
    assert parse_assignments(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for words in (["a"], ["=1"], ["a b=1"], ["a=1", "a=2"], ["region=us-west-2"]):
        with pytest.raises(PlannerError) as caught:
            parse_assignments(words)
        assert "--var" in caught.value.summary
