"""Condition keys."""

from __future__ import annotations

from tests.support.lint import EVERYTHING, ORG, PULL, ROLE, allow, one, when

CASES = [
    (
        "service-keys",
        allow({"Service": "omics.amazonaws.com"}, Condition=ORG),
        allow(
            {"Service": "omics.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceOrgID": "o-exampleorgid"}},
        ),
    ),
    (
        "unknown-condition-key",
        when("StringEquals", "ecr:repositoryName", "x"),
        when("StringEquals", "ecr:ResourceTag/team", "x"),
    ),
    (
        "unknown-condition-key",
        when("StringEquals", "aws:PrincipalTag/", "x"),
        when("StringEquals", "AWS:principalorgid", "o-exampleorgid"),
    ),
    (
        "unknown-condition-key",
        when("ArnLike", "aws:ARN", ROLE),
        when("ArnLike", "aws:PrincipalArn", ROLE),
    ),
    (
        "source-key-replication",
        when("StringEquals", "aws:SourceAccount", "111122223333"),
        when("StringEquals", "aws:SourceAccount", "111122223333", **PULL),
    ),
    ("source-key-replication", when("ArnLike", "aws:sourcearn", ROLE), one(Condition=ORG)),
    (
        "key-of-action",
        when("StringEquals", "aws:ResourceTag/team", "red"),
        when("StringEquals", "aws:ResourceTag/team", "red", Action="ecr:ReplicateImage"),
    ),
    (
        "key-of-action",
        when("StringEquals", "aws:RequestTag/team", "red", **PULL),
        when("StringEquals", "aws:RequestTag/team", "red", Action="ecr:CreateRepository"),
    ),
    (
        "key-of-action",
        when("StringNotEquals", "ecr:ResourceTag/team", "red", **EVERYTHING, Effect="Deny"),
        when("StringNotEquals", "ecr:ResourceTag/team", "red", **PULL, Effect="Deny"),
    ),
    (
        "key-of-action",
        when("Null", "aws:TagKeys", "true", Effect="Deny", Action=None, NotAction="ecr:Create*"),
        when("Null", "aws:TagKeys", "false", Effect="Deny", Action=None, NotAction="ecr:Get*"),
    ),
    (
        "set-operator",
        when("StringLike", "aws:PrincipalOrgPaths", "o-x/*"),
        when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-x/*"),
    ),
    (
        "set-operator",
        when("ForAnyValue:StringEquals", "aws:PrincipalOrgID", "o-exampleorgid"),
        one(Condition=ORG),
    ),
    (
        "key-type",
        when("StringLike", "aws:PrincipalArn", ROLE),
        when("ArnLike", "aws:PrincipalArn", ROLE),
    ),
    (
        "key-type",
        when("StringEquals", "aws:SourceIp", "203.0.113.1"),
        when("NotIpAddress", "aws:SourceIp", "203.0.113.1"),
    ),
    (
        "forged-key",
        when("StringLike", "aws:UserAgent", "docker*"),
        when("StringLike", "aws:userid", "docker*"),
    ),
    (
        "private-ip",
        when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.1.1"]),
        when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"]),
    ),
    (
        "malformed-operator",
        when("ForAnyValue:Null", "aws:TagKeys", "true"),
        when("Null", "aws:TagKeys", "true"),
    ),
]
