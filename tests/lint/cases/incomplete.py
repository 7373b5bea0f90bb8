"""Actions that do something only together, or only for some callers."""

from __future__ import annotations

from planner.policy.action import LAYERS_ACTION, PULL_ACTIONS, PUSH_ACTIONS
from tests.support.lint import ORG, PULL, REPLICATE, allow, one
from tests.support.policies import REPOSITORY, document, statement

PUSH = [*PUSH_ACTIONS, LAYERS_ACTION]
CACHE = "ecr:BatchImportUpstreamImage"
CREATE = "ecr:CreateRepository"
OWN_ROLE = {"AWS": "arn:aws:iam::444455556666:role/ci"}
SERVICE = {"Service": "replication.ecr.amazonaws.com"}
HALF = {"Action": "ecr:BatchGetImage"}
REST = {"Action": "ecr:GetDownloadUrlForLayer"}
SPLIT = [f"{REPOSITORY}a-*", f"{REPOSITORY}b-*"]

CASES = [
    ("incomplete-actions", one(**HALF), one(**PULL)),
    ("incomplete-actions", one(**REST), one(Action="ecr:Get*")),
    ("incomplete-actions", one(**HALF), document(statement("A", **HALF), statement("B", **REST))),
    (
        "incomplete-actions",
        document(statement("A", **HALF), statement("B", **REST, Resource=SPLIT[0])),
        document(
            statement("A", **HALF, Resource=SPLIT),
            *[statement(None, **REST, Resource=each) for each in SPLIT],
        ),
    ),
    (
        "incomplete-actions",
        document(statement("A", **HALF), statement("B", **REST, Condition=ORG)),
        document(statement("A", **HALF), statement("B", **REST, Effect="Deny")),
    ),
    ("incomplete-actions", allow("*", **HALF), allow(OWN_ROLE, **HALF)),
    ("incomplete-actions", one(Action=[*PUSH_ACTIONS]), one(Action=PUSH)),
    ("incomplete-actions", one(Action=PUSH[1:]), allow(OWN_ROLE, Action=PUSH[1:])),
    ("incomplete-actions", one(Action="ecr:PutImage"), one(Action=["ecr:PutImage", *PULL_ACTIONS])),
    (
        "incomplete-actions",
        one(Action=CACHE),
        one(Action=[CACHE, *PULL_ACTIONS, "ecr:GetImageCopyStatus"]),
    ),
    ("incomplete-actions", one(Action=[CACHE, CREATE]), one(Action=[CACHE, CREATE, *PULL_ACTIONS])),
    (
        "incomplete-actions",
        allow(OWN_ROLE, Action=CACHE),
        allow(OWN_ROLE, Action=[CACHE, CREATE]),
    ),
    ("replicate-without-create", one(**REPLICATE), one()),
    (
        "replicate-without-create",
        document(statement("A", **REPLICATE), statement("B", Action=CREATE, Resource=SPLIT)),
        document(statement("A", **REPLICATE), statement("B", Action=CREATE)),
    ),
    (
        "replicate-without-create",
        document(statement("A", **REPLICATE), statement("B", "222233334444", Action=CREATE)),
        allow({"AWS": "444455556666"}, **REPLICATE),
    ),
    ("replication-principal", allow(SERVICE), allow(SERVICE, **PULL)),
    ("replication-principal", allow(OWN_ROLE, **REPLICATE), allow({"AWS": "444455556666"})),
    ("replication-principal", allow(OWN_ROLE, Action="ecr:Replicate*"), one()),
]
