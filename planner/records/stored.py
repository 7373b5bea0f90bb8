"""Values out of stored documents. What is missing or of another kind is damage, said as
ValueError, KeyError or TypeError; the documents' own modules say it to people.
"""

from __future__ import annotations

import json
from typing import Any

from planner.errors import PlannerError
from planner.policy.canonical import canonicalise
from planner.policy.document import Policy
from planner.policy.opaque import AnyPolicy, canonical, read_any
from planner.policy.parse import parse_policy
from planner.registry import Registry

_MAX_SERIAL = 2**53


def registry_from(document: Any) -> Registry:
    """A registry."""
    try:
        return Registry(document["partition"], document["account_id"], document["region"])
    except PlannerError as error:
        raise ValueError(error.summary) from error


def serial_from(value: Any) -> int:
    """A serial, or the version of a format."""
    return count_from(value, at_least=1)


def count_from(value: Any, *, at_least: int = 0) -> int:
    """A number of things."""
    if isinstance(value, int) and not isinstance(value, bool) and at_least <= value <= _MAX_SERIAL:
        return value
    raise ValueError("no such number")


def bool_from(value: Any) -> bool:
    """True or false."""
    if isinstance(value, bool):
        return value
    raise TypeError("neither true nor false")


def policy_from(document: Any, registry: Registry) -> Policy | None:
    """A canonical policy, None for null. Raises InvalidPolicyError."""
    if document is None:
        return None
    return canonicalise(parse_policy(json.dumps(document)).policy, registry.partition)


def any_policy_from(document: Any, registry: Registry) -> AnyPolicy:
    """A canonical policy or None, as `policy_from` has it; of a text the policy in it.

    The text is one that the planner which stored it could not read; this one may.
    """
    if isinstance(document, str):
        return canonical(read_any(document, "the policy before"), registry.partition)
    return policy_from(document, registry)


def text_from(value: Any) -> str:
    """A text."""
    if isinstance(value, str):
        return value
    raise TypeError("no text")


def optional_text(value: Any) -> str | None:
    """A text, None for null."""
    return None if value is None else text_from(value)


def list_from(value: Any) -> list[Any]:
    """A list."""
    if isinstance(value, list):
        return value
    raise TypeError("no list")


def object_from(value: Any) -> dict[str, Any]:
    """An object."""
    if isinstance(value, dict):
        return value
    raise TypeError("no object")
