"""What the three ranks mean for whoever asks: a registry's policy is not the only voice.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from typing import Literal

from planner.access.request import Caller
from planner.registry import Registry

CallerClass = Literal[
    "another account",
    "this account",
    "this account's root user",
    "service",
    "federated",
    "anonymous",
    "canonical",
    "account not known",
]
"""Who asks, as far as it matters to what an answer means."""

_NEVER = "That is no, whatever other policies allow."
_REPOSITORY = "That is no, unless a repository's policy allows it."
_YES = "That is yes; it takes no other policy."
_NOBODY = "ECR answers no anonymous callers, whatever a policy says."
_S3 = "ECR knows no canonical users: they are S3's."

_MEANINGS: dict[CallerClass, dict[str, str]] = {
    "another account": {
        "allowed": "That is yes, if the IAM of the caller's account allows it too.",
        "not said": _REPOSITORY,
        "denied": _NEVER,
    },
    "this account": {
        "allowed": "That is yes, unless the caller's own IAM denies it.",
        "not said": "That is as the IAM of this account says: it may allow it by itself.",
        "denied": _NEVER,
    },
    "this account's root user": {
        "allowed": "That is yes: IAM allows an account's root user everything.",
        "not said": "That is yes: IAM allows an account's root user everything.",
        "denied": "That may be no: whether a Deny reaches this account's root user AWS does not "
        "say for ECR.",
    },
    "service": {"allowed": _YES, "not said": _REPOSITORY, "denied": _NEVER},
    "federated": {"allowed": _YES, "not said": _REPOSITORY, "denied": _NEVER},
    "anonymous": {"allowed": _NOBODY, "not said": _NOBODY, "denied": _NOBODY},
    "canonical": {"allowed": _S3, "not said": _S3, "denied": _S3},
    "account not known": {
        "allowed": "That is yes, if the IAM of the caller allows it too or it is of this account.",
        "not said": "That is as its IAM says for a caller of this account; for any other it is no, "
        "unless a repository's policy allows it.",
        "denied": _NEVER,
    },
}


def class_of(caller: Caller, registry: Registry | None) -> CallerClass:
    """Which class a caller of the registry belongs to."""
    if caller.kind in ("service", "federated", "anonymous", "canonical"):
        return caller.kind
    if registry is None or not caller.account:
        return "account not known"
    if caller.account != registry.account_id:
        return "another account"
    return "this account's root user" if caller.kind == "account" else "this account"


def meaning(outcome: str, asks: CallerClass) -> str:
    """What an outcome comes to, in a sentence; `""` where the outcome is open."""
    return _MEANINGS[asks].get(outcome, "")
