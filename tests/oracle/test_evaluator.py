"""Whole requests by the second evaluator, against the examples of IAM's and ECR's documents."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle.adapter import known_actions
from tests.oracle.evaluator import ALLOWED, DENIED, NOT_SAID, Json, outcomes, rank
from tests.oracle.impossible import impossibilities
from tests.oracle.keys import WITHOUT_RESOURCE
from tests.oracle.possible import Place, completions

HERE = Place("aws", "444455556666", "us-west-2")
REPOSITORY = f"{HERE.prefix}a/app"
BOB, ALICE = (f"arn:aws:iam::111122223333:user/{name}" for name in ("bob", "alice"))
ROLE = "arn:aws:iam::111122223333:role/teams/ci"
SESSION = "arn:aws:sts::111122223333:assumed-role/ci/build"
SERVICE = "replication.ecr.amazonaws.com"


def policy(*statements: Json, version: str = "2012-10-17") -> Json:
    usual = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    filled = [
        {**({} if "NotPrincipal" in each else {"Principal": "*"}), **usual, **each}
        for each in statements
    ]
    for each in filled:
        for element in ("Action", "Resource"):
            if f"Not{element}" in each:
                del each[element]
    return {"Version": version, "Statement": filled}


def said(
    of: Json | None,
    principal: str = BOB,
    action: str = "ecr:PutImage",
    *,
    resource: str = REPOSITORY,
    ranks: bool = True,
    place: Place = HERE,
    context: Json | None = None,
) -> set[str]:
    """What a policy may say of a request."""
    request: Json = {"principal": principal, "action": action, "resource": resource}
    request["context"] = context or {}
    found = [outcomes(of, each, ranks=ranks) for each in completions(request, place, [of])]
    return set.union(*found)


def test_an_explicit_deny_wins_and_nothing_is_allowed_without_an_allow() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    assert said(policy({})) == {ALLOWED}
    assert said(policy({}, {"Effect": "Deny", "Action": "ecr:Put*"})) == {DENIED}
    assert said(policy({"Action": "ecr:Get*"})) == {NOT_SAID}
    assert said(None) == {NOT_SAID}


def test_actions_are_compared_without_case_and_resources_with() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    assert said(policy({"Action": "ECR:putimage"})) == {ALLOWED}
    assert said(policy({"NotAction": "ecr:p?timage"})) == {NOT_SAID}
    assert said(policy({"Resource": f"{HERE.prefix}a/*"})) == {ALLOWED}
    assert said(policy({"Resource": f"{HERE.prefix}A/*"})) == {NOT_SAID}
    assert said(policy({"NotResource": f"{HERE.prefix}b/*"})) == {ALLOWED}
    assert said(
        policy({"Resource": REPOSITORY}), action="ecr:GetAuthorizationToken", resource="*"
    ) == {NOT_SAID}
    # "If a * is the last character of a resource ARN segment, it can expand to match beyond
    # the colon boundaries": https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    assert said(policy({"Resource": "arn:aws:ecr:us-west-2:*"})) == {ALLOWED}
    assert said(policy({"Resource": "arn:a*/app"})) == {ALLOWED, NOT_SAID}


@pytest.mark.parametrize(
    ("principal", "caller", "wanted"),
    [
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
        ({"AWS": "111122223333"}, BOB, ALLOWED),
        ({"AWS": "arn:aws:iam::111122223333:root"}, SESSION, ALLOWED),
        ({"AWS": "222233334444"}, BOB, NOT_SAID),
        ({"AWS": BOB}, BOB, ALLOWED),
        ({"AWS": BOB}, ALICE, NOT_SAID),
        ({"AWS": ROLE}, SESSION, ALLOWED),
        ({"AWS": SESSION}, SESSION, ALLOWED),
        ({"AWS": SESSION}, SESSION.replace("build", "other"), NOT_SAID),
        ({"AWS": "arn:aws:sts::111122223333:federated-user/bob"}, BOB, NOT_SAID),
        ({"Service": SERVICE}, SERVICE, ALLOWED),
        ({"Service": SERVICE}, "lambda.amazonaws.com", NOT_SAID),
        ({"AWS": "111122223333"}, SERVICE, NOT_SAID),
        ({"Federated": "accounts.google.com"}, "accounts.google.com", ALLOWED),
        ("*", BOB, ALLOWED),
        ({"AWS": "*"}, SERVICE, ALLOWED),
    ],
)
def test_principals(principal: Any, caller: str, wanted: str) -> None:
    assert said(policy({"Principal": principal}), caller) == {wanted}


def test_a_unique_id_is_whoever_has_it() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    for unique, caller in (("AIDACKCEVSQ6C2EXAMPLE", BOB), ("AROADBQP57FF2AEXAMPLE", SESSION)):
        of = policy({"Principal": {"AWS": unique}})
        suffix = ":build" if caller == SESSION else ""
        assert said(of, caller, context={"aws:userid": unique + suffix}) == {ALLOWED}
        assert said(of, caller, context={"aws:userid": unique[:-1] + "X" + suffix}) == {NOT_SAID}


def test_not_principal() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    but_bob = {"NotPrincipal": {"AWS": [BOB, "111122223333"]}}
    assert said(policy({}, {"Effect": "Deny", **but_bob})) == {ALLOWED}
    assert said(policy({}, {"Effect": "Deny", **but_bob}), ALICE) == {DENIED}
    alone = {"Effect": "Deny", "NotPrincipal": {"AWS": BOB}}
    assert said(policy({}, alone)) == {ALLOWED, DENIED}
    assert said(policy({}, alone), ALICE) == {DENIED}
    role = {"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE, "111122223333"]}}
    assert said(policy({}, role), SESSION) == {ALLOWED, DENIED}
    role["NotPrincipal"] = {"AWS": [ROLE, SESSION, "111122223333"]}
    assert said(policy({}, role), SESSION) == {ALLOWED}
    assert said(policy({"NotPrincipal": {"AWS": BOB}})) == {NOT_SAID}
    assert said(policy({"NotPrincipal": {"AWS": BOB}}), ALICE) == {ALLOWED}


def test_the_own_account_named_alone_says_nothing_yet() -> None:
    own = f"arn:aws:iam::{HERE.account}:role/ci"
    account = policy({"Principal": {"AWS": HERE.account}})
    assert said(account, own) == {NOT_SAID}
    assert said(account, own, ranks=False) == {ALLOWED}
    assert said(policy({"Principal": {"AWS": own}}), own) == {ALLOWED}
    assert said(policy({}), own) == {ALLOWED}
    assert said(policy({"Effect": "Deny", "Principal": {"AWS": HERE.account}}), own) == {DENIED}


def test_scope_v1_is_about_three_actions() -> None:
    # https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    v1 = Place("aws", HERE.account, HERE.region, "V1")
    deny = policy({"Effect": "Deny"})
    assert said(deny, place=v1) == {NOT_SAID}
    assert said(deny, action="ecr:ReplicateImage", place=v1) == {DENIED}


def test_variables_need_the_current_version() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    block = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}}}
    context = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
    assert said(policy(block), context=context) == {ALLOWED}
    assert said(policy(block, version="2008-10-17"), context=context) == {NOT_SAID}
    # "the resource that includes a policy variable with no value will not match any resource"
    of = policy({"Resource": HERE.prefix + "${aws:PrincipalTag/team}/*"})
    assert said(of) == {NOT_SAID}
    assert said(of, context={"aws:PrincipalTag/team": "a"}) == {ALLOWED}


def test_keys_that_follow_from_the_caller_and_the_registry() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    for caller, key, value in (
        (BOB, "aws:PrincipalArn", BOB),
        (SESSION, "aws:PrincipalArn", "arn:aws:iam::111122223333:role/ci"),
        (BOB, "aws:username", "bob"),
        (BOB, "aws:PrincipalType", "User"),
        (SESSION, "aws:PrincipalType", "AssumedRole"),
        ("111122223333", "aws:userid", "111122223333"),
        ("111122223333", "aws:PrincipalType", "Account"),
        ("arn:aws:sts::111122223333:federated-user/bob", "aws:userid", "111122223333:bob"),
        ("*", "aws:userid", "anonymous"),
        (SERVICE, "aws:PrincipalIsAWSService", "true"),
        (SERVICE, "aws:PrincipalServiceName", SERVICE),
        (BOB, "aws:PrincipalIsAWSService", "false"),
        (SERVICE, "aws:ResourceAccount", HERE.account),
        (SERVICE, "aws:RequestedRegion", HERE.region),
    ):
        of = policy({"Condition": {"StringEquals": {key: value}}})
        assert said(of, caller) == {ALLOWED}, key
    missing = policy({"Condition": {"Null": {"aws:username": "true"}}})
    assert said(missing, SESSION) == {ALLOWED}
    assert said(missing, BOB) == {NOT_SAID}


def test_what_is_always_there_is_never_missing() -> None:
    of = policy({"Condition": {"Null": {"aws:SecureTransport": "true"}}})
    assert said(of) == {NOT_SAID}
    of = policy({"Condition": {"Bool": {"aws:SecureTransport": "true"}}})
    assert said(of) == {ALLOWED, NOT_SAID}
    neither = {"Null": {"aws:SourceIp": "true", "aws:SourceVpc": "true"}}
    assert said(policy({"Condition": neither})) == {NOT_SAID}


def test_ranks() -> None:
    request = {"principal": BOB, "action": "ecr:PutImage", "resource": REPOSITORY, "context": {}}
    call = completions(request, HERE, [])[0]
    assert rank(policy({"Effect": "Deny"}), call) == 0
    assert rank(None, call) == 1
    assert rank(policy({}), call) == 2
    assert [rank(each, call, ranks=False) for each in (None, policy({}))] == [0, 1]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, ""),
        ({"action": "ecr:Nothing"}, "ECR has no such action"),
        ({"resource": "*"}, "a resource that is no repository of the registry"),
        ({"resource": HERE.prefix + "A"}, "a repository name that ECR does not take"),
        ({"principal": "*"}, "anonymous callers do not reach ECR"),
        (
            {"aws:MultiFactorAuthPresent": "b"},
            "aws:multifactorauthpresent with a value that it cannot have",
        ),
        (
            {"aws:PrincipalAccount": "222233334444"},
            "aws:principalaccount of another than the caller",
        ),
        ({"aws:PrincipalArn": ALICE}, "aws:PrincipalArn of another than the caller"),
        ({"aws:userid": "x"}, "aws:userid that such a caller cannot have"),
        ({"aws:SourceAccount": "111122223333"}, "aws:sourceaccount of a caller who has none"),
        ({"aws:TagKeys": "x"}, "aws:tagkeys of an action that takes no tags"),
        (
            {"aws:SourceIp": "10.0.0.1", "aws:SourceVpc": "vpc-12345678"},
            "aws:SourceIp together with a VPC",
        ),
        (
            {"aws:MultiFactorAuthAge": "5", "aws:MultiFactorAuthPresent": "false"},
            "an age of MFA without MFA",
        ),
        ({"aws:PrincipalOrgID": "o-*"}, "aws:principalorgid with a value that it cannot have"),
        ({"custom:key": "x"}, "no such key: custom:key"),
    ],
)
def test_impossible_requests(change: Json, why: str) -> None:
    usual = {"principal": BOB, "action": "ecr:PutImage", "resource": REPOSITORY}
    context = {key: each for key, each in change.items() if ":" in key}
    request = {**usual, **{k: e for k, e in change.items() if k in usual}, "context": context}
    call = completions(request, HERE, [])[0]
    found = set(impossibilities(call, HERE, known_actions()))
    assert found == ({why} if why else set())


def test_actions_without_resources_are_as_ecr_lists_them() -> None:
    assert {each for each in WITHOUT_RESOURCE if known_actions()[each]} == set()
