"""What is allowed."""

from __future__ import annotations

from tests.support.lint import one

CASES = [
    ("malformed-action", one(Action="ReplicateImage"), one(Action="s3:GetObject")),
    ("unknown-action", one(Action="ecr:ReplicateImages"), one(Action="ECR:replicateimage")),
    ("unknown-action", one(Action="s3:GetObject"), one(Action="ecr:Replicate*")),
    ("all-actions", one(Action="ecr:*"), one(Action="ecr:Get*")),
    (
        "all-actions",
        one(Action=["ecr:*"], Principal={"AWS": ["444455556666", "111122223333"]}),
        one(Action="ecr:*", Principal={"AWS": "444455556666"}),
    ),
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
]
