"""Access in the words that people say: `replicate`, `pull`, `repository/prod-*`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.policy.action import ecr_actions
from planner.policy.arn import fields_of
from planner.policy.principal import principal_named
from planner.policy.resource import repository_prefix
from planner.registry import Registry
from planner.text import clean, fold, word

_PULL = ("BatchGetImage", "GetDownloadUrlForLayer")
_LAYERS = "BatchCheckLayerAvailability"
_PUSH = ("CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart")
_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("push", _PUSH),
    ("pull", _PULL),
    ("replicate", ("ReplicateImage",)),
    ("create repository", ("CreateRepository",)),
    ("cache upstream images", ("BatchImportUpstreamImage",)),
    ("delete images", ("BatchDeleteImage",)),
    ("delete repository", ("DeleteRepository",)),
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html"""
_SHOWN = 6
"""So many actions are named before the rest is counted."""


def actions_text(actions: Sequence[str]) -> str:
    """Actions as people call them; those without such a name by their own.

    BatchCheckLayerAvailability belongs to pulling and to pushing, and is not told beside them.
    """
    left = {fold(each): each for each in actions}
    known = ecr_actions()
    if set(known) <= set(left):
        others = [left[each] for each in left if each not in known]
        return ", ".join(["everything (ecr:*)", *map(word, sorted(others))])
    said: list[str] = []
    for phrase, names in _PHRASES:
        folded = [fold(f"ecr:{name}") for name in names]
        if all(each in left for each in folded):
            said.append(phrase)
            for each in folded:
                del left[each]
    if {"push", "pull"} & set(said):
        left.pop(fold(f"ecr:{_LAYERS}"), None)
    rest = sorted(map(word, left.values()))
    hidden = f"{len(rest) - _SHOWN} more" if len(rest) > _SHOWN + 1 else ""
    shown = rest[:_SHOWN] if hidden else rest
    return ", ".join([*said, *shown, *([hidden] if hidden else [])])


def resource_text(resource: str, registry: Registry | None) -> str:
    """A resource, without what all of the registry's repositories begin with."""
    prefix = repository_prefix(registry) if registry else ""
    if prefix and resource.startswith(prefix):
        return clean("repository/" + resource.removeprefix(prefix))
    return clean(resource)


def principal_text(kind: str, identifier: str, accounts: Mapping[str, str]) -> str:
    """Whom a row is about, with the name of the account where `accounts` has one."""
    if kind == "malformed":
        return word(identifier)
    named = principal_named(identifier)
    if named.kind == "everyone":
        return {"everyone": "everyone", "anonymous": "anonymous callers"}.get(
            kind, f"any other {kind}"
        )
    name = f" ({clean(accounts[named.account])})" if named.account in accounts else ""
    if not named.partition:
        return f"{kind} {word(identifier)}{name}"
    if named.kind == "account":
        of_root = f"{kind} of account" if kind == "root" else "account"
        return f"{of_root} {named.account}{name}"
    return f"{word(fields_of(identifier)[-1])} of {named.account}{name}"
