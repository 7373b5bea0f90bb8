"""`{{name}}` in policy files."""

from __future__ import annotations

import pytest
from policies import document, statement

from planner.errors import PlannerError
from planner.policy.parse import ParsedPolicy, find_problems
from planner.policy.placeholders import Placeholders, parse_assignments


def fill(text: str, **values: str) -> tuple[str, str]:
    return Placeholders(values).fill(text)


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
    placeholders = Placeholders({"x": "1"}, later=("region",))
    assert placeholders.fill("{{x}}{{region}}") == ("1{{region}}", "")
    assert placeholders.used == {"x", "region"}


def test_a_value_cannot_change_the_structure() -> None:
    text = document(statement(Resource="{{x}}"))
    evil = 'a", "Effect": "Deny'
    parsed = find_problems(text, fill=Placeholders({"x": evil}).fill)
    assert isinstance(parsed, ParsedPolicy)
    (only,) = parsed.policy.statements
    assert only.resource is not None
    assert only.resource.texts == (evil,)
    assert only.effect == "Allow"


def test_an_unknown_name_is_a_problem_at_its_place() -> None:
    problems = find_problems('{"Statement":\n "{{x}}"}', fill=Placeholders({}).fill)
    assert isinstance(problems, list)
    assert (problems[0].line, problems[0].column, problems[0].pointer) == (2, 2, "/Statement")


def test_assignments() -> None:
    assert parse_assignments(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for words in (["a"], ["=1"], ["a b=1"], ["a=1", "a=2"], ["region=us-west-2"]):
        with pytest.raises(PlannerError) as caught:
            parse_assignments(words)
        assert "--var" in caught.value.summary
