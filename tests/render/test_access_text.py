"""Access in the words that people read."""

from __future__ import annotations

import pytest

from planner.access.compare import compare
from planner.policy.action import ecr_actions
from planner.registry import Registry
from planner.render.text.access import access_lines
from planner.render.text.terminal import to_text
from planner.render.words import actions_text, principal_text, resource_text
from tests.support.policies import REPOSITORY, policy, statement

REGISTRY = Registry("aws", "444455556666", "us-west-2")
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]


def test_a_hostile_policy_cannot_write_to_the_terminal() -> None:
    hostile = policy(
        statement(
            "A", Resource=f"{REPOSITORY}\u202e\x1b[31m*", Condition={"StringLike": {"a:\x07": "\n"}}
        )
    )
    text = to_text(access_lines(compare(None, hostile).to_json(), every_witness=True))
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "\\u202e" in text


def test_one_witness_is_enough_for_a_plan() -> None:
    view = compare(None, policy(statement("A"))).to_json()
    assert to_text(access_lines(view, REGISTRY, {"111122223333": "build"})).endswith(
        "Verdict: broadens. For one, account 111122223333 (build) can now ecr:ReplicateImage "
        "into repository/aa.\n"
    )
    nothing = compare(None, None).to_json()
    assert to_text(access_lines(nothing)) == "Verdict: equivalent.\n"


@pytest.mark.parametrize(
    ("actions", "text"),
    [
        (["ecr:ReplicateImage"], "replicate"),
        (PULL, "pull"),
        (PULL[:2], "pull"),
        (PULL[:1], "ecr:BatchGetImage"),
        (PULL[2:], "ecr:BatchCheckLayerAvailability"),
        (
            [
                "ecr:PutImage",
                "ecr:InitiateLayerUpload",
                "ecr:UploadLayerPart",
                "ecr:CompleteLayerUpload",
                *PULL,
            ],
            "push, pull",
        ),
        (
            ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
            "create repository, cache upstream images",
        ),
        (["ecr:BatchDeleteImage", "s3:Get*"], "delete images, s3:Get*"),
        ([row.name for row in ecr_actions().values()], "everything (ecr:*)"),
        ([f"x:{letter}" for letter in "abcdefghij"], "x:a, x:b, x:c, x:d, x:e, x:f, 4 more"),
    ],
)
def test_actions_are_told_as_people_call_them(actions: list[str], text: str) -> None:
    assert actions_text(actions) == text


def test_principals_and_resources_are_told_shortly() -> None:
    names = {"111122223333": "build"}
    role = "arn:aws:iam::111122223333:role/ci"
    assert principal_text("role", role, names) == "role/ci of 111122223333 (build)"
    assert principal_text("account", "111122223333", {}) == "account 111122223333"
    assert principal_text("service", "ecs.amazonaws.com", {}) == "service ecs.amazonaws.com"
    assert principal_text("everyone", "*", names) == "everyone"
    assert resource_text(f"{REPOSITORY}a/*", REGISTRY) == "repository/a/*"
    assert resource_text(f"{REPOSITORY}a/*", None) == f"{REPOSITORY}a/*"
    assert resource_text("*", REGISTRY) == "*"
