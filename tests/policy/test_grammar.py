"""What is no policy, and how it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InvalidPolicyError
from planner.policy.document import Policy, serialize
from planner.policy.parse import ParsedPolicy, find_problems, parse_policy
from planner.policy.source_text import MAX_BYTES
from planner.policy.tree import Problem
from planner.render.errors import error_lines
from planner.render.text.terminal import to_text
from tests.support.policies import document, policies, statement


def problems_of(text: str | bytes, **options: Any) -> list[Problem]:
    result = find_problems(text, **options)
    assert isinstance(result, list), "the text was taken for a policy"
    return result


def only_problem(text: str | bytes) -> Problem:
    problems = problems_of(text)
    assert len(problems) == 1, problems
    return problems[0]


@given(policies)
def test_parse_and_serialize_are_inverse(policy: Policy) -> None:
    assert parse_policy(serialize(policy)).policy == policy


@given(policies, st.sampled_from([None, 3]))
def test_white_space_makes_no_difference(policy: Policy, indent: int | None) -> None:
    text = json.dumps(json.loads(serialize(policy)), indent=indent)
    assert parse_policy(text).policy == policy


def test_serialize_is_the_smallest_json() -> None:
    text = document(statement(None, Action=["ecr:ReplicateImage"], Resource="*"))
    assert serialize(parse_policy(text).policy) == (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Principal":{"AWS":"arn:aws:iam::111122223333:root"},'
        '"Action":"ecr:ReplicateImage","Resource":"*"}]}'
    )


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"Effect": "allow"}, "/Effect", "Effect cannot be"),
        ({"Effect": 1}, "/Effect", "must be a string, not a number"),
        ({"Sid": ["x"]}, "/Sid", "must be a string, not a list"),
        ({"NotAction": "ecr:*"}, "/NotAction", "both Action and NotAction"),
        ({"NotResource": "*"}, "/NotResource", "both Resource and NotResource"),
        ({"NotPrincipal": "*"}, "/NotPrincipal", "both Principal and NotPrincipal"),
        ({"Action": {"x": 1}}, "/Action", "a string or a list of strings, not an object"),
        ({"Action": None}, "/Action", "not null"),
        ({"Action": ["ecr:*", 7]}, "/Action/1", "expected a string, not a number"),
        ({"Principal": "111122223333"}, "/Principal", 'cannot be "111122223333"'),
        ({"Principal": {"aws": "1"}}, "/Principal/aws", "case-sensitive"),
        ({"Principal": {"AWS": 111122223333}}, "/Principal/AWS", "not a number"),
        ({"Condition": []}, "/Condition", "not an empty list"),
        ({"Condition": {"Bool": "x"}}, "/Condition/Bool", "must be an object"),
        ({"Condition": {"Bool": {"k": None}}}, "/Condition/Bool/k", "not null"),
        ({"Condition": {"Bool": {"k": ["a", {}]}}}, "/Condition/Bool/k/1", "an empty object"),
        (
            {"Condition": {"Bool": {"aws:SourceIp": "1", "AWS:sourceip": "2"}}},
            "/Condition/Bool/AWS:sourceip",
            "the same as",
        ),
        (
            {"Condition": {"Bool": {"a": "1"}, "bool": {"b": "2"}}},
            "/Condition/bool",
            "the same as",
        ),
        ({"action": "ecr:*"}, "/action", "case-sensitive"),
        ({"Actions": "ecr:*"}, "/Actions", "no element"),
    ],
)
def test_a_wrong_element(change: dict[str, Any], pointer: str, words: str) -> None:
    problem = only_problem(document(statement("S", **change)))
    assert problem.pointer == f"/Statement/0{pointer}"
    assert words in problem.message


@pytest.mark.parametrize("element", ["Effect", "Principal", "Action", "Resource"])
def test_a_missing_element(element: str) -> None:
    body = statement()
    del body[element]
    problem = only_problem(document(statement("ok"), body))
    assert problem.pointer == "/Statement/1"
    assert element in problem.message
    assert element in problem.hint


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("[]", "a list", "Wrap it"),
        ('"x"', "not a string", ""),
        ("{}", "Statement is missing", ""),
        ('{"Version": "2012-10-17"}', "Statement is missing", ""),
        ('{"Statement": null}', "not null", "--destroy"),
        ('{"Statement": []}', "not an empty list", "--destroy"),
        ('{"Statement": "x"}', "not a string", ""),
        ('{"Statement": [7]}', "must be an object, not a number", ""),
        (document(statement(), Version="2012-10-18"), "no policy version", "2012-10-17"),
        (document(statement(), Id=5), "Id must be a string", ""),
        (document(statement(), version="x"), "case-sensitive", '"Version"'),
        (document(statement(), Comment="x"), "no element", "Version, Id, Statement"),
        (json.dumps(statement()), "a single statement", "Wrap it"),
        (json.dumps({"policyText": document(statement())}), "wrapped", "--query policyText"),
        (json.dumps({"registryId": "1", "policyText": "{}"}), "wrapped", "jq -r .policyText"),
        (json.dumps({"PolicyText": {"Statement": []}}), "wrapped", "jq .PolicyText"),
        ('{"rules": [{"destinations": []}]}', "replication", "put-replication-configuration"),
        ('{"replicationConfiguration": {"rules": []}}', "replication", ""),
        ('{"scanType": "BASIC", "rules": []}', "scanning", "put-registry-scanning"),
        ('{"rules": [{"scanFrequency": "MANUAL"}]}', "scanning", ""),
        ('{"rules": [{"rulePriority": 1}]}', "lifecycle", "put-lifecycle-policy"),
        ('{"format_version": 1, "plan_id": "x"}', "saved plan", "planner show"),
        ('{"lineage": "x", "serial": 1}', "state snapshot", ""),
        ("{'Statement': []}", "double quotes", ""),
    ],
)
def test_not_a_policy(text: str, words: str, hint: str) -> None:
    problem = only_problem(text)
    assert words in problem.message
    assert hint in problem.hint


def test_all_problems_come_in_one_report_in_the_order_of_their_places() -> None:
    text = """{
  "Version": "2012-10-18",
  "Statement": [
    {"Effect": "allow", "Principal": "*", "Action": "ecr:*", "Resource": "*",},
    {"Effect": "Allow", "Effect": "Deny", "Principal": "*", "Resource": "*"}
  ]
}"""
    assert [(problem.location.line, problem.location.column) for problem in problems_of(text)] == [
        (2, 14),
        (4, 16),
        (4, 77),
        (5, 5),
        (5, 25),
    ]
    with pytest.raises(InvalidPolicyError) as caught:
        parse_policy(text, "p.json")
    assert "5 problems" in caught.value.summary
    told = to_text(error_lines(caught.value))
    assert '\n  p.json:4:16: /Statement/0/Effect: Effect cannot be "allow"' in told


def test_a_flood_of_problems_is_counted_and_not_all_shown() -> None:
    with pytest.raises(InvalidPolicyError) as caught:
        parse_policy(document(*[{"Effect": "no"} for _ in range(100)]))
    assert "400 problems" in caught.value.summary
    assert "\n  ... and 380 more\n" in to_text(error_lines(caught.value))


def test_a_huge_text_is_refused_unread() -> None:
    assert "more than 1,048,576 bytes" in only_problem(b" " * (MAX_BYTES + 1)).message


def test_a_byte_order_mark_and_loose_forms_are_fine() -> None:
    text = '\ufeff{"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": []}, "NotAction": "*",'
    text += '"NotResource": [], "Condition": {"Bool": {"a": true, "b": [5, 1.50]}, "Null": {}}}}'
    result = find_problems(text.encode())
    assert isinstance(result, ParsedPolicy)
    (only,) = result.policy.statements
    assert [condition.texts for condition in only.conditions] == [("true",), ("5", "1.50")]
    assert result.policy.version is None


def test_policies_of_other_services_need_no_principal_and_no_resource() -> None:
    text = document({"Effect": "Allow", "Action": "ecr:BatchGetImage"})
    assert [problem.message for problem in problems_of(text)] == [
        "the statement has no Principal (or NotPrincipal)",
        "the statement has no Resource (or NotResource)",
    ]
    assert isinstance(find_problems(text, dialect="any"), ParsedPolicy)


def test_a_problem_is_placed_where_its_value_stands() -> None:
    text = '{"Statement":\n {"Effect": "Allow",\n "Principal": {"AWS": "123"},\n'
    text += ' "Action": "ecr:*", "Resource": "*"}}'
    result = find_problems(text)
    assert isinstance(result, ParsedPolicy)
    place = result.locate("/Statement/0/Principal/AWS/0")
    assert (place.line, place.column, place.end_line, place.end_column) == (3, 23, 3, 28)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["*", "Allow", "ecr:*"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["Statement", "Effect", "Principal", "AWS", "Action", "Condition", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=15,
    )
)
def test_any_json_is_a_policy_or_has_problems(value: object) -> None:
    result = find_problems(json.dumps({"Statement": value}))
    assert isinstance(result, ParsedPolicy) or result
