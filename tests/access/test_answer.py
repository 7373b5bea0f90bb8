"""What an answer depends on, and that witnesses are answered as they were found."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.access.answer import Answer, Words, answer, question_of
from planner.access.compare import compare
from planner.access.request import request_json
from planner.registry import Registry
from tests.support.policies import REPOSITORY, document, parsed, statement

HERE = Registry("aws", "444455556666", "us-west-2")
ROLE = "arn:aws:iam::111122223333:role/ci"
ORG = "aws:PrincipalOrgID"
OURS = {"StringEquals": {ORG: "o-a1b2c3d4e5"}}


def allow(**more: Any) -> dict[str, Any]:
    return statement(None, **{"Principal": "*", "Action": "ecr:PutImage", **more})


def deny(**more: Any) -> dict[str, Any]:
    return allow(Effect="Deny", **more)


def ask(*statements: dict[str, Any], who: str = ROLE, where: str = "app", **words: Any) -> Answer:
    rule = parsed(document(*statements))
    question = question_of(Words(who, "ecr:PutImage", where, **words), HERE)
    return answer(rule, question, HERE, "V2")


def examples(found: Answer) -> list[tuple[dict[str, tuple[str, ...]], str]]:
    """What is given in each example, absent keys left out, and the outcome."""
    (part,) = found.parts
    told = part.dependence.examples if part.dependence else ()
    return [
        ({key: values for key, values in given.items() if values}, decision.outcome)
        for given, decision in told
    ]


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            [allow(Condition=OURS)],
            [({}, "not said"), ({"aws:principalorgid": ("o-a1b2c3d4e5",)}, "allowed")],
        ),
        (
            [allow(), deny(Condition={"StringNotEquals": {ORG: "o-a1b2c3d4e5"}})],
            [({}, "denied"), ({"aws:principalorgid": ("o-a1b2c3d4e5",)}, "allowed")],
        ),
        (
            # Present, and another one: the form of an id is kept.
            [allow(Condition={"StringNotEquals": OURS["StringEquals"], "Null": {ORG: "false"}})],
            [({}, "not said"), ({"aws:principalorgid": ("o-anotherorg0",)}, "allowed")],
        ),
        (
            # A key that every request has is never absent.
            [allow(Condition={"Bool": {"aws:SecureTransport": "true"}})],
            [
                ({"aws:securetransport": ("true",)}, "allowed"),
                ({"aws:securetransport": ("false",)}, "not said"),
            ],
        ),
        (
            [allow(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})],
            [({}, "not said"), ({"aws:sourceip": ("203.0.113.0",)}, "allowed")],
        ),
        (
            [allow(Condition={"DateGreaterThan": {"aws:CurrentTime": "2030-01-01"}})],
            [
                ({"aws:currenttime": ("2030-01-01",)}, "not said"),
                ({"aws:currenttime": ("2030-01-01T00:00:01Z",)}, "allowed"),
            ],
        ),
    ],
)
def test_an_answer_with_a_key_and_without(
    statements: list[dict[str, Any]], expected: list[tuple[dict[str, Any], str]]
) -> None:
    found = ask(*statements)
    assert found.outcome == "depends"
    assert examples(found) == expected


def test_two_keys_of_one_statement_are_given_together() -> None:
    both = {**OURS, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    _, (given, outcome) = examples(ask(allow(Condition=both)))
    assert outcome == "allowed"
    assert set(given) == {"aws:principalorgid", "aws:multifactorauthpresent"}


def test_two_ways_to_an_outcome_are_both_shown() -> None:
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "blue"}}
    found = ask(allow(Condition=OURS), allow(Condition=tagged))
    assert [outcome for _, outcome in examples(found)] == ["not said", "allowed", "allowed"]


@pytest.mark.parametrize(
    ("where", "given"),
    [("blue/app", "blue"), ("a-b/c/app", "a-b/c")],
)
def test_the_value_of_a_variable_is_read_off_the_repository(where: str, given: str) -> None:
    own = allow(Resource=f"{REPOSITORY}${{aws:PrincipalTag/team}}/app")
    found = ask(own, where=where)
    assert examples(found)[1] == ({"aws:principaltag/team": (given,)}, "allowed")
    assert ask(own, where="app").outcome == "not said"


def test_a_variable_in_a_condition_is_given_the_value_it_is_compared_with() -> None:
    own = {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalTag/home}"}}
    found = ask(allow(Condition=own))
    assert examples(found)[1] == ({"aws:principaltag/home": ("444455556666",)}, "allowed")


@pytest.mark.parametrize(
    "statements",
    [
        [allow(), allow(Condition=OURS)],
        [deny(), allow(Condition=OURS)],
        [allow(), deny(Condition=OURS, Action="ecr:DeleteRepository")],
        [allow(Condition={**OURS, "StringLike": {"aws:PrincipalArn": "*:user/*"}})],
        [allow(Condition={"StringEquals": {"aws:ResourceAccount": "444455556666"}})],
        [allow(Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})],
        [allow(Condition={"StringEquals": {"aws:username": "bob"}})],
    ],
)
def test_an_answer_that_no_key_changes_depends_on_none(statements: list[dict[str, Any]]) -> None:
    assert ask(*statements).outcome in ("allowed", "denied", "not said")


def test_what_could_not_be_ruled_out_is_not_known_and_says_why() -> None:
    never = {"StringEquals": {ORG: "o-a1b2c3d4e5"}, "StringNotEquals": {ORG: "o-a1b2c3d4e5"}}
    found = ask(allow(Condition=never))
    assert found.outcome == "unknown"
    assert found.parts[0].reasons == ("it may depend on aws:PrincipalOrgID, which was not given",)
    assert ask(allow(Condition=never), without=("aws:PrincipalOrgID",)).outcome == "not said"


def test_many_keys_and_statements_take_bounded_work() -> None:
    keys = {f"aws:PrincipalTag/k{number}": f"v{number}" for number in range(20)}
    many = [allow(Condition={"StringEquals": keys}, Sid=f"S{number}") for number in range(20)]
    found = ask(*many)
    assert found.outcome == "depends"
    assert examples(found)[1][1] == "allowed"


def test_a_policy_far_too_large_for_ecr_is_not_looked_through() -> None:
    many = [
        allow(Condition={"StringEquals": {f"aws:PrincipalTag/k{number}": "v"}})
        for number in range(100)
    ]
    found = ask(*many)
    assert found.outcome == "unknown"
    (reason,) = found.parts[0].reasons
    assert reason.startswith("it may depend on aws:PrincipalTag/k0, aws:PrincipalTag/k1, ")
    assert reason.endswith(" and 97 more keys, which were not given")


def test_a_key_of_the_resource_and_many_of_the_condition() -> None:
    tags = {f"aws:PrincipalTag/k{number}": "v" for number in range(12)}
    own = f"{REPOSITORY}${{aws:PrincipalTag/team}}/*"
    found = ask(allow(Resource=own, Condition={"StringEquals": tags}), where="blue/app")
    assert found.outcome == "depends"
    assert examples(found)[1][0]["aws:principaltag/team"] == ("blue",)


PAIRS = [
    ([], [allow(Condition=OURS)]),
    ([allow()], [allow(), deny(Condition={"StringNotEquals": OURS["StringEquals"]})]),
    ([], [allow(Condition={"StringNotEquals": OURS["StringEquals"]})]),
    ([], [allow(Principal={"AWS": "111122223333"}, Condition={"Null": {ORG: "true"}})]),
    ([], [allow(Principal={"Service": "replication.ecr.amazonaws.com"})]),
    ([], [allow(Condition={"Bool": {"aws:SecureTransport": "true"}})]),
]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_a_witness_is_answered_as_it_was_found(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> None:
    """What a witness does not have is absent from it."""
    rules = [parsed(document(*each)) if each else None for each in (before, after)]
    found = compare(rules[0], rules[1], HERE)
    rows = [*((row, 1) for row in found.gained), *((row, 0) for row in found.lost)]
    assert rows
    for row, allowing in rows:
        witness = request_json(row.witness)
        context = [
            f"{key}={one}"
            for key, value in witness["context"].items()
            for one in ([value] if isinstance(value, str) else value)
        ]
        where = witness["principal"], witness["action"], witness["resource"]
        question = question_of(Words(*where, context, ("*",)), HERE)
        outcomes = [answer(each, question, HERE, "V2").outcome for each in rules]
        assert outcomes[allowing] == "allowed"
        assert outcomes[1 - allowing] != "allowed"


OPEN_KEYS = (ORG, "aws:SourceVpc", "aws:PrincipalTag/team", "aws:MultiFactorAuthPresent")
VALUES = ("blue", "b*", "true", "false", "o-a1b2c3d4e5", "${aws:PrincipalTag/team}")
OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringEqualsIfExists",
    "ForAnyValue:StringLike",
    "ForAllValues:StringNotEquals",
    "Null",
    "Bool",
)
RESOURCES = (f"{REPOSITORY}*", f"{REPOSITORY}${{aws:PrincipalTag/team}}/*", f"{REPOSITORY}green/*")
conditions = st.dictionaries(
    st.sampled_from(OPERATORS),
    st.dictionaries(
        st.sampled_from(OPEN_KEYS), st.lists(st.sampled_from(VALUES), min_size=1), max_size=2
    ),
    max_size=2,
)
statements = st.builds(
    lambda effect, resource, condition: allow(
        Effect=effect,
        Resource=resource,
        Condition={operator: keys for operator, keys in condition.items() if keys},
    ),
    st.sampled_from(("Allow", "Deny")),
    st.sampled_from(RESOURCES),
    conditions,
)
contexts = st.dictionaries(st.sampled_from(OPEN_KEYS), st.sampled_from((*VALUES, "red")))


@given(st.lists(statements, min_size=1, max_size=3), contexts)
def test_what_depends_on_nothing_is_the_same_with_everything(
    rule: list[dict[str, Any]], context: dict[str, str]
) -> None:
    """And an example is true: with its keys and no others the answer is what it says."""
    found = ask(*rule, where="blue/app")
    words = [f"{key}={value}" for key, value in context.items()]
    if found.outcome not in ("depends", "unknown"):
        completed = ask(*rule, where="blue/app", context=words, without=("*",))
        assert completed.outcome == found.outcome
    for given_keys, outcome in examples(found):
        named = [f"{key}={one}" for key, values in given_keys.items() for one in values]
        assert ask(*rule, where="blue/app", context=named, without=("*",)).outcome == outcome
