"""Two policies compared: fixed cases, rows and witnesses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.access.compare import compare, grants
from planner.access.evaluate import evaluate
from planner.access.request import Request, parse_caller
from planner.policy.document import Policy
from planner.policy.parse import parse_policy
from tests.support.comparing import (
    ORG,
    REGISTRY,
    ROLE,
    ROOT,
    at,
    checked,
    deny,
    given,
    not_at,
    not_given,
    repositories,
    rule,
    sparing,
    turned,
    when,
)
from tests.support.policies import REPOSITORY, policy
from tests.support.small_world import ONE, TWO

EPOCH = "aws:EpochTime"
CASES: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]], str]] = [
    ("nothing changes", [rule()], [rule()], "equivalent"),
    ("more repositories", [at("prod-*")], [rule()], "broadens"),
    ("crossing patterns", [at("prod-*")], [at("*-x")], "both"),
    ("a union that covers", [at("a*", "*a")], [at("a*", "*a", "a*a")], "equivalent"),
    ("split statements", [at("a*", "b*")], [at("a*"), at("b*")], "equivalent"),
    ("all names have a character", [rule()], [at("?*")], "narrows"),
    ("a Deny that takes a part", [rule()], [rule(), not_at("*-x")], "narrows"),
    ("a Deny beside it", [at("a*")], [at("a*"), not_at("b*")], "equivalent"),
    (
        "a Deny that overlaps in part",
        [at("prod-*"), not_at("*-x")],
        [at("prod-*"), not_at("*-xx")],
        "both",
    ),
    (
        "a Deny of what was never allowed",
        [rule(), deny(Principal={"AWS": TWO})],
        [rule()],
        "equivalent",
    ),
    ("an account and its role", [rule()], [rule(Principal={"AWS": ROLE})], "narrows"),
    ("a role beside its account", [rule()], [rule(Principal={"AWS": [ROLE, ROOT]})], "equivalent"),
    ("everyone", [rule()], [rule(Principal="*")], "broadens"),
    (
        "services are not accounts",
        [rule(Principal={"Service": "ecs.amazonaws.com"})],
        [rule(Principal="*")],
        "broadens",
    ),
    (
        "no text for all services",
        [rule(Principal={"Service": "*"})],
        [rule(Principal={"Service": "ecs.amazonaws.com"})],
        "unknown",
    ),
    (
        "a deleted principal",
        [rule(Principal={"AWS": "AIDAABCDEFGHIJKLMNOPQ"})],
        [rule(Principal={"AWS": ROLE})],
        "both",
    ),
    (
        "NotPrincipal that spares an account's root alone",
        [rule(Principal="*")],
        [rule(Principal="*"), sparing(ROOT)],
        "narrows",
    ),
    (
        "NotPrincipal with the account's role",
        [rule(Principal={"AWS": ROLE})],
        [rule(Principal={"AWS": ROLE}), sparing(ROLE, ROOT)],
        "unknown",
    ),
    (
        "NotPrincipal without the account",
        [rule(Principal={"AWS": ROLE})],
        [rule(Principal={"AWS": ROLE}), sparing(ROLE)],
        "unknown",
    ),
    ("a new condition", [rule()], [given("StringEquals", ORG, "o-exampleorg1")], "narrows"),
    ("a condition that goes", [given("StringEquals", ORG, "o-exampleorg1")], [rule()], "broadens"),
    (
        "fewer values",
        [given("StringEquals", ORG, "o-exampleorg1", "o-exampleorg2")],
        [given("StringEquals", ORG, "o-exampleorg1")],
        "narrows",
    ),
    (
        "StringEquals within StringLike",
        [given("StringLike", ORG, "o-*")],
        [given("StringEquals", ORG, "o-exampleorg1")],
        "narrows",
    ),
    (
        "StringLike without wildcards",
        [given("StringLike", ORG, "o-exampleorg1")],
        [given("StringEquals", ORG, "o-exampleorg1")],
        "equivalent",
    ),
    (
        "IfExists admits a missing key",
        [given("StringEquals", ORG, "o-exampleorg1")],
        [given("StringEqualsIfExists", ORG, "o-exampleorg1")],
        "broadens",
    ),
    (
        "negation admits a missing key",
        [given("StringNotEqualsIfExists", ORG, "o-exampleorg1")],
        [given("StringNotEquals", ORG, "o-exampleorg1")],
        "equivalent",
    ),
    (
        "CIDR containment",
        [given("IpAddress", "aws:SourceIp", "10.0.0.0/8")],
        [given("IpAddress", "aws:SourceIp", "10.1.0.0/16")],
        "narrows",
    ),
    (
        "two halves of a CIDR",
        [given("IpAddress", "aws:SourceIp", "10.0.0.0/8")],
        [given("IpAddress", "aws:SourceIp", "10.0.0.0/9", "10.128.0.0/9")],
        "equivalent",
    ),
    (
        "numbers",
        [given("NumericLessThan", "aws:MultiFactorAuthAge", "10")],
        [given("NumericLessThanEquals", "aws:MultiFactorAuthAge", "10")],
        "broadens",
    ),
    (
        "dates in two spellings",
        [given("DateLessThan", "aws:CurrentTime", "2030-01-01T00:00:00Z")],
        [given("DateLessThan", "aws:CurrentTime", "1893456000")],
        "equivalent",
    ),
    (
        "a Deny for other organizations",
        [rule(Principal="*")],
        [rule(Principal="*"), not_given("StringNotEquals", ORG, "o-exampleorg1")],
        "narrows",
    ),
    (
        "the same by an Allow",
        [rule(Principal="*", **when("StringEquals", ORG, "o-exampleorg1"))],
        [rule(Principal="*"), not_given("StringNotEquals", ORG, "o-exampleorg1")],
        "equivalent",
    ),
    (
        "two Denies that leave nothing",
        [rule(Principal="*"), not_given("Null", ORG, "true")],
        [rule(Principal="*"), not_given("Null", ORG, "true"), not_given("Null", ORG, "false")],
        "narrows",
    ),
    (
        "ForAnyValue and ForAllValues",
        [given("ForAllValues:StringEquals", "aws:CalledVia", "a.amazonaws.com", "b.amazonaws.com")],
        [given("ForAnyValue:StringEquals", "aws:CalledVia", "a.amazonaws.com", "b.amazonaws.com")],
        "both",
    ),
    (
        "ForAnyValue with more values",
        [given("ForAnyValue:StringEquals", "aws:CalledVia", "a.amazonaws.com")],
        [given("ForAnyValue:StringEquals", "aws:CalledVia", "a.amazonaws.com", "b.amazonaws.com")],
        "broadens",
    ),
    (
        "an account by Principal and by condition",
        [rule()],
        [rule(Principal="*", **when("StringEquals", "aws:PrincipalAccount", "111122223333"))],
        "equivalent",
    ),
    (
        "a role by condition",
        [rule()],
        [given("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*")],
        "narrows",
    ),
    (
        "a condition that its principal fulfils",
        [rule(Principal={"AWS": ROLE})],
        [
            rule(
                Principal={"AWS": ROLE},
                **when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*"),
            )
        ],
        "equivalent",
    ),
    (
        "services by condition",
        [rule(Principal={"Service": "ecs.amazonaws.com"})],
        [
            rule(
                Principal="*",
                **when("StringEquals", "aws:PrincipalServiceName", "ecs.amazonaws.com"),
            )
        ],
        "equivalent",
    ),
    ("variables", [at("${aws:username}/*")], [at("*")], "broadens"),
    (
        "the same variable",
        [at("${aws:username}/*")],
        [at("${AWS:username}/*", "${aws:username}/a*")],
        "equivalent",
    ),
    ("an unknown operator", [rule()], [given("StringMatches", ORG, "o")], "unknown"),
    (
        "an unknown operator on both sides",
        [given("StringMatches", ORG, "o")],
        [rule(Sid="B", **when("StringMatches", ORG, "o"))],
        "equivalent",
    ),
    ("all actions or ECR's", [rule(Action="*")], [rule(Action="ecr:*")], "narrows"),
]


@pytest.mark.parametrize(
    ("before", "after", "verdict"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_verdicts(before: list[dict[str, Any]], after: list[dict[str, Any]], verdict: str) -> None:
    found = checked(policy(*before), policy(*after))
    assert found.verdict == verdict
    swapped = checked(policy(*after), policy(*before))
    assert (swapped.gained, swapped.lost) == (turned(found.lost), turned(found.gained))
    assert (swapped.denied, swapped.released) == (turned(found.released), turned(found.denied))


def test_with_a_registry_only_its_own_requests_count() -> None:
    everything, own = rule(Action="ecr:*", Resource="*"), rule(Action="ecr:*")
    assert compare(policy(everything), policy(own)).verdict == "narrows"
    lost = checked(policy(everything), policy(own), REGISTRY).lost
    assert all(row.witness.resource == "*" for row in lost)
    repository_actions = ["ecr:ReplicateImage", "ecr:BatchGetImage"]
    everything, own = ({**each, "Action": repository_actions} for each in (everything, own))
    assert compare(policy(everything), policy(own), REGISTRY).verdict == "equivalent"
    foreign = rule(Resource="arn:aws:ecr:eu-west-1:444455556666:repository/*")
    assert compare(None, policy(foreign), REGISTRY).verdict == "equivalent"


def test_a_witness_looks_like_a_request_that_somebody_makes() -> None:
    after = policy(
        rule(Resource=repositories("prod-*"), **when("StringEquals", ORG, "o-exampleorg1"))
    )
    (row,) = checked(None, after, REGISTRY).gained
    assert row.to_json() == {
        "principal": {"kind": "account", "id": "111122223333"},
        "actions": ["ecr:ReplicateImage"],
        "resource": f"{REPOSITORY}prod-*",
        "condition": ["StringEquals aws:PrincipalOrgID o-exampleorg1"],
        "statement": {"index": 0, "sid": None},
        "public": False,
        "cross_account": True,
        "own": False,
        "ranks": {"before": "not said", "after": "allowed"},
        "witness": {
            "principal": ROOT,
            "action": "ecr:ReplicateImage",
            "resource": f"{REPOSITORY}prod-a",
            "context": {"aws:PrincipalOrgID": "o-exampleorg1"},
        },
    }


def test_rows_name_principals_as_the_policy_does() -> None:
    after = policy(
        rule(Principal="*", Resource=repositories("public/*")),
        rule(Principal={"AWS": ["111122223333", "444455556666"], "Service": "ecs.amazonaws.com"}),
        rule(Principal={"AWS": ROLE}, Action="ecr:*", Resource=repositories("x/*")),
    )
    found = checked(None, after, REGISTRY)
    names = [(row.principal.id, row.public, row.cross_account) for row in found.gained]
    assert names == [
        ("*", True, True),
        ("111122223333", False, True),
        (ROLE, False, True),
        ("ecs.amazonaws.com", False, False),
    ]
    assert found.gained[0].witness.principal.text.startswith("arn:aws:iam::9")


def test_an_identifier_has_one_row_or_one_for_each_who_gains() -> None:
    before = policy(rule(Principal="*"), deny(Principal={"AWS": ROLE}))
    (row,) = checked(before, policy(rule(Principal="*"))).gained
    assert (row.principal.kind, row.principal.id) == ("role", ROLE)


def test_rows_of_one_principal_resource_and_condition_are_one() -> None:
    after = policy(rule(), rule(Action="ecr:CreateRepository"))
    (row,) = checked(None, after, REGISTRY).gained
    assert row.actions == ("ecr:CreateRepository", "ecr:ReplicateImage")


def test_a_key_that_is_a_number_and_a_date() -> None:
    dates = {"DateGreaterThan": {EPOCH: "2020-01-01"}, "DateLessThan": {EPOCH: "2021-01-01"}}
    condition = {"NumericGreaterThan": {EPOCH: "100000000"}, **dates}
    found = checked(None, policy(rule(Condition=condition)))
    assert found.verdict == "broadens"
    mixed = {"NumericLessThan": {"x:y": "17"}, "NotIpAddress": {"x:y": "10.0.0.0/8"}}
    assert checked(None, policy(rule(Condition=mixed))).verdict == "unknown"


def test_grants_are_what_is_left_after_the_denies() -> None:
    allowed = policy(rule(Resource=repositories("a*", "b*")), deny(Resource=repositories("a*")))
    assert [row.resource for row in grants(allowed, REGISTRY).gained] == [f"{REPOSITORY}b*"]
    assert grants(None).verdict == "equivalent"
    assert not grants(policy(rule(), deny())).gained


def test_an_identity_policy_applies_to_whomever_it_is_attached_to() -> None:
    def parsed(**more: Any) -> Policy:
        body = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*", **more}
        return parse_policy(json.dumps({"Statement": body}), dialect="any").policy

    assert compare(parsed(), parsed(Action="S3:GET*")).verdict == "equivalent"
    found = checked(parsed(Action="s3:GetObject"), parsed())
    assert found.verdict == "broadens"
    assert found.gained[0].actions == ("s3:Get*",)
    assert compare(parsed(), parsed(Action=["s3:Get?*"])).verdict == "narrows"


def test_one_text_names_one_caller() -> None:
    """Under another type than its own it is malformed, and not a second caller."""
    text = "unnamed.amazonaws.com"
    before = policy(rule(Principal={"Service": text}, Resource="*"))
    after = policy(rule(Principal={"Service": text, "Federated": text}, Resource="*"))
    found = checked(before, after)
    assert (found.verdict, found.gained, found.lost) == ("unknown", (), ())
    assert {each.reason for each in found.unknown} == {
        f"'{text}' is an AWS service, which is of the type Service, not Federated"
    }


def test_policies_that_are_too_intricate_are_unknown_and_never_equivalent() -> None:
    ends = [f"{REPOSITORY}*b{'?' * count}" for count in range(2, 80)]
    before = policy(rule(Resource=[*ends, f"{REPOSITORY}*a"]))
    after = policy(rule(Resource=f"{REPOSITORY}*b*a*b*a*b*a*b*a*b*a*b*a?"))
    found = compare(before, after)
    assert found.verdict in ("unknown", "both", "narrows")
    assert any("intricate" in each.reason for each in found.unknown) or found.gained


def test_a_request_by_an_account_that_is_named() -> None:
    request = Request(parse_caller(ONE), "ecr:ReplicateImage", "*")
    assert evaluate(policy(rule(Principal={"AWS": ONE}, Resource="*")), request).allowed


def test_an_organization_by_a_variable_of_another_key_ends_and_is_not_public() -> None:
    """Counterexample by a user's policy: whether it is public was asked without an end."""
    same = when("StringEquals", "aws:ResourceOrgID", "${aws:PrincipalOrgID}")
    found = checked(None, policy(rule(Principal="*", Resource="*", **same)), REGISTRY)
    assert found.verdict in ("broadens", "unknown")
    assert not any(row.public for row in found.gained)
