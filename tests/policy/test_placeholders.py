"""`{{name}}` in policy files."""

from __future__ import annotations

import json

import pytest

from planner.errors import PlannerError
from planner.lint.check import check
from planner.policy.parse import ParsedPolicy, policy_or_problems
from planner.policy.placeholders import MOST_FILLED, Placeholders, parse_assignments
from planner.policy.syntax import read_source
from planner.policy.tree import Problem, pointer_in_file
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


LISTED = Placeholders({"ids": ("111122223333", "222233334444"), "one": ("x",), "text": "y"})


def listed(value: object) -> ParsedPolicy | list[Problem]:
    text = json.dumps({"Statement": [statement("A", Principal={"AWS": value})]}, indent=1)
    return policy_or_problems(LISTED.fill(read_source(text, "p.json")).tree)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("{{ids}}", ["111122223333", "222233334444"]),
        (["{{ ids }}"], ["111122223333", "222233334444"]),
        (["333344445555", "{{ids}}", "{{text}}"], None),
        ("{{one}}", ["x"]),
    ],
)
def test_a_list_stands_for_all_its_values(value: object, wanted: list[str] | None) -> None:
    found = listed(value)
    assert isinstance(found, ParsedPolicy)
    principal = found.policy.statements[0].principal
    assert principal is not None
    texts = [each.text for each in principal]
    assert texts == (wanted or ["333344445555", "111122223333", "222233334444", "y"])
    assert "ids" in LISTED.fill(read_source('["{{ids}}"]')).used


def test_what_is_behind_a_list_keeps_its_place_in_the_file() -> None:
    found = listed(["{{ids}}", "{{ids}}", "nobody"])
    assert isinstance(found, ParsedPolicy)
    for at, index in enumerate((0, 0, 1, 1, 2)):
        pointer = f"/Statement/0/Principal/AWS/{at}"
        assert found.in_file(pointer) == f"/Statement/0/Principal/AWS/{index}"
    (malformed,) = [each for each in check(found) if each.rule == "malformed-principal"]
    assert malformed.pointer == "/Statement/0/Principal/AWS/2"
    lists = Placeholders({"x": ("a",)}).fill(read_source('["{{x}}", "b", ["{{x}}", "c"]]')).tree
    assert lists.root is not None
    assert pointer_in_file(lists.root, "/2/1") == "/2/1"
    broken = listed(["{{ids}}", 5, {}])
    assert isinstance(broken, list)
    assert broken[-1].pointer == "/Statement/0/Principal/AWS/2"


@pytest.mark.parametrize("text", ['"arn:aws:iam::{{ids}}:root"', '{"{{ids}}": 1}'])
def test_a_list_inside_of_a_text_is_an_error_that_says_so(text: str) -> None:
    (problem,) = LISTED.fill(read_source(text)).tree.problems
    assert problem.message == "'{{ids}}' is a list, and stands inside of a text"
    assert "whole string" in problem.hint


def test_a_list_gives_texts_and_nothing_else() -> None:
    for value in ({"{{ids}}": "x"}, [["{{ids}}"]]):
        assert isinstance(listed(value), list)
    evil = Placeholders({"x": ('"', "{{y}}", "*")})
    root = evil.fill(read_source('["{{x}}"]')).tree.root
    assert root is not None
    assert [(each.kind, each.value) for each in root.value] == [
        ("string", '"'),
        ("string", "{{y}}"),
        ("string", "*"),
    ]


def test_how_much_lists_fill_in_is_bounded() -> None:
    many = Placeholders({"x": ("1",) * 1_000})
    filled = many.fill(read_source(json.dumps(["{{x}}"] * 4_000))).tree
    (problem,) = filled.problems
    assert "more than 20,480 values" in problem.message
    assert filled.root is not None
    assert len(filled.root.value) <= MOST_FILLED


def test_assignments() -> None:
    assert parse_assignments(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}
    for words in (["a"], ["=1"], ["a b=1"], ["a=1", "a=2"], ["region=us-west-2"]):
        with pytest.raises(PlannerError) as caught:
            parse_assignments(words)
        assert "--var" in caught.value.summary
