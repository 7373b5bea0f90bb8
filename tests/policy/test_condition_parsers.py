"""Conditions: what lint says of one and what the engine does with it, asked from one table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.access.compare import compare
from planner.access.evaluate import evaluate
from planner.access.request import Request, parse_caller
from planner.lint.check import check
from planner.lint.finding import Finding
from planner.lint.rule import RULES
from planner.policy.document import Policy, parse_condition
from planner.policy.operators import OPERATORS, ValueType, parse_operator
from planner.policy.parse import parse_policy
from planner.policy.values import parse_value
from planner.text import fold
from tests.support.effort import tries
from tests.support.lint import HERE, broken
from tests.support.policies import document, statement

SOURCE = "111122223333"
_GIVEN = {
    "Numeric": "0.5",
    "Date": "2020-01-01T00:00:00Z",
    "IpAddress": "10.0.0.1",
    "Bool": "true",
    "Binary": "QQ==",
    "Arn": "arn:aws:iam::111122223333:role/ci",
    "String": "x",
}
"""What a request has for a key whose values are of a type."""


def findings(text: str) -> list[Finding]:
    return check(parse_policy(text), HERE, "V2")


_MALFORMED = [each for each in RULES if each.startswith("malformed-")]


def one(operator: str, *values: str, key: str = "custom:key") -> str:
    return document(statement(Condition={operator: {key: list(values)}}))


def outcome(text: str, key: str, value: str | None) -> str:
    context = {} if value is None else {key: (value,)}
    caller, resource = parse_caller(SOURCE), f"arn:aws:ecr:us-west-2:{HERE.account_id}:repository/a"
    request = Request(caller, "ecr:ReplicateImage", resource, context)
    return evaluate(parse_policy(text).policy, request).outcome


# An operator, a value, what lint says, a request's value, and the outcome of that request.
READ = [
    ("NumericEquals", ".5", [], "0.5", "allowed"),
    ("NumericEquals", "5.", [], "5", "allowed"),
    ("NumericEquals", " 5", [], "5.0", "allowed"),
    ("NumericEquals", "-5e1", ["malformed-value"], "-50", "unknown"),
    ("NumericEquals", "9" * 40, [], "9" * 40, "allowed"),
    ("NumericEquals", "9" * 41, ["malformed-value"], "9" * 41, "unknown"),
    ("NumericEquals", "٣", ["malformed-value"], "3", "unknown"),
    ("NumericEquals", "${aws:x}", ["malformed-value"], "3", "unknown"),
    ("DateEquals", "2020-01", [], "2020-01-01T00:00:00Z", "allowed"),
    ("DateEquals", "2020", [], "1577836800", "allowed"),
    ("DateEquals", "1577836800.5", [], "2020-01-01T00:00:00.5Z", "allowed"),
    ("DateEquals", "-5", [], "1969-12-31T23:59:55Z", "allowed"),
    ("DateEquals", "2020-01-01T00:00+02:00", [], "2019-12-31T22:00:00Z", "allowed"),
    ("DateEquals", "2020-01-01T00:00:00.1234567Z", [], "2020-01-01T00:00:00.1234568Z", "no"),
    ("DateEquals", "2020-W01", ["malformed-value"], "2020-01-01", "unknown"),
    ("DateEquals", "2020-01-01 00:00:00", ["malformed-value"], "2020-01-01", "unknown"),
    ("DateEquals", "2020-02-30", ["malformed-value"], "2020-02-30", "unknown"),
    ("DateEquals", "2020-01-01T00:00:00+24:00", ["malformed-value"], "2020-01-01", "unknown"),
    ("Bool", "TRUE", [], "true", "allowed"),
    ("Bool", "yes", ["malformed-value"], "yes", "unknown"),
    ("Bool", "${aws:x}", ["malformed-value"], "true", "unknown"),
    ("Null", "no", ["malformed-value"], None, "unknown"),
    ("BinaryEquals", "QQ==", [], "QQ==", "allowed"),
    ("BinaryEquals", "!!!", ["malformed-value"], "!!!", "unknown"),
    ("BinaryEquals", "${aws:x}", ["malformed-value"], "QQ==", "unknown"),
    ("IpAddress", "10.0.0.0/8", [], "10.1.2.3", "allowed"),
    ("IpAddress", "10.0.0.0/255.0.0.0", ["malformed-value"], "10.1.2.3", "unknown"),
    ("IpAddress", "fe80::1%eth0", ["malformed-value"], "fe80::1", "unknown"),
    ("ArnLike", "*", ["malformed-arn-pattern"], "arn:aws:a:b:c:d", "unknown"),
    ("ArnLike", "arn:*", ["malformed-arn-pattern"], "arn:aws:a:b:c:d", "unknown"),
    ("ArnNotLike", "arn*", ["malformed-arn-pattern"], "arn:aws:a:b:c:d", "unknown"),
    ("ArnEquals", "arn:aws", ["malformed-arn-pattern"], "arn:aws:a:b:c:d", "unknown"),
    ("ArnLike", "${aws:PrincipalArn}", ["malformed-arn-pattern"], "arn:aws:a:b:c:d", "unknown"),
    ("ArnLike", "role/ci", ["malformed-value"], "role/ci", "unknown"),
    ("ArnLike", "urn:*:*:*:*:*", ["malformed-value"], "urn:a:b:c:d:e", "unknown"),
    ("ArnLike", "a?n:*:*:*:*:*", [], "arn:a:b:c:d:e", "allowed"),
    ("StringEquals", "${aws:PrincipalAccount}", [], SOURCE, "allowed"),
    ("StringEquals", "${aws:x, 'a'}", [], "a", "allowed"),
    ("StringEquals", "${$}${*}", [], "$*", "allowed"),
    ("StringEquals", "${aws:username", ["malformed-value"], "x", "unknown"),
    ("StringEquals", "${Account}", ["malformed-value"], "x", "unknown"),
    ("StringEquals", "${ aws:x }", ["malformed-value"], "x", "unknown"),
    ("Foo:StringEquals", "x", ["malformed-operator"], "x", "unknown"),
    ("StringIs", "x", ["malformed-operator"], "x", "unknown"),
    ("ForAnyValue:Null", "true", ["malformed-operator"], "x", "unknown"),
    ("ForAllValues:Null", "true", ["malformed-operator"], None, "unknown"),
    ("NullIfExists", "true", ["malformed-operator"], None, "unknown"),
    ("IfExists", "x", ["malformed-operator"], None, "unknown"),
    ("ForAllValues:", "x", ["malformed-operator"], "x", "unknown"),
]


@pytest.mark.parametrize(("operator", "value", "said", "given", "expected"), READ)
def test_lint_and_engine_read_alike(
    operator: str, value: str, said: list[str], given: str | None, expected: str
) -> None:
    text = one(operator, value)
    assert broken(text, _MALFORMED) == set(said)
    assert outcome(text, "custom:key", given) == ("not said" if expected == "no" else expected)
    found = compare(None, parse_policy(text).policy, HERE)
    assert bool(found.unknown) == bool(said)
    faults = [each.message for each in findings(text) if each.rule in said]
    reasons = [fold(doubt.reason) for doubt in found.unknown]
    assert all(fold(fault) in reason for fault in faults for reason in reasons)


@pytest.mark.parametrize("operator", ["Foo:StringEquals", "ForAnyValue:Null", "NullIfExists"])
def test_a_malformed_operator_is_one_finding(operator: str) -> None:
    keys = {"aws:PrincipalOrgPaths": "true", "aws:TagKeys": "true"}
    found = findings(document(statement(Condition={operator: keys})))
    (only,) = [each for each in found if "/Condition" in each.pointer]
    assert (only.rule, only.pointer) == (
        "malformed-operator",
        f"/Statement/0/Condition/{operator}",
    )


SENDS = "aws:SourceAccount"
WITHOUT = [
    # An operator and a value for a key that replication does not send; what lint says.
    ("StringEquals", SOURCE, "it is never allowed"),
    ("StringNotEquals", SOURCE, "the condition keeps nobody out"),
    ("StringEqualsIfExists", SOURCE, "the condition keeps nobody out"),
    ("Null", "true", "the condition keeps nobody out"),
    ("Null", "false", "it is never allowed"),
    ("ForAnyValue:StringNotEquals", SOURCE, "it is never allowed"),
    ("ForAnyValue:StringNotEqualsIfExists", SOURCE, "the condition keeps nobody out"),
    ("ForAllValues:StringEquals", SOURCE, "the condition keeps nobody out"),
    ("Null", "no", "what is said of it is not known"),
]


@pytest.mark.parametrize(("operator", "value", "said"), WITHOUT)
def test_lint_says_of_a_missing_key_what_the_engine_says(
    operator: str, value: str, said: str
) -> None:
    text = one(operator, value, key=SENDS)
    (found,) = [each for each in findings(text) if each.rule == "source-key-replication"]
    assert found.message == f"replication never has {SENDS}, so {said}"
    answers = {
        "it is never allowed": "not said",
        "the condition keeps nobody out": "allowed",
        "what is said of it is not known": "unknown",
    }
    assert outcome(text, SENDS, None) == answers[said]


def test_a_malformed_value_is_found_at_its_line() -> None:
    text = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*",'
    text += (
        '"Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": [\n"10.0.0.0/8",\n"x"]}}}}'
    )
    (found,) = [each for each in findings(text) if each.rule == "malformed-value"]
    assert found.location.line == 3


_SEEDS = {
    "Numeric": ["5", "-0.5", "+.5", " 5 ", "9" * 40],
    "Date": ["2020", "2020-01", "2020-01-01T00:00:00.5+01:00", "1577836800.5"],
    "Bool": ["true", "FALSE"],
    "Binary": ["QmluYXJ5", "QQ=="],
    "IpAddress": ["10.0.0.0/8", "2001:db8::/32", "203.0.113.7"],
    "Arn": ["arn:aws:iam::111122223333:role/ci", "a?n:*:*:*:*:*", "arn:*", "${aws:PrincipalArn}"],
    "String": ["${aws:username}", "${aws:x, 'y'}", "${*}a", "plain", "${Account}"],
}
_NAMES = [each.name for each in OPERATORS]
_edges = st.text("0123456789.-+:TZWe/ ${}*?'arn,=%", max_size=4)


@st.composite
def _conditions(draw: st.DrawFn) -> tuple[str, str]:
    """An operator and a value of its type, and often enough neither quite so."""
    prefix = draw(st.sampled_from(["", "", "ForAnyValue:", "ForAllValues:", "Foo:"]))
    suffix = draw(st.sampled_from(["", "", "IfExists", "IfExist"]))
    operator = f"{prefix}{draw(st.sampled_from(_NAMES))}{suffix}"
    kind: ValueType = parse_operator(operator).row.value_type
    seed = draw(st.sampled_from([*_SEEDS[kind], ""]))
    at = draw(st.integers(0, len(seed)))
    cut = draw(st.integers(0, 2))
    value = draw(st.one_of(st.just(seed), st.just(seed[:at] + draw(_edges) + seed[at + cut :])))
    return operator, value


@given(_conditions())
@settings(max_examples=tries(200))
def test_lint_finds_a_malformed_value_exactly_where_the_engine_has_one(
    made: tuple[str, str],
) -> None:
    operator, value = made
    condition = parse_condition(operator, "custom:key", [value])
    is_malformed = bool(condition.operator.malformed or condition.values[0].malformed)
    text = one(operator, value)
    assert bool(broken(text, _MALFORMED)) == is_malformed
    given_value = _GIVEN[condition.operator.row.value_type]
    assert (outcome(text, "custom:key", given_value) == "unknown") == is_malformed


@given(_conditions())
@settings(max_examples=tries(100))
def test_what_is_malformed_is_never_equivalent_to_none(made: tuple[str, str]) -> None:
    operator, value = made
    policy: Policy = parse_policy(one(operator, value)).policy
    condition = policy.statements[0].conditions[0]
    if condition.operator.malformed or condition.values[0].malformed:
        assert compare(None, policy, HERE).verdict == "unknown"


@pytest.mark.parametrize("kind", _SEEDS)
def test_values_keep_their_text(kind: ValueType) -> None:
    for text in _SEEDS[kind]:
        value = parse_value(kind, text)
        assert (str(value), value.type, value) == (text, kind, parse_value(kind, text))
