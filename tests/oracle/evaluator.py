"""One request against one policy of a registry, as IAM's documents decide it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.oracle.conditions import Answer, all_of, any_of, holds, negated
from tests.oracle.patterns import MAYBE, Context, OpenError, glob, resource_like
from tests.oracle.principals import Caller, is_meant

Json = dict[str, Any]
DENIED, NOT_SAID, ALLOWED = "denied", "not said here", "allowed"
RANKS = (DENIED, NOT_SAID, ALLOWED)
"""From the least to the most access."""
V1_ACTIONS = frozenset(
    ("ecr:replicateimage", "ecr:batchimportupstreamimage", "ecr:createrepository")
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its whole context, to a registry of the account `registry`."""

    caller: Caller
    action: str
    resource: str
    context: Context
    registry: str
    scope: str = "V2"

    def to_json(self) -> Json:
        """The request as planner's views write one."""
        return {
            "principal": self.caller.text,
            "action": self.action,
            "resource": self.resource,
            "context": {
                key: values[0] if len(values) == 1 else list(values)
                for key, values in sorted(self.context.items())
                if values and values is not MAYBE
            },
        }


def as_list(value: Any) -> list[Any]:
    """The elements of what a policy may write as one or as a list."""
    return value if isinstance(value, list) else [value]


def texts(value: Any) -> list[str]:
    """The values of a condition as texts: `true` and `5` are `"true"` and `"5"`."""
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in as_list(value)]


def rank(policy: Json | None, call: Call, *, ranks: bool = True) -> int | None:
    """What the policy says of a request, as an index into RANKS; None where it is left open.

    Without `ranks` there are two answers: 0 for what is not allowed, and 1.
    """
    found = {RANKS.index(each) for each in outcomes(policy, call, ranks=ranks)}
    if not ranks:
        found = {int(each == RANKS.index(ALLOWED)) for each in found}
    return found.pop() if len(found) == 1 else None


def outcomes(policy: Json | None, call: Call, *, ranks: bool = True) -> set[str]:
    """What the policy may say of a request: one outcome, or several where it is left open."""
    if policy is None or (call.scope == "V1" and call.action.lower() not in V1_ACTIONS):
        return {NOT_SAID}
    variables = policy.get("Version") == "2012-10-17"
    effects: dict[str, Answer] = {"Allow": False, "Deny": False}
    for statement in as_list(policy["Statement"]):
        effect = statement["Effect"]
        if effects[effect] is not True:
            answer = applies(statement, call, variables=variables, ranks=ranks)
            effects[effect] = any_of((effects[effect], answer))
    if effects["Deny"]:
        return {DENIED}
    found = {ALLOWED} if effects["Allow"] else {NOT_SAID}
    if effects["Allow"] is None:
        found.add(ALLOWED)
    return found | {DENIED} if effects["Deny"] is None else found


def applies(statement: Json, call: Call, *, variables: bool, ranks: bool = True) -> Answer:
    """Whether a statement is about a request."""
    own = call.caller.account == call.registry and ranks and statement["Effect"] == "Allow"
    meant = is_meant(statement, call.caller, call.context, account_counts=not own)
    if meant is False or not _matches_action(statement, call.action):
        return False
    resource = _matches_resource(statement, call, variables=variables)
    if resource is False:
        return False
    return all_of(
        (
            meant,
            resource,
            *(
                holds(operator, key, texts(values), call.context, variables=variables)
                for operator, block in statement.get("Condition", {}).items()
                for key, values in block.items()
            ),
        )
    )


def _matches_action(statement: Json, action: str) -> bool:
    """Action names are compared without regard to case."""
    element = "Action" if "Action" in statement else "NotAction"
    patterns = as_list(statement[element])
    found = any(glob(pattern.lower(), action.lower()) for pattern in patterns)
    return found == (element == "Action")


def _matches_resource(statement: Json, call: Call, *, variables: bool) -> Answer:
    element = "Resource" if "Resource" in statement else "NotResource"

    def one(text: str) -> Answer:
        try:
            return resource_like(text, call.resource, call.context, variables=variables)
        except OpenError:
            return None

    found = any_of(map(one, as_list(statement[element])))
    return found if element == "Resource" else negated(found)
