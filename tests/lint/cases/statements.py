"""Statements by themselves and beside each other."""

from __future__ import annotations

from tests.support.lint import ORG, ROLE, allow, one, when
from tests.support.policies import REPOSITORY, document, statement

OTHER_SIDE = statement("B", "222233334444")

CASES = [
    ("empty-list", one(Action=[]), one(Action=["ecr:CreateRepository"])),
    ("empty-list", allow({}), allow("*")),
    ("empty-list", one(Resource=[]), one(Resource=["*"])),
    ("empty-list", allow({"AWS": []}), allow({"AWS": ROLE})),
    ("empty-list", when("StringEquals", "aws:userid", []), one(Condition={})),
    (
        "redundant-statement",
        document(statement("A"), statement("B", Resource=f"{REPOSITORY}x")),
        document(statement("A"), OTHER_SIDE),
    ),
    (
        "redundant-statement",
        document(statement("A"), statement("B")),
        document(statement("A", Condition=ORG), statement("B", Resource=f"{REPOSITORY}x")),
    ),
    (
        "redundant-statement",
        document(statement("A"), statement("B", Principal={"AWS": ROLE})),
        document(
            statement("A", "444455556666"),
            statement("B", Principal={"AWS": "arn:aws:iam::444455556666:role/ci"}),
        ),
    ),
    (
        "mergeable-statements",
        document(statement("A"), OTHER_SIDE),
        document(statement("A"), {**OTHER_SIDE, "Resource": f"{REPOSITORY}x"}),
    ),
    ("never-matches", one(Action=None, NotAction="*"), one(Action=None, NotAction="ecr:Get*")),
    (
        "never-matches",
        one(Resource=None, NotResource="*"),
        one(Resource=None, NotResource=f"{REPOSITORY}x"),
    ),
    (
        "never-matches",
        one(Principal=None, NotPrincipal="*", Effect="Deny"),
        when("StringEquals", "aws:FederatedProvider", "cognito-identity.amazonaws.com"),
    ),
    (
        "never-matches",
        one(Condition={"Null": {"aws:userid": "true"}, **ORG, "StringLike": {"aws:userid": "a"}}),
        allow({"Service": "omics.amazonaws.com"}, Condition=ORG),
    ),
    (
        "never-matches",
        one(
            Condition={
                "StringEquals": {"aws:userid": "AROADBQP57FF2AEXAMPLE:session"},
                "Null": {"aws:userid": "true"},
            },
            Effect="Deny",
        ),
        one(
            Condition={
                "StringEquals": {"aws:userid": "AROADBQP57FF2AEXAMPLE:session"},
                "Null": {"aws:userid": "false"},
            }
        ),
    ),
    (
        "never-matches",
        one(
            Condition={
                "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                "NotIpAddress": {"aws:SourceIp": "203.0.0.0/16"},
            }
        ),
        one(
            Condition={
                "IpAddress": {"aws:SourceIp": "203.0.0.0/16"},
                "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            }
        ),
    ),
]
