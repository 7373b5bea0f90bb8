"""The words of docker: what people call actions, and how they address images."""

from __future__ import annotations

import pytest

from planner.policy.action import ecr_actions
from planner.policy.action_words import ACTION_WORDS, actions_called, nearest_word
from planner.policy.image import Image, parse_image
from planner.registry import Registry

HOST = "444455556666.dkr.ecr.us-west-2.amazonaws.com"
HERE = Registry("aws", "444455556666", "us-west-2")
DIGEST = f"@sha256:{64 * 'a'}"


def test_every_word_takes_actions_that_ecr_has() -> None:
    known = {each.name for each in ecr_actions().values()}
    assert {one for each in ACTION_WORDS for one in each.actions} <= known
    words = [one for each in ACTION_WORDS for one in (each.text, each.short) if one]
    assert len(words) == len(set(words))
    assert set(actions_called("everything")) == known


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("replicate", "ecr:ReplicateImage"),
        ("List", "ecr:ListImages"),
        ("cache_upstream-images", "ecr:BatchImportUpstreamImage"),
        ("create", "ecr:CreateRepository"),
    ],
)
def test_a_word_is_taken_in_any_spelling(text: str, action: str) -> None:
    assert actions_called(text) == (action,)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("pul", "pull"),
        ("pulll", "pull"),
        ("ecr:GetDownloadUrlForLayers", "ecr:GetDownloadUrlForLayer"),
        ("ecr:BatchGetImages", "ecr:BatchGetImage"),
        ("erc:PutImage", "ecr:PutImage"),
        ("replikate", "replicate"),
        ("s3:GetObject", None),
        ("ecr:frobnicate", None),
    ],
)
def test_the_nearest_word_is_one_that_is_near(text: str, near: str | None) -> None:
    assert nearest_word(text) == near


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("app", Image("app")),
        ("team/app:1.0", Image("team/app")),
        (f"team/app{DIGEST}", Image("team/app")),
        (f"team/app:1{DIGEST}", Image("team/app")),
        (f"{HOST}/app", Image("app", HERE)),
        (f"https://{HOST}/team/app:latest", Image("team/app", HERE)),
        (
            f"444455556666.dkr.ecr-fips.us-gov-west-1.amazonaws.com/app{DIGEST}",
            Image("app", Registry("aws-us-gov", "444455556666", "us-gov-west-1")),
        ),
        ("444455556666.dkr-ecr.us-west-2.on.aws/app:1", Image("app", HERE)),
        (
            "444455556666.dkr.ecr.cn-north-1.amazonaws.com.cn/app:1",
            Image("app", Registry("aws-cn", "444455556666", "cn-north-1")),
        ),
        # What is no tag, no digest or no host stays, and is no name of a repository.
        ("app:-1", Image("app:-1")),
        ("app@sha256:12", Image("app@sha256:12")),
        (f"{HOST}", Image(HOST)),
        ("docker.io/library/alpine", Image("docker.io/library/alpine")),
    ],
)
def test_an_address_names_a_repository(text: str, image: Image) -> None:
    assert parse_image(text) == image
