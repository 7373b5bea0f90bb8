"""What ECR refuses in a registry policy that the grammar allows.

ECR answers all of it with one sentence, `Invalid registry policy provided`. These rules let
planner name the likely causes, and let the sandbox refuse what ECR refuses. What ECR does
not check is not here: Resource ARNs, Sids and condition keys.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from planner.policy.action import V1_ACTIONS, ecr_actions
from planner.policy.canonical import DELETED_PRINCIPAL
from planner.policy.document import (
    POLICY_SIZE_LIMIT,
    Policy,
    Statement,
    pattern_element,
    serialize,
)
from planner.policy.tree import pointer_to
from planner.text import fold

_IAM_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):(?P<service>iam|sts)::(?P<account>[^:]*):(?P<path>.*)"
)
_PRINCIPAL_PATHS = {
    "iam": re.compile(r"root|(?:user|role)/.+"),
    "sts": re.compile(r"(?:assumed-role|federated-user)/.+"),
}
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_UNFILLED = re.compile(
    r"<[^<>]*>|\{\{|\$\{(?![^}]*:|[*?$]\})|\$\{(?:AWS|aws)::|arn:[^:]*:[^:]*:[^:]*:(?!aws:)[A-Za-z][^:]*:"
)

SIZE_HINT = "Merge statements, or replace lists of repositories by a common prefix."
"""What to do about a policy that is too large."""

RAISE_SCOPE = "aws ecr put-account-setting --name REGISTRY_POLICY_SCOPE --value V2"
"""The command that lets a registry policy name every ECR action."""


class Reason(NamedTuple):
    """Why ECR refuses a value, and the id of the lint rule that says so."""

    rule: str
    text: str


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


def size_refusal(policy: Policy) -> str:
    """Why the policy, written as it stands, is too large, or `""`."""
    size = len(serialize(policy))
    over = f"the policy has {size:,} characters; ECR takes {POLICY_SIZE_LIMIT:,}"
    return over if size > POLICY_SIZE_LIMIT else ""


def named_principals(policy: Policy) -> list[str]:
    """The users and roles a policy names: ECR refuses it while one of them does not exist."""
    return sorted(
        {
            identifier
            for statement in policy.statements
            for kind, identifiers in (statement.principal.ids if statement.principal else ())
            for identifier in identifiers
            if kind == "AWS" and re.search(r":(?:user|role)/", identifier)
        }
    )


def _reasons(
    statement: Statement, partition: str, scope: str | None
) -> Iterator[tuple[str, Reason]]:
    principal = statement.principal
    for kind, identifiers in principal.ids if principal else ():
        for index, identifier in enumerate(identifiers):
            if reason := principal_refusal(kind, identifier, partition):
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


def principal_refusal(kind: str, identifier: str, partition: str) -> Reason | None:
    """Why the identifier cannot be a principal of this type.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if is_unfilled(identifier):
        return Reason("placeholder", f"'{identifier}' is a placeholder that nobody has filled in")
    if kind == "Service":
        if _SERVICE.fullmatch(identifier):
            return None
        return Reason("malformed-principal", f"'{identifier}' is no service principal")
    if kind != "AWS" or identifier == "*" or re.fullmatch(r"[0-9]{12}", identifier):
        return None
    if DELETED_PRINCIPAL.fullmatch(identifier):
        return None
    if identifier.isdigit():
        digits = f"it has {len(identifier)} digits, not 12"
        return Reason("account-id", f"'{identifier}' is no account id: {digits}")
    match = _IAM_ARN.fullmatch(identifier)
    if match is None:
        text = f"'{identifier}' is no principal: neither an account id nor the ARN of one"
        return Reason("malformed-principal", text)
    return _arn_refusal(identifier, match, partition)


def _arn_refusal(identifier: str, match: re.Match[str], partition: str) -> Reason | None:
    account, path = match["account"], match["path"]
    if not re.fullmatch(r"[0-9]{12}", account):
        text = f"'{identifier}' has no 12-digit account id but '{account}'"
        return Reason("account-id", text)
    if match["partition"] != partition:
        where = f"is in partition {match['partition']}, the registry in {partition}"
        return Reason("foreign-partition", f"'{identifier}' {where}")
    if path.startswith("group/"):
        text = f"'{identifier}' is a group, and a group cannot be a principal"
        return Reason("group-principal", text)
    if "*" in path or "?" in path:
        text = f"'{identifier}' has a wildcard, which the ARN of a principal cannot have"
        return Reason("wildcard-principal", text)
    if not _PRINCIPAL_PATHS[match["service"]].fullmatch(path):
        text = f"'{identifier}' names no user, role, session or account root"
        return Reason("malformed-principal", text)
    return None


def is_unfilled(value: str) -> bool:
    """Whether the text is a template that was meant to be filled in, as examples have them.

    `<account>`, `{{account}}`, `${Account}`, `${AWS::AccountId}`, or letters where an ARN has
    its account id. IAM's own policy variables (`${aws:username}`) have one colon.
    """
    return bool(_UNFILLED.search(value))


def action_refusal(action: str, scope: str | None) -> Reason | None:
    """Why a registry policy of this scope cannot name the action.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    lower = fold(action)
    known = ecr_actions()
    if lower in ("*", "ecr:*"):
        return None
    # fnmatch reads [...] as a set of characters, IAM does not; no action has brackets.
    if "[" in lower or not any(fnmatchcase(name, lower) for name in known):
        near = difflib.get_close_matches(lower, known, n=1)
        close = f"; did you mean '{known[near[0]].name}'?" if near else ""
        return Reason("unknown-action", f"ECR has no action '{action}'{close}")
    if scope == "V1" and lower not in map(fold, V1_ACTIONS):
        return Reason(
            "scope-v1",
            f"'{action}' needs registry policy scope V2, and this registry has V1: {RAISE_SCOPE}",
        )
    return None
