"""Whether assertions hold of a policy, for every request that they cover."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.access.evaluate import outcome_of
from planner.access.request import Request, parse_caller
from planner.errors import PlannerError
from planner.guard.assertion import Assertion, assertion_from
from planner.guard.assertion_checks import Judged, PolicyUnderTest, judge
from planner.policy.document import Policy
from planner.registry import Registry
from tests.support.effort import tries
from tests.support.policies import REPOSITORY, canonical_policies, policy, statement

HERE = Registry("aws", "444455556666", "us-west-2")
OURS = "o-a1b2c3d4e5"
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
CI = "arn:aws:iam::444455556666:role/ci"
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": OURS}}
OWN = {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}


def asserted(**members: Any) -> Assertion:
    whole = {"principal": "222233334444", "action": "pull", "repository": "prod-*", "may": True}
    if "outside" in members:
        del whole["principal"]
    return assertion_from({**whole, "reason": "so it is", **members}, "it")


def held(assertion: Assertion, after: Policy | None, scope: str | None = None) -> Judged:
    count = len(after.statements) if after else 0
    names = [f"statement[{number}]" for number in range(count)]
    return judge(assertion, PolicyUnderTest(after, HERE, scope, names))


def pulls(principal: Any = None, *names: str, **more: Any) -> dict[str, Any]:
    who = principal or {"AWS": "222233334444"}
    where = [f"{REPOSITORY}{each}" for each in names or ("prod-*",)]
    return statement(None, Principal=who, Action=PULL, Resource=where, **more)


def pushes(principal: Any, **more: Any) -> dict[str, Any]:
    return statement(None, Principal=principal, Action="ecr:PutImage", Resource="*", **more)


def denies(**more: Any) -> dict[str, Any]:
    return {**pulls("*", "*"), "Effect": "Deny", **more}


NOBODY_ELSE = {"outside": OURS, "action": "push", "repository": "*", "may": False}
CASES: list[tuple[dict[str, Any], Policy | None, str]] = [
    ({}, policy(pulls()), "holds"),
    ({}, None, "broken"),
    ({}, policy(pulls(None, "prod-a*")), "broken"),
    ({}, policy(pulls(None, "prod-a*", "prod-*")), "holds"),
    ({}, policy(pulls({"AWS": "arn:aws:iam::222233334444:role/ci"})), "broken"),
    ({}, policy(pulls("*")), "holds"),
    ({}, policy(pulls(), denies(Resource=f"{REPOSITORY}prod-secret")), "broken"),
    ({}, policy(pulls(), denies(Resource=f"{REPOSITORY}test-*")), "holds"),
    ({}, policy({**pulls(), "Action": "ecr:BatchGetImage"}), "broken"),
    # Under a condition only those requests are allowed that meet it.
    ({}, policy(pulls("*", Condition=ORGANIZATION)), "broken"),
    (
        {"context": {"aws:PrincipalOrgID": OURS}},
        policy(pulls("*", Condition=ORGANIZATION)),
        "holds",
    ),
    ({"principal": OURS}, policy(pulls("*", Condition=ORGANIZATION)), "holds"),
    ({"principal": OURS}, policy(pulls()), "broken"),
    ({"principal": ["222233334444", OURS]}, policy(pulls("*", Condition=ORGANIZATION)), "broken"),
    (
        {"principal": "arn:aws:iam::222233334444:role/ci-*"},
        policy(pulls({"AWS": "222233334444"})),
        "holds",
    ),
    (
        {"principal": "arn:aws:iam::*:role/ci-*"},
        policy(pulls({"AWS": "222233334444"})),
        "broken",
    ),
    ({"may": False}, policy(pulls()), "broken"),
    ({"may": False}, policy(pulls(None, "test-*")), "holds"),
    ({"may": False}, policy(pulls(), denies()), "holds"),
    ({"may": False}, policy(pulls("*"), denies(Principal={"AWS": "222233334444"})), "holds"),
    ({"may": False}, None, "holds"),
    (NOBODY_ELSE, policy(pushes("*", Condition=ORGANIZATION)), "holds"),
    (NOBODY_ELSE, policy(pushes("*")), "broken"),
    (NOBODY_ELSE, policy(pushes({"AWS": "222233334444"})), "broken"),
    ({**NOBODY_ELSE, "outside": [OURS, "222233334444"]}, policy(pushes("*")), "broken"),
    (
        {**NOBODY_ELSE, "outside": [OURS, "222233334444"]},
        policy(pushes({"AWS": "arn:aws:iam::222233334444:role/ci"})),
        "holds",
    ),
    # A service is outside of every organization, unless it is named.
    (NOBODY_ELSE, policy(pushes({"Service": "codebuild.amazonaws.com"})), "broken"),
    (
        {**NOBODY_ELSE, "outside": [OURS, "codebuild.amazonaws.com"]},
        policy(pushes({"Service": "codebuild.amazonaws.com"})),
        "holds",
    ),
    # The registry's own account is not meant by an organization, unless it is named.
    (NOBODY_ELSE, policy(pushes({"AWS": CI})), "holds"),
    ({**NOBODY_ELSE, "principal": "444455556666"}, policy(pushes({"AWS": CI})), "broken"),
    ({**NOBODY_ELSE, "outside": "222233334444"}, policy(pushes({"AWS": CI})), "broken"),
    ({**NOBODY_ELSE, "outside": CI}, policy(pushes({"AWS": CI})), "holds"),
    # Who pulls may ask whether a layer is there, as who pushes does.
    (
        {**NOBODY_ELSE, "action": ["push"]},
        policy(statement(None, Action="ecr:BatchCheckLayerAvailability", Resource="*")),
        "holds",
    ),
    (
        {**NOBODY_ELSE, "action": "everything"},
        policy(statement(None, Action="ecr:BatchCheckLayerAvailability", Resource="*")),
        "broken",
    ),
    # What is asked for no repository is covered by all of them.
    (
        {"action": "log in", "repository": "*"},
        policy(statement(None, "222233334444", Action="ecr:GetAuthorizationToken", Resource="*")),
        "holds",
    ),
    # An Allow that names the own account alone says nothing of its users and roles.
    ({"principal": "444455556666"}, policy(pulls({"AWS": "444455556666"})), "broken"),
    ({"principal": "444455556666"}, policy(pulls("*", Condition=OWN)), "holds"),
    ({"principal": "444455556666", "may": False}, policy(pulls({"AWS": "444455556666"})), "holds"),
    ({"principal": CI}, policy(pulls({"AWS": CI})), "holds"),
    # What covers nothing would hold of anything.
    ({"outside": "222233334444", "principal": "222233334444"}, policy(pulls()), "undecided"),
    ({"principal": "arn:aws-cn:iam::222233334444:root"}, policy(pulls()), "undecided"),
    # What is not known is no answer.
    ({}, policy(pulls(Condition={"Madeup": {"aws:userid": "x"}})), "undecided"),
    ({"may": False}, policy(pulls(Condition={"Madeup": {"aws:userid": "x"}})), "undecided"),
    ({}, policy(pulls(), denies(Condition={"Madeup": {"aws:userid": "x"}})), "undecided"),
    # A doubt about others is none about those who are meant.
    (
        {},
        policy(pulls(), pulls({"AWS": "333344445555"}, Condition={"Madeup": {"aws:userid": "x"}})),
        "holds",
    ),
]


@pytest.mark.parametrize(("members", "after", "result"), CASES)
def test_whether_it_holds(members: dict[str, Any], after: Policy | None, result: str) -> None:
    judged = held(asserted(**members), after)
    assert judged.result == result
    assert (judged.row is not None) == (result == "broken")
    assert bool(judged.reason) or result != "undecided"


def test_what_is_broken_has_a_request_that_breaks_it() -> None:
    judged = held(asserted(), policy(pulls(), denies(Resource=f"{REPOSITORY}prod-secret")))
    found = judged.to_json()
    assert (found["says"], found["statement"]) == ("denied", "statement[1]")
    assert found["witness"]["resource"] == f"{REPOSITORY}prod-secret"
    assert found["witness"]["principal"] == "arn:aws:iam::222233334444:root"
    found = held(asserted(may=False), policy(pulls())).to_json()
    assert (found["says"], found["statement"]) == ("allowed", "statement[0]")


def test_it_is_said_what_the_own_account_needs() -> None:
    judged = held(asserted(principal="444455556666"), policy(pulls({"AWS": "444455556666"})))
    assert judged.says == "not said"
    assert "StringEquals aws:PrincipalAccount" in judged.reason
    assert not held(asserted(principal="444455556666"), policy(pulls())).reason


def test_under_scope_v1_three_actions_count() -> None:
    judged = held(asserted(), policy(pulls()), "V1")
    assert (judged.result, judged.says) == ("broken", "not said")
    assert "scope V1" in judged.reason
    assert held(asserted(may=False), policy(pulls()), "V1").result == "holds"
    replicate = asserted(action="replicate", principal="111122223333")
    assert held(replicate, policy(statement()), "V1").result == "holds"


MEMBERS: list[dict[str, Any]] = [
    {"principal": "111122223333", "action": "replicate"},
    {"principal": "*", "action": "ecr:*", "repository": "*"},
    {"principal": "arn:aws:iam::111122223333:role/*", "action": "ecr:Batch*"},
    {"principal": "o-exampleorgid", "action": "pull"},
    {"outside": ["o-exampleorgid", "111122223333"], "action": "pull", "repository": "*"},
    {"outside": "111122223333", "action": "everything", "repository": "*"},
    {"principal": "444455556666", "action": "replicate", "repository": "*"},
    {"principal": "*", "action": "pull", "context": {"aws:SourceIp": "10.0.0.0/8"}},
]
CALLERS = ["111122223333", "222233334444", "arn:aws:iam::111122223333:role/ci", CI]
CALLERS += ["codebuild.amazonaws.com"]
requests = st.builds(
    Request,
    st.sampled_from(CALLERS).map(parse_caller),
    st.sampled_from([*PULL, "ecr:ReplicateImage", "ecr:CreateRepository"]),
    st.sampled_from([f"{REPOSITORY}prod-a", f"{REPOSITORY}app"]),
    st.fixed_dictionaries(
        {},
        optional={
            "aws:PrincipalOrgID": st.sampled_from([("o-exampleorgid",), ("o-1",)]),
            "aws:SourceIp": st.just(("10.1.2.3",)),
            "aws:PrincipalTag/Team": st.sampled_from([("true",), ("",)]),
        },
    ),
)


@settings(max_examples=tries(50))
@given(
    canonical_policies,
    st.sampled_from(MEMBERS),
    st.booleans(),
    st.lists(requests, min_size=1, max_size=8),
)
def test_no_request_contradicts_what_was_decided(
    after: Policy, members: dict[str, Any], may: bool, asked: list[Request]
) -> None:
    assertion = asserted(**members, may=may)
    covered = Policy(assertion.covers(HERE, "Allow"), "2012-10-17")
    judged = held(assertion, after)
    if judged.row:
        witness = judged.row.witness
        assert outcome_of(covered, witness, HERE) == "allowed"
        said = outcome_of(after, witness, HERE)
        assert said == judged.says
        assert (said == "allowed") != may
    if judged.result == "holds":
        for each in asked:
            if outcome_of(covered, each, HERE) == "allowed":
                assert (outcome_of(after, each, HERE) == "allowed") == may, each


WHO = ["*", "o-a1b2c3d4e5", "111122223333", "arn:aws:iam::*:role/*a?b*", "arn:aws:iam::*:*", CI]
WHO += ["codebuild.amazonaws.com", "accounts.google.com", "AROAABCDEFGHIJKLMNOPQ", "a?*", "${x"]
WHAT = ["pull", "push", "everything", "log in", "ecr:*", "*:*", "ecr:?ut*", "ecr:PutImage", "s3:*"]
WHERE = ["*", "prod-*", "a", "?/*", "A", "a..b"]
WITH = ["aws:PrincipalTag/x", "aws:PrincipalOrgPaths", "aws:SourceIp", "aws:CurrentTime", "aws:x"]
VALUES = ["true", "10.0.0.0/8", "2026-01-31", "*", "", "o-a1b2c3d4e5/r-ab12/"]


def some(pool: list[str]) -> st.SearchStrategy[Any]:
    one = st.sampled_from(pool)
    return one | st.lists(one, min_size=1, max_size=3)


members = st.fixed_dictionaries(
    {
        "principal": some(WHO),
        "action": some(WHAT),
        "repository": some(WHERE),
        "may": st.booleans(),
        "reason": st.just("r"),
    },
    optional={
        "outside": some(WHO),
        "context": st.dictionaries(st.sampled_from(WITH), some(VALUES), max_size=2),
    },
)


@settings(max_examples=tries(50))
@given(members, canonical_policies, st.sampled_from([None, "V1"]))
def test_whatever_is_an_assertion_is_judged(
    given_: dict[str, Any], after: Policy, scope: str | None
) -> None:
    try:
        assertion = assertion_from(given_, "it")
    except PlannerError:
        return
    assert held(assertion, after, scope).result in ("holds", "broken", "undecided")
    assert assertion_from(assertion.to_json(), "it") == assertion


def test_json_is_plain() -> None:
    json.dumps(held(asserted(), None).to_json())
