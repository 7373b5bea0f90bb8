"""JSON and YAML say the same to all that works on trees."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from planner.errors import InvalidPolicyError
from planner.lint.check import check
from planner.policy.parse import find_problems, parse_policy, valid_policy
from planner.policy.placeholders import Placeholders
from planner.policy.syntax import read_source
from planner.policy.tree import node_of

TEXT = """\
Version: "2012-10-17"
Statement:
- Sid: A
  Effect: Allow
  Principal: {AWS: "111122223333"}
  Action: ["ecr:ReplicateImage", "ecr:CreateRepository"]
  Resource: arn:aws:ecr:us-west-2:444455556666:repository/{{team}}/*
"""


def test_problems_and_findings_stand_at_their_lines() -> None:
    broken = TEXT.replace("Effect: Allow", "Effect: allow")
    with pytest.raises(InvalidPolicyError) as caught:
        parse_policy(broken, "p.yaml")
    (problem,) = caught.value.problems
    place = (problem["file"], problem["line"], problem["column"], problem["pointer"])
    assert place == ("p.yaml", 4, 11, "/Statement/0/Effect")
    assert problem["message"].startswith("Effect cannot be")
    source = read_source(TEXT.replace("111122223333", "1234"), "p.yaml")
    findings = check(valid_policy(Placeholders({"team": "a"}).fill(source).tree))
    assert ("p.yaml", 5, 20) in [each.location[:3] for each in findings]
    (unfilled,) = Placeholders({}).fill(source).tree.problems
    assert (unfilled.rule, unfilled.location[:3]) == ("placeholder", ("p.yaml", 7, 13))


def test_a_policy_means_the_same_in_both() -> None:
    as_json = json.dumps(yaml.safe_load(TEXT))
    assert parse_policy(TEXT, "p.yml").policy == parse_policy(as_json, "p.json").policy
    assert parse_policy(as_json, "p.yml").policy == parse_policy(as_json, "p.json").policy


def test_a_text_from_ecr_is_json() -> None:
    for name in ("the live policy", "policy", "p.yaml (policyText)"):
        problems = find_problems(TEXT, name)
        assert isinstance(problems, list)
        assert problems[0].rule == "json"


def test_a_policy_in_yaml_is_as_large_as_one_in_json() -> None:
    text = TEXT + "".join(f"- Sid: A{index}\n  Effect: Deny\n" for index in range(2_000))
    problems = find_problems(text, "p.yaml")
    assert isinstance(problems, list)
    assert problems[0].rule == "policy-size"


def test_plain_values_have_a_tree() -> None:
    value: dict[str, Any] = {"a": [1, True, None, "x", {"b/c": []}]}
    root = node_of(value)
    assert root.at("/a/4/b~1c").kind == "array"
    assert [each.kind for each in root.at("/a").value] == [
        "number",
        "boolean",
        "null",
        "string",
        "object",
    ]
    assert root.size() == len(json.dumps(value, separators=(",", ":")))
