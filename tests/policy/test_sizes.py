"""Policies that are far too large: refused at once and for their size alone, by all that read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from planner.errors import InvalidPolicyError, PlannerError, UnreadablePolicyError
from planner.policy.document import POLICY_SIZE_LIMIT, serialize
from planner.policy.ecr_rules import MAX_JUDGED
from planner.policy.formatter import format_policy
from planner.policy.parse import ParsedPolicy, find_problems, parse_policy
from planner.policy.source_text import MAX_BYTES, MAX_DENSE, dense_size
from planner.workflow.live import parse_live
from tests.support.cli import Cli
from tests.support.policies import REPOSITORY, document, statement

SHAPES: dict[str, Callable[[int], str]] = {
    "statements": lambda size: document(*(statement(f"S{n}") for n in range(size // 250))),
    "one list": lambda size: document(
        statement(Resource=[f"{REPOSITORY}*{n}*" for n in range(size // 62)])
    ),
    "unknown names": lambda size: document(
        statement(Condition={f"StringEqual{n}": {"a": "b"} for n in range(size // 35)})
    ),
    "indented": lambda size: json.dumps(
        json.loads(document(*(statement(f"S{n}") for n in range(size // 480)))), indent=2
    ),
    "no JSON": lambda size: '"\\' * (size // 2),
    "no end": lambda size: '"' * size,
    "words": lambda size: "1 " * (size // 2),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mebibyte_is_refused_at_once_and_for_its_size_alone(shape: str) -> None:
    text = SHAPES[shape](MAX_BYTES - 100)
    assert len(text) > MAX_BYTES // 2
    start = time.process_time()
    for dialect in ("registry", "any"):
        problems = find_problems(text.encode(), dialect=dialect)
        assert isinstance(problems, list)
        assert [each.rule for each in problems] == ["policy-size"]
    for read in (format_policy, parse_live):
        with pytest.raises(PlannerError) as caught:
            read(text)
        assert isinstance(caught.value, (InvalidPolicyError, UnreadablePolicyError))
    assert time.process_time() - start < 4  # for four of them


def of_size(size: int) -> str:
    """A policy that planner writes with so many characters."""
    empty = len(serialize(parse_policy(document(statement(""))).policy))
    text = document(statement("a" * (size - empty - len('"Sid":"",'))))
    assert len(serialize(parse_policy(text, dialect="any").policy)) == size
    return text


def test_a_policy_that_is_a_little_too_large_gets_all_its_findings() -> None:
    assert isinstance(find_problems(of_size(MAX_JUDGED)), ParsedPolicy)
    problems = find_problems(of_size(MAX_JUDGED + 1))
    assert isinstance(problems, list)
    assert [each.rule for each in problems] == ["policy-size"]
    assert f"{MAX_JUDGED + 1:,} characters" in problems[0].message
    assert isinstance(find_problems(of_size(MAX_JUDGED + 1), dialect="any"), ParsedPolicy)


def test_no_switch_lets_it_pass(offline: Cli) -> None:
    offline.write("planner.toml", '[lint]\ndisable = ["policy-size", "malformed-sid"]\n')
    offline.write("registry_policy.json", of_size(POLICY_SIZE_LIMIT + 1))
    assert "[policy-size]" not in offline("validate").stdout
    offline.write("registry_policy.json", of_size(MAX_JUDGED + 1))
    result = offline("validate")
    assert result.returncode == 6
    assert "[policy-size]" in result.stdout


def test_white_space_does_not_count() -> None:
    text = json.dumps(json.loads(document(statement("A"))), indent=400)
    assert dense_size(text) < MAX_DENSE < len(text + " " * MAX_DENSE)
    assert isinstance(find_problems(text + " " * MAX_DENSE), ParsedPolicy)


def test_the_commands(offline: Cli) -> None:
    offline.write("registry_policy.json", SHAPES["indented"](MAX_BYTES - 100))
    offline.write("live.json", document(statement("A")))
    assert "registry_policy.json:1:1: error: the policy has " in offline("validate").stdout
    for words in ("fmt", "plan --live live.json", "digest registry_policy.json", "access"):
        assert "[policy-size]" in offline.fails(6, *words.split())
    offline.fails(1, "plan", "live.json", "--live", "registry_policy.json")
