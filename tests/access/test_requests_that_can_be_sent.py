"""Comparisons that rest on which requests can be sent: keys, callers, variables, Versions."""

from __future__ import annotations

from typing import Any

import pytest

from planner.access.compare import compare
from planner.policy.document import Policy
from tests.support.comparing import ORG, REGISTRY, ROLE, checked, given, not_given, rule, when
from tests.support.policies import policy

ID = "AROADBQP57FF2AEXAMPLE"
ONE = {"Principal": {"AWS": "111122223333"}}
VIA, CALLED = "aws:ViaAWSService", "aws:CalledVia"
TAG, TAG_KEYS = "aws:RequestTag/team", "aws:TagKeys"


def both(**conditions: dict[str, Any]) -> dict[str, Any]:
    return rule(Principal="*", Action="ecr:*", Condition=conditions)


NOBODY: list[tuple[str, dict[str, Any]]] = [
    (
        "MFA of an age without MFA",
        both(
            Bool={"aws:MultiFactorAuthPresent": "false"},
            NumericLessThan={"aws:MultiFactorAuthAge": "300"},
        ),
    ),
    (
        "two times at once",
        both(
            DateLessThan={"aws:CurrentTime": "2030-01-01T00:00:00Z"},
            NumericGreaterThan={"aws:EpochTime": "1900000000"},
        ),
    ),
    (
        "a token of the future",
        both(
            DateLessThan={"aws:CurrentTime": "2025-01-01T00:00:00Z"},
            DateGreaterThan={"aws:TokenIssueTime": "2026-01-01T00:00:00Z"},
        ),
    ),
    (
        "an address and an endpoint",
        both(
            IpAddress={"aws:SourceIp": "203.0.113.0/24"},
            StringLike={"aws:SourceVpce": "*"},
        ),
    ),
    ("neither an address nor a VPC", both(Null={"aws:SourceIp": "true", "aws:SourceVpc": "true"})),
    (
        "called by services, but not",
        both(Bool={VIA: "false"}, **{"ForAnyValue:StringLike": {CALLED: "*"}}),
    ),
    (
        "a tag whose key is not sent",
        both(StringEquals={TAG: "red"}, **{"ForAllValues:StringEquals": {TAG_KEYS: "env"}}),
    ),
    (
        "one tag of two values",
        both(StringEquals={"aws:ResourceTag/team": "red", "ecr:ResourceTag/team": "blue"}),
    ),
    (
        "a path in another organization",
        both(
            StringEquals={ORG: "o-exampleorg1"},
            **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-exampleorg2/*"}},
        ),
    ),
    ("a key that is always there", both(Null={"aws:SecureTransport": "true"})),
    ("MFA that is neither", both(StringEquals={"aws:MultiFactorAuthPresent": "maybe"})),
    ("another registry", both(StringEquals={"aws:ResourceAccount": "111122223333"})),
    ("another Region", both(StringNotEquals={"aws:RequestedRegion": "us-west-2"})),
    (
        "a source of another account than its ARN's",
        both(
            StringEquals={"aws:SourceAccount": "111122223333"},
            ArnLike={"aws:SourceArn": "arn:aws:s3:*:222233334444:*"},
        ),
    ),
    (
        "a service with an organization",
        rule(Principal={"Service": "lambda.amazonaws.com"}, **when("StringLike", ORG, "*")),
    ),
    (
        "a user who is a role",
        rule(Principal={"AWS": ROLE}, **when("StringEquals", "aws:PrincipalType", "User")),
    ),
]


@pytest.mark.parametrize("statement", [each for _, each in NOBODY], ids=[e for e, _ in NOBODY])
def test_what_nobody_can_send_is_no_access(statement: dict[str, Any]) -> None:
    assert checked(None, policy(statement), REGISTRY).verdict == "equivalent"


def of_version(version: str | None, *statements: dict[str, Any]) -> Policy:
    return policy(*statements, Version=version)


PAIRS: list[tuple[str, Policy | None, Policy, str]] = [
    (
        "the Version decides what is a variable",
        of_version("2008-10-17", rule(Principal="*", **when("StringEquals", ORG, f"${{{ORG}}}"))),
        of_version("2012-10-17", rule(Principal="*", **when("StringEquals", ORG, f"${{{ORG}}}"))),
        "broadens",
    ),
    (
        "a star in a field and one across colons",
        policy(given("ArnLike", "aws:PrincipalArn", "arn:aws:*:111122223333:root:*:a")),
        policy(given("StringLike", "aws:PrincipalArn", "arn:aws:*:111122223333:root")),
        "broadens",
    ),
    (
        "a unique id may be alive",
        policy(rule()),
        policy(rule(), rule(Principal={"AWS": ID})),
        "broadens",
    ),
    (
        "NotPrincipal with Allow spares whom it names",
        policy(rule(Principal="*")),
        policy(
            {
                **{k: v for k, v in rule().items() if k != "Principal"},
                "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:user/bob"},
            }
        ),
        "narrows",
    ),
    (
        "sessions of every account may have a provider",
        policy(rule(Resource="*")),
        policy(
            rule(Resource="*"),
            given("StringLike", "aws:FederatedProvider", "*")
            | {"Principal": {"AWS": "222233334444"}},
        ),
        "broadens",
    ),
    (
        "the registry's own organization by either key",
        policy(rule(Principal="*", **when("StringEquals", ORG, "${aws:ResourceOrgID}"))),
        policy(rule(Principal="*", **when("StringEquals", "aws:ResourceOrgID", f"${{{ORG}}}"))),
        "equivalent",
    ),
    (
        "the registry's own account by a variable",
        policy(
            rule(
                Principal={"Service": "lambda.amazonaws.com"},
                **when("StringEquals", "aws:SourceAccount", "${aws:ResourceAccount}"),
            )
        ),
        policy(
            rule(
                Principal={"Service": "lambda.amazonaws.com"},
                **when("StringEquals", "aws:SourceAccount", "444455556666"),
            )
        ),
        "equivalent",
    ),
    (
        "a prefix by a tag",
        None,
        policy(
            rule(
                Resource="arn:aws:ecr:us-west-2:444455556666:repository/${aws:PrincipalTag/team}/*"
            )
        ),
        "broadens",
    ),
    (
        "a prefix by a tag, in another",
        policy(rule()),
        policy(
            rule(),
            rule(
                Resource="arn:aws:ecr:us-west-2:444455556666:repository/${aws:PrincipalTag/team}/*"
            ),
        ),
        "equivalent",
    ),
    (
        "a user's own name under one condition on both sides",
        policy(given("StringEquals", "aws:username", "bob", "alice")),
        policy(given("StringEquals", "aws:username", "bob")),
        "narrows",
    ),
    (
        "all but some ids",
        policy(rule(), not_given("StringNotLike", "aws:userId", f"{ID}:*") | ONE),
        policy(rule(), not_given("StringLike", "aws:userId", "*") | ONE),
        "narrows",
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "verdict"), [each[1:] for each in PAIRS], ids=[each[0] for each in PAIRS]
)
def test_two_policies(before: Policy | None, after: Policy, verdict: str) -> None:
    found = checked(before, after, REGISTRY)
    assert (found.verdict, found.unknown) == (verdict, ())


def test_the_usual_rewrite_of_mfa_is_none() -> None:
    """Without a registry: whoever is denied without MFA was not allowed either."""
    mfa = "aws:MultiFactorAuthPresent"
    by_deny = policy(rule(Principal="*"), not_given("BoolIfExists", mfa, "false"))
    by_allow = policy(rule(Principal="*", **when("Bool", mfa, "true")))
    assert compare(by_deny, by_allow).verdict == "equivalent"


def test_an_action_that_planner_does_not_know_is_unknown() -> None:
    found = compare(None, policy(rule(Action="ecr:MakeCoffee")), REGISTRY)
    assert found.verdict == "unknown"
    assert found.unknown[0].reason == "planner does not know the action ecr:makecoffee"
