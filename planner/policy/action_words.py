"""What people call actions of ECR: the words of docker and of the tables of access, once.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-pull-iam.html
"""

from __future__ import annotations

from typing import NamedTuple

from planner.policy.action import (
    LAYERS_ACTION,
    PULL_ACTIONS,
    PUSH_ACTIONS,
    ecr_actions,
    nearest_action,
)
from planner.text import fold

EVERYTHING = "everything"
"""The word for all actions of ECR."""


class ActionWord(NamedTuple):
    """A word, all the actions that it takes, and a shorter word for the same."""

    text: str
    actions: tuple[str, ...]
    short: str = ""


ACTION_WORDS = (
    ActionWord("push", (*PUSH_ACTIONS, LAYERS_ACTION)),
    ActionWord("pull", PULL_ACTIONS),
    ActionWord("replicate", ("ecr:ReplicateImage",)),
    ActionWord("create repository", ("ecr:CreateRepository",), "create"),
    ActionWord("cache upstream images", ("ecr:BatchImportUpstreamImage",), "cache"),
    ActionWord("list images", ("ecr:ListImages",), "list"),
    ActionWord("delete images", ("ecr:BatchDeleteImage",), "delete"),
    ActionWord("delete repository", ("ecr:DeleteRepository",)),
    ActionWord("log in", ("ecr:GetAuthorizationToken",), "login"),
)
"""The words in the order in which they are told."""


def actions_called(text: str) -> tuple[str, ...]:
    """The actions that a word takes, in their documented spelling; none for no word.

    Letters in either case are the same, and so are spaces, hyphens and underscores.

    >>> actions_called("pull"), actions_called("Create-Repository"), actions_called("ecr:PutImage")
    (('ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'), ('ecr:CreateRepository',), ())
    """
    asked = " ".join(fold(text).replace("-", " ").replace("_", " ").split())
    if asked in (EVERYTHING, f"{EVERYTHING} (ecr:*)"):
        return tuple(each.name for each in ecr_actions().values())
    return next((each.actions for each in ACTION_WORDS if asked in (each.text, each.short)), ())


def nearest_word(text: str) -> str | None:
    """The action or the word that is written most like a text; None where none is alike.

    >>> nearest_word("ecr:ReplicateImagee"), nearest_word("pul"), nearest_word("s3:GetObject")
    ('ecr:ReplicateImage', 'pull', None)
    """
    return nearest_action(text, [one for each in ACTION_WORDS for one in (each.text, each.short)])
