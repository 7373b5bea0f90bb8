"""Whom a Deny hits in the registry's own account."""

from __future__ import annotations

from typing import Any

from tests.support.lint import EVERYTHING, ROLE
from tests.support.policies import REPOSITORY, document, statement

ADMIN = "arn:aws:iam::444455556666:role/admin"


def deny(**change: Any) -> str:
    """A statement of replication, and a Deny of everything for everybody but for the change."""
    everything = {"Effect": "Deny", "Principal": "*", **EVERYTHING, **change}
    return document(statement("A"), {k: v for k, v in everything.items() if v is not None})


def unless(operator: str, key: str, value: str) -> str:
    return deny(Condition={operator: {key: value}})


CASES = [
    ("lockout", deny(), deny(Action="ecr:PutImage")),
    ("lockout", deny(Action="ecr:PutRegistryPolicy"), deny(Action="ecr:GetRegistryPolicy")),
    ("lockout", deny(Action="ecr:DeleteReg*"), deny(Action="ecr:DeleteRepo*")),
    ("lockout", deny(Resource=f"{REPOSITORY}*"), deny(Resource=f"{REPOSITORY}prod-*")),
    ("lockout", deny(Principal={"AWS": "444455556666"}), deny(Principal={"AWS": ADMIN})),
    (
        "lockout",
        deny(Principal=None, NotPrincipal={"AWS": ROLE}),
        deny(Principal=None, NotPrincipal={"AWS": ["444455556666", ADMIN]}),
    ),
    (
        "lockout",
        unless("StringNotEquals", "aws:PrincipalAccount", "111122223333"),
        unless("StringNotEquals", "aws:PrincipalAccount", "444455556666"),
    ),
    (
        "lockout",
        unless("ArnNotLike", "aws:PrincipalArn", ROLE),
        unless("ArnNotLike", "aws:PrincipalArn", ADMIN),
    ),
    (
        "lockout",
        unless("StringNotEquals", "aws:SourceAccount", "111122223333"),
        unless("StringNotEquals", "aws:PrincipalOrgID", "o-exampleorgid"),
    ),
    (
        "lockout",
        unless("StringNotEquals", "aws:ResourceTag/team", "red"),
        unless("StringNotEquals", "aws:PrincipalTag/team", "red"),
    ),
    (
        "lockout",
        unless("Bool", "aws:PrincipalIsAWSService", "false"),
        unless("Bool", "aws:PrincipalIsAWSService", "true"),
    ),
    (
        "lockout",
        document(
            {
                "Effect": "Deny",
                "Principal": "*",
                **EVERYTHING,
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": ADMIN}},
            },
            {"Effect": "Deny", "Principal": {"AWS": ADMIN}, **EVERYTHING},
        ),
        document({"Effect": "Deny", "Principal": {"AWS": ADMIN}, **EVERYTHING}),
    ),
]
