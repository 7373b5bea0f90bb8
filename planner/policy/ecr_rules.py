"""What ECR refuses in a registry policy that the grammar allows.

ECR answers all of it with one sentence, `Invalid registry policy provided`. These rules let
planner name the likely causes, and let the sandbox refuse what ECR refuses. What ECR does
not check is not here: Resource ARNs, Sids and condition keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from planner.policy.action import V1_ACTIONS, ActionPattern, nearest_action
from planner.policy.document import (
    POLICY_SIZE_LIMIT,
    Policy,
    Statement,
    pattern_element,
    serialize,
)
from planner.policy.principal import PrincipalId
from planner.policy.tree import pointer_to
from planner.text import fold

SIZE_HINT = "Merge statements, or write a prefix for repositories that alone begin with it."
"""What to do about a policy that is too large."""

MAX_JUDGED = 2 * POLICY_SIZE_LIMIT
"""The largest policy of a registry, in characters, that rules and access look at. One that is a
little too large gets all its findings; one that nobody can mend by a word or two gets this one."""

RAISE_SCOPE = "raise_scope = true in planner.toml"
"""The setting that lets a registry policy name every ECR action."""


class Reason(NamedTuple):
    """Why ECR refuses a value, the id of the lint rule that says so, and what to do."""

    rule: str
    text: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for ECR to refuse a policy.

    `pointer` is the JSON Pointer of the value at fault in the policy's own JSON, every
    string or single statement written as a list of one. `statement` is its index.
    """

    pointer: str
    statement: int
    reason: Reason


def refusals(policy: Policy, partition: str, scope: str | None) -> list[Refusal]:
    """Every reason but its size; `scope` is `V1`, `V2` or None where it is unknown."""
    return [
        Refusal(f"/Statement/{index}{pointer}", index, reason)
        for index, statement in enumerate(policy.statements)
        for pointer, reason in _reasons(statement, partition, scope)
    ]


def size_refusal(policy: Policy, limit: int = POLICY_SIZE_LIMIT) -> str:
    """Why the policy, written as it stands, is too large, or `""` where `limit` allows it."""
    size = len(serialize(policy))
    over = f"the policy has {size:,} characters; ECR takes {POLICY_SIZE_LIMIT:,}"
    return over if size > limit else ""


def named_principals(policy: Policy) -> list[str]:
    """The users and roles a policy names: ECR refuses it while one of them does not exist."""
    found = (each for one in policy.statements for each in one.principal or ())
    return sorted({each.text for each in found if each.kind in ("user", "role")})


def _reasons(
    statement: Statement, partition: str, scope: str | None
) -> Iterator[tuple[str, Reason]]:
    principal = statement.principal
    for kind, identifiers in principal.ids if principal else ():
        for index, identifier in enumerate(identifiers):
            if reason := principal_refusal(identifier, partition):
                element = principal.element if principal else ""
                yield f"/{element}/{kind}/{index}", reason
    for index, action in enumerate(statement.action.values):
        if reason := action_refusal(action, scope):
            element = pattern_element("Action", statement.action)
            yield f"/{element}/{index}", reason
    for operator in dict.fromkeys(each.operator for each in statement.conditions):
        if operator.malformed:
            reason = Reason("malformed-operator", operator.malformed)
            yield pointer_to("/Condition", operator.text), reason


def principal_refusal(principal: PrincipalId, partition: str) -> Reason | None:
    """Why a policy of this partition cannot name the principal.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if principal.malformed:
        return Reason("malformed-principal", principal.malformed, principal.mend)
    if principal.is_foreign(partition):
        where = f"is in partition {principal.partition}, the registry in {partition}"
        text = f"'{principal.text}' {where}: it names nobody who can call it"
        return Reason("foreign-partition", text)
    return None


def action_refusal(action: ActionPattern, scope: str | None) -> Reason | None:
    """Why a registry policy of this scope cannot name the action.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    if action.malformed:
        return Reason("malformed-action", action.malformed, action.mend)
    if not action.expand():
        near = nearest_action(action.text)
        close = f"; did you mean '{near}'?" if near else ""
        return Reason("unknown-action", f"ECR has no action '{action.text}'{close}")
    if scope == "V1" and needs_v2(action):
        return Reason(
            "scope-v1",
            f"'{action.text}' needs registry policy scope V2, and this registry has V1: "
            f"{RAISE_SCOPE}",
        )
    return None


def needs_v2(action: ActionPattern) -> bool:
    """Whether a registry policy of scope V1 cannot name the action."""
    is_known = bool(action.expand()) and not action.is_every
    return is_known and action.folded not in map(fold, V1_ACTIONS)
