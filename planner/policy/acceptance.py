"""What ECR refuses in a registry policy that the grammar allows.

ECR answers all of it with one sentence, `Invalid registry policy provided`. These rules let
planner name the likely causes, and let the sandbox refuse what ECR refuses. What ECR does
not check is not here: Resource ARNs, Sids and condition keys.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from planner.policy.actions import V1_ACTIONS, ecr_actions
from planner.policy.canonical import DELETED_PRINCIPAL
from planner.policy.document import (
    POLICY_SIZE_LIMIT,
    Policy,
    Statement,
    pattern_element,
    serialize,
)
from planner.policy.json_text import pointer_to
from planner.policy.names import CONDITION_OPERATORS, spell_operator
from planner.text import clean, fold

_IAM_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):(?P<service>iam|sts)::(?P<account>[^:]*):(?P<path>.*)"
)
_PRINCIPAL_PATHS = {
    "iam": re.compile(r"root|(?:user|role)/.+"),
    "sts": re.compile(r"(?:assumed-role|federated-user)/.+"),
}
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_UNQUALIFIED_OPERATOR = re.compile(r"^(?:ForAllValues:|ForAnyValue:)?(.*?)(?:IfExists)?$")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A reason for ECR to refuse a policy.

    `pointer` is the JSON Pointer of the value at fault in the policy's own JSON, every
    string or single statement written as a list of one. `statement` names the statement or
    is empty. `certain` is false where a newer ECR may know better than this package.
    """

    pointer: str
    statement: str
    reason: str
    certain: bool = True

    def __str__(self) -> str:
        return clean(f"{self.statement}: {self.reason}" if self.statement else self.reason)


def statement_name(statement: Statement, index: int) -> str:
    """`statement["Sid"]`, or `statement[2]` for one without a Sid."""
    name = json.dumps(statement.sid) if statement.sid else index
    return f"statement[{name}]"


def refusals(policy: Policy, partition: str, scope: str | None) -> list[Refusal]:
    """Every reason but its size; `scope` is `V1`, `V2` or None where it is unknown."""
    found: list[Refusal] = []
    for index, statement in enumerate(policy.statements):
        name = statement_name(statement, index)
        found.extend(
            Refusal(f"/Statement/{index}{pointer}", name, reason, certain)
            for pointer, reason, certain in _reasons(statement, partition, scope)
        )
    return found


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
) -> Iterator[tuple[str, str, bool]]:
    principal = statement.principal
    for kind, identifiers in principal.ids if principal else ():
        for index, identifier in enumerate(identifiers):
            if reason := principal_refusal(kind, identifier, partition):
                element = principal.element if principal else ""
                # Partitions have service principals of their own.
                yield f"/{element}/{kind}/{index}", reason, kind != "Service"
    for index, action in enumerate(statement.action.values):
        if reason := action_refusal(action, scope):
            element = pattern_element("Action", statement.action)
            yield f"/{element}/{index}", reason, False
    for condition in statement.conditions:
        spelled = spell_operator(condition.operator)
        if _UNQUALIFIED_OPERATOR.sub(r"\1", spelled) not in CONDITION_OPERATORS:
            pointer = pointer_to("/Condition", condition.operator)
            yield pointer, f"there is no condition operator '{condition.operator}'", True


def principal_refusal(kind: str, identifier: str, partition: str) -> str:
    """Why the identifier cannot be a principal of this type, or `""`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if kind == "Service":
        well_formed = _SERVICE.fullmatch(identifier)
        return "" if well_formed else f"'{identifier}' is no service principal"
    if kind != "AWS" or identifier == "*" or re.fullmatch(r"[0-9]{12}", identifier):
        return ""
    if DELETED_PRINCIPAL.fullmatch(identifier):
        return ""
    if identifier.isdigit():
        return f"'{identifier}' is no account id: it has {len(identifier)} digits, not 12"
    match = _IAM_ARN.fullmatch(identifier)
    if match is None:
        return f"'{identifier}' is no principal: neither an account id nor the ARN of one"
    return _arn_refusal(identifier, match, partition)


def _arn_refusal(identifier: str, match: re.Match[str], partition: str) -> str:
    account, path = match["account"], match["path"]
    if not re.fullmatch(r"[0-9]{12}", account):
        return f"'{identifier}' has no 12-digit account id but '{account}'"
    if match["partition"] != partition:
        return f"'{identifier}' is in partition {match['partition']}, the registry in {partition}"
    if path.startswith("group/"):
        return f"'{identifier}' is a group, and a group cannot be a principal"
    if "*" in path or "?" in path:
        return f"'{identifier}' has a wildcard, which the ARN of a principal cannot have"
    if not _PRINCIPAL_PATHS[match["service"]].fullmatch(path):
        return f"'{identifier}' names no user, role, session or account root"
    return ""


def action_refusal(action: str, scope: str | None) -> str:
    """Why a registry policy of this scope cannot name the action, or `""`.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    lower = fold(action)
    known = ecr_actions()
    if lower in ("*", "ecr:*"):
        return ""
    # fnmatch reads [...] as a set of characters, IAM does not; no action has brackets.
    if "[" in lower or not any(fnmatchcase(name, lower) for name in known):
        near = difflib.get_close_matches(lower, known, n=1)
        close = f"; did you mean '{known[near[0]].name}'?" if near else ""
        return f"ECR has no action '{action}'{close}"
    if scope == "V1" and lower not in map(fold, V1_ACTIONS):
        return (
            f"'{action}' needs registry policy scope V2, and this registry has V1: "
            "aws ecr put-account-setting --name REGISTRY_POLICY_SCOPE --value V2"
        )
    return ""
