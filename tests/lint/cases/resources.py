"""Where."""

from __future__ import annotations

from tests.support.lint import allow, one
from tests.support.policies import REPOSITORY

CASES = [
    ("malformed-principal", allow({"AWS": "arn:aws:iam::source_account_id:root"}), one()),
    ("malformed-resource", one(Resource="arn:aws:ecr:us-west-2:<account>:repository/*"), one()),
    ("malformed-resource", one(Resource="arn:aws:ecr:${Region}:444455556666:repository/*"), one()),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::${AWS::AccountId}:root"}), one()),
    (
        "malformed-principal",
        allow({"AWS": "<account>"}),
        one(Resource=f"{REPOSITORY}${{aws:username}}/*"),
    ),
    (
        "unsupported-resource",
        one(Resource="arn:aws:iam:us-west-2:444455556666:repository/*"),
        one(Resource="*"),
    ),
    (
        "malformed-resource",
        one(Resource="arn:aws:us-west-2:444455556666:repository/*"),
        one(Resource="arn:aws:ecr:*:444455556666:repository/app"),
    ),
    (
        "malformed-resource",
        one(Resource="arn:aws:ecr:us-west-2:444455556666/x"),
        one(Resource="arn:aws:ecr:us-west-2:*"),
    ),
    ("malformed-resource", one(Resource="arn:awsx:ecr:us-west-2:444455556666:repository/*"), one()),
    ("unsupported-resource", one(Resource="arn:aws:ecr:us-west-2:444455556666:image/x"), one()),
    ("malformed-resource", one(Resource="prod-*"), one(Resource=f"{REPOSITORY}prod-*")),
    ("foreign-resource", one(Resource="arn:aws:ecr:us-west-2:111122223333:repository/*"), one()),
    (
        "foreign-resource",
        one(Resource="arn:aws:ecr:us-east-1:444455556666:repository/*"),
        one(Resource="arn:aws:ecr:*:444455556666:repository/*"),
    ),
    (
        "partly-foreign-resource",
        one(Resource=[f"{REPOSITORY}*", "arn:aws:ecr:us-east-1:444455556666:repository/*"]),
        one(Resource=["arn:aws:ecr:us-east-1:444455556666:repository/*"]),
    ),
    ("repository-name", one(Resource=f"{REPOSITORY}Prod-*"), one(Resource=f"{REPOSITORY}prod-*")),
    ("repository-name", one(Resource=f"{REPOSITORY}app:latest"), one(Resource=f"{REPOSITORY}app")),
    ("repository-name", one(Resource=f"{REPOSITORY}app@sha256:0a"), one()),
    ("repository-name-form", one(Resource=f"{REPOSITORY}a..b"), one(Resource=f"{REPOSITORY}a.b*")),
    (
        "action-needs-star",
        one(Action="ecr:GetAuthorizationToken"),
        one(Action="ecr:GetAuthorizationToken", Resource="*"),
    ),
    ("action-needs-star", one(Action="ecr:PutRegistry*"), one(Action="ecr:Get*")),
    (
        "wide-resource",
        one(Resource="arn:aws:ecr:*:444455556666:repository/app"),
        one(Resource=f"{REPOSITORY}*"),
    ),
    (
        "redundant-resource",
        one(Resource=[f"{REPOSITORY}a-*", f"{REPOSITORY}a-${{aws:PrincipalTag/team}}"]),
        one(Resource=[f"{REPOSITORY}a-$*", f"{REPOSITORY}a-${{aws:PrincipalTag/team}}"]),
    ),
    (
        "redundant-resource",
        one(Resource=[f"{REPOSITORY}*", f"{REPOSITORY}prod-*"]),
        one(Resource=[f"{REPOSITORY}prod-*", f"{REPOSITORY}*-prod"]),
    ),
]
