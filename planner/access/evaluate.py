"""One request against one policy, as IAM decides it for the policy of a resource.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
An explicit Deny wins; without an Allow nothing is allowed. What other policies say, such as
the IAM policies of the caller's own account, is not asked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from planner.access.automaton import Language
from planner.access.conditions import holds, parse_test
from planner.access.globs import matches
from planner.access.principals import Caller, is_meant
from planner.access.variables import (
    Context,
    glob_tokens,
    has_variables,
    resolve,
    single_value,
)
from planner.policy.document import Patterns, Policy, Statement
from planner.policy.names import spell_condition_key
from planner.text import fold

Outcome = Literal["allowed", "denied", "not allowed", "unknown"]
"""`denied` is an explicit Deny; `not allowed` has neither Allow nor Deny."""

_TYPES = {
    "account": "Account",
    "user": "User",
    "role": "AssumedRole",
    "session": "AssumedRole",
    "federated-user": "FederatedUser",
    "anonymous": "Anonymous",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One call: who, what, on which resource, and under which circumstances.

    `context` maps condition keys to their values; a key is compared without regard to case.
    Keys that follow from the principal are derived unless they are given.
    """

    principal: Caller
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def full_context(self) -> Context:
        """The context with the keys that follow from the principal, all in lower case."""
        given = {fold(key): values for key, values in self.context.items()}
        return {**derived_context(self.principal), **given}


def derived_context(caller: Caller) -> dict[str, tuple[str, ...]]:
    """The condition keys that follow from the principal, in lower case.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    is_service = caller.kind == "service"
    found = {"aws:principalisawsservice": "true" if is_service else "false"}
    if caller.account:
        found |= {"aws:principalaccount": caller.account, "aws:principalarn": caller.arn}
    if caller.kind in _TYPES:
        found["aws:principaltype"] = _TYPES[caller.kind]
    if caller.kind == "user":
        found["aws:username"] = caller.name
    if caller.kind == "account":
        found["aws:userid"] = caller.account
    if caller.kind == "federated-user":
        found["aws:userid"] = f"{caller.account}:{caller.name}"
    if caller.kind == "federated":
        found["aws:federatedprovider"] = caller.text
    if is_service:
        found["aws:principalservicename"] = caller.text
    return {key: (value,) for key, value in found.items()}


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A statement that does not apply: its index, and the elements that do not match.

    An element is `Principal`, `Action` or `Resource` (or its `Not` twin), or a condition as
    `Condition.StringEquals.aws:PrincipalOrgID`.
    """

    statement: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy says to a request.

    `deciding` are the indices of the statements that decide: those that deny, else those that
    allow, or those of which nothing can be said. `near` are the Allow statements that do not
    apply, the nearest first.
    """

    outcome: Outcome
    deciding: tuple[int, ...]
    near: tuple[NearMiss, ...]

    @property
    def allowed(self) -> bool | None:
        """None where nothing can be said."""
        return None if self.outcome == "unknown" else self.outcome == "allowed"


def evaluate(policy: Policy | None, request: Request) -> Decision:
    """Decides a request; without a policy nothing is allowed."""
    statements = policy.statements if policy else ()
    context = request.full_context()
    variables = policy is not None and has_variables(policy)
    applying: dict[tuple[str, bool], list[int]] = {}
    near: list[NearMiss] = []
    for index, statement in enumerate(statements):
        missing, unsure = _mismatch(statement, request, context, variables=variables)
        if not missing:
            applying.setdefault((statement.effect, not unsure), []).append(index)
        elif statement.effect == "Allow":
            near.append(NearMiss(index, missing))
    near.sort(key=lambda each: len(each.missing))
    outcome, deciding = _outcome(applying)
    return Decision(outcome, tuple(deciding), tuple(near))


def _outcome(applying: dict[tuple[str, bool], list[int]]) -> tuple[Outcome, list[int]]:
    denies, perhaps_denies = applying.get(("Deny", True), []), applying.get(("Deny", False), [])
    allows, perhaps_allows = applying.get(("Allow", True), []), applying.get(("Allow", False), [])
    if denies:
        return "denied", denies
    if not allows and not perhaps_allows:
        return "not allowed", []
    if perhaps_denies:
        return "unknown", perhaps_denies
    return ("allowed", allows) if allows else ("unknown", perhaps_allows)


def _mismatch(
    statement: Statement, request: Request, context: Context, *, variables: bool
) -> tuple[tuple[str, ...], bool]:
    """The elements that do not match, and whether of one that remains nothing can be said."""
    missing: list[str] = []
    principal = statement.principal
    if principal is not None and not is_meant(principal, request.principal):
        missing.append(principal.element)
    if not _action_matches(statement.action, request.action):
        missing.append("NotAction" if statement.action.negated else "Action")
    if not resource_matches(statement.resource, request.resource, context, variables=variables):
        negated = statement.resource is not None and statement.resource.negated
        missing.append("NotResource" if negated else "Resource")
    unsure = False
    for condition in statement.conditions:
        test = parse_test(condition, variables=variables)
        answer = None if test is None else holds(test, context)
        unsure |= answer is None
        if answer is False:
            key = spell_condition_key(condition.key)
            missing.append(f"Condition.{condition.operator}.{key}")
    return tuple(missing), unsure


def _action_matches(patterns: Patterns, action: str) -> bool:
    found = any(matches(fold(each), fold(action)) for each in patterns.values)
    return found != patterns.negated


def resource_matches(
    patterns: Patterns | None, resource: str, context: Context, *, variables: bool
) -> bool:
    """Whether a statement's Resource or NotResource applies; a missing one always does."""
    if patterns is None:
        return True
    found = any(
        _one_matches(each, resource, context, variables=variables) for each in patterns.values
    )
    return found != patterns.negated


def _one_matches(pattern: str, resource: str, context: Context, *, variables: bool) -> bool:
    if not variables or "${" not in pattern:
        return matches(pattern, resource)
    tokens = resolve(glob_tokens(pattern, variables=True), single_value(context))
    return tokens is not None and Language((tokens,)).accepts(resource)
