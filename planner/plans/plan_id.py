"""A plan's id: what it is made from, and how people see and type it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from planner.policy.canonical import digest
from planner.policy.document import Policy, compact, serialize
from planner.policy.opaque import AnyPolicy, OpaquePolicy
from planner.registry import Registry

SHORT_ID = 32
"""Digits of a plan id that are shown, and the fewest that approve a plan.

An id is an approval: with few digits somebody could make another plan that has the same.
With 32 that would take some 2**128 plans, or 2**64 to make two of one's own that agree.
"""
_TYPED = re.compile(rf"[0-9a-f]{{{SHORT_ID},64}}")


def plan_id(
    registry: Registry,
    owner: str | None,
    before: AnyPolicy,
    after: Policy | None,
    besides: Sequence[object] = (),
) -> str:
    """The approval token, 64 hexadecimal digits: the same change of a registry has the same.

    Both policies are canonical. Where the one before cannot be read, the id is over the texts:
    that one, and the one to send. `besides` is what else the plan changes: whose statements are,
    the scope. Neither time nor host nor the version of planner is in it.
    """
    parts: list[object] = [registry.partition, registry.account_id, registry.region, owner]
    if isinstance(before, OpaquePolicy):
        text = "" if after is None else serialize(after)
        parts += ["texts", before.digest, hashlib.sha256(text.encode()).hexdigest()]
    else:
        parts += [digest(each, registry.partition) for each in (before, after)]
    parts += besides
    return hashlib.sha256(compact(parts).encode()).hexdigest()


def is_plan_id(typed: str) -> bool:
    """Whether what was typed can approve a plan: 32 to 64 hexadecimal digits, in any case.

    >>> is_plan_id("7F3A9C1E02D45B1C9E0A6D3F8B274C15"), is_plan_id("7f3a9c1e02d4")
    (True, False)
    """
    return bool(_TYPED.fullmatch(typed.strip().lower()))


def expects(plan_id: str, typed: str) -> bool:
    """Whether what was typed is the plan id, or a beginning of it that is long enough."""
    return is_plan_id(typed) and plan_id.startswith(typed.strip().lower())
