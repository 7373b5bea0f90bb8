"""What ECR refuses, and what it lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from planner.policy.ecr_rules import named_principals, refusals, size_refusal
from planner.policy.parse import parse_policy
from tests.support.policies import document, statement


def reasons(body: dict[str, Any], scope: str | None = "V2", partition: str = "aws") -> list[str]:
    policy = parse_policy(document(body)).policy
    return [refusal.reason.text for refusal in refusals(policy, partition, scope)]


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "111122223333"},
        {"AWS": "arn:aws:iam::111122223333:root"},
        {"AWS": "arn:aws:iam::111122223333:user/path/name"},
        {"AWS": "arn:aws:iam::111122223333:role/ci"},
        {"AWS": "arn:aws:sts::111122223333:assumed-role/ci/session"},
        {"AWS": "AIDAJQABLZS4A3QDU576Q"},
        {"Service": "replication.ecr.amazonaws.com"},
        {"Service": ["omics.amazonaws.com", "x.amazonaws.com.cn"]},
        {"Federated": "cognito-identity.amazonaws.com"},
    ],
)
def test_principals_that_pass(principal: object) -> None:
    assert not reasons(statement(Principal=principal))


@pytest.mark.parametrize(
    ("principal", "words"),
    [
        ({"AWS": "11112222333"}, "11 digits, not 12"),
        ({"AWS": "arn:aws:iam::111111:root"}, "no 12-digit account id"),
        ({"AWS": "arn:aws:iam::111122223333:group/devs"}, "a group cannot be"),
        ({"AWS": "arn:aws:iam::111122223333:role/*"}, "wildcard"),
        ({"AWS": "arn:aws:iam::111122223333:role/"}, "no user, role, session"),
        ({"AWS": "arn:aws:iam::111122223333:*"}, "wildcard"),
        ({"AWS": "arn:aws-cn:iam::111122223333:root"}, "partition aws-cn"),
        ({"AWS": "arn:aws:s3:::bucket"}, "no principal"),
        ({"AWS": "someone"}, "no principal"),
        ({"Service": "ecr"}, "no service principal"),
        ({"Service": "*"}, "is everyone, which is of the type AWS"),
    ],
)
def test_principals_that_do_not(principal: object, words: str) -> None:
    (reason,) = reasons(statement(Principal=principal))
    assert words in reason


@pytest.mark.parametrize(
    ("action", "scope", "words"),
    [
        ("ecr:BatchGetImage", "V1", "raise_scope = true in planner.toml"),
        ("ecr:ReplicateImages", "V2", "did you mean 'ecr:ReplicateImage'"),
        ("s3:GetObject", "V2", "no action 's3:GetObject'"),
        ("ecr:Push*", "V2", "no action"),
        ("ecr:[a-z]*", "V2", "no action"),
    ],
)
def test_actions_that_do_not(action: str, scope: str, words: str) -> None:
    (reason,) = reasons(statement(Action=action), scope)
    assert words in reason


@pytest.mark.parametrize("action", ["ecr:*", "ECR:replicateimage", "ecr:CreateRepository"])
@pytest.mark.parametrize("scope", ["V1", "V2", None])
def test_actions_that_pass_in_every_scope(action: str, scope: str | None) -> None:
    assert not reasons(statement(Action=action), scope)


def test_operators_and_size() -> None:
    assert (
        "no condition operator 'StringIs'"
        in reasons(statement(Condition={"StringIs": {"aws:SourceIp": "x"}}))[0]
    )
    passing = {"ForAnyValue:stringlikeIfExists": {"aws:SourceIp": "x"}}
    assert not reasons(statement(Condition=passing))
    large = [f"arn:aws:ecr:us-west-2:444455556666:repository/{n:04}" for n in range(250)]
    assert "ECR takes 10,240" in size_refusal(
        parse_policy(document(statement(Resource=large))).policy
    )
    assert not size_refusal(parse_policy(document(statement())).policy)


def test_resources_and_sids_are_not_checked() -> None:
    assert not reasons(statement("a-b c", Resource="arn:aws:iam:nowhere"))


def test_each_refusal_points_at_its_value() -> None:
    text = document(
        statement("A"),
        statement(None, Principal={"AWS": ["1", "111122223333"]}, Condition={"X/Y": {"k": "v"}}),
    )
    found = refusals(parse_policy(text).policy, "aws", "V2")
    assert [(each.pointer, each.statement) for each in found] == [
        ("/Statement/1/Principal/AWS/0", 1),
        ("/Statement/1/Condition/X~1Y", 1),
    ]


def test_named_principals() -> None:
    role = "arn:aws:iam::111122223333:role/ci"
    policy = parse_policy(document(statement(Principal={"AWS": [role, "111122223333"]}))).policy
    assert named_principals(policy) == [role]
