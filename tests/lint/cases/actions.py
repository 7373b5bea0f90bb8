"""What is allowed."""

from __future__ import annotations

from tests.support.lint import REPLICATE, one
from tests.support.policies import REPOSITORY, document, statement

CASES = [
    ("malformed-action", one(Action="ReplicateImage"), one(Action="s3:GetObject")),
    ("unknown-action", one(Action="ecr:ReplicateImages"), one(Action="ECR:replicateimage")),
    ("unknown-action", one(Action="s3:GetObject"), one(Action="ecr:Replicate*")),
    ("all-actions", one(Action="ecr:*"), one(Action="ecr:Get*")),
    ("all-actions", one(Action="*"), one(Action="ecr:*", Effect="Deny")),
    ("wide-action", one(Action="ecr:Batch*"), one(Action="ecr:BatchGet*")),
    (
        "allow-not-action",
        one(Action=None, NotAction="ecr:DeleteRepository"),
        one(Action=None, NotAction="ecr:DeleteRepository", Effect="Deny"),
    ),
    (
        "redundant-action",
        one(Action=["ecr:*", "ecr:CreateRepository"]),
        one(Action=["ecr:CreateRepository", "ecr:ReplicateImage"]),
    ),
    ("redundant-action", one(Action=["ecr:CreateRepository", "ECR:createrepository"]), one()),
    ("replicate-without-create", one(**REPLICATE), one()),
    (
        "replicate-without-create",
        document(
            statement("A", **REPLICATE),
            statement("B", Action="ecr:CreateRepository", Resource=f"{REPOSITORY}x*"),
        ),
        document(statement("A", **REPLICATE), statement("B", Action="ecr:CreateRepository")),
    ),
]
