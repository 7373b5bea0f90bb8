"""One request against one policy, as IAM decides it for the policy of a resource.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
An explicit Deny wins; without an Allow nothing is allowed. What other policies say, such as
the IAM policies of the caller's own account, is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from planner.access.conditions import holds, parse_test
from planner.access.request import Meant, Request, is_meant
from planner.access.variables import (
    Context,
    glob_tokens,
    has_variables,
    resolve,
    single_value,
)
from planner.automata.automaton import Language
from planner.automata.pattern import matches
from planner.policy.action import ActionPattern
from planner.policy.document import Patterns, Policy, Statement, pattern_element
from planner.policy.resource import ResourcePattern

Outcome = Literal["allowed", "denied", "not allowed", "unknown"]
"""`denied` is an explicit Deny; `not allowed` has neither Allow nor Deny."""


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
    applying: dict[tuple[str, bool], list[int]] = {}
    near: list[NearMiss] = []
    for index, effect, mismatches in _statements(policy, request):
        found = tuple(mismatches)
        missing = tuple(each for each in found if each is not None)
        if not missing:
            applying.setdefault((effect, not found), []).append(index)
        elif effect == "Allow":
            near.append(NearMiss(index, missing))
    near.sort(key=lambda each: len(each.missing))
    outcome, deciding = _outcome(applying)
    return Decision(outcome, tuple(deciding), tuple(near))


def is_allowed(policy: Policy | None, request: Request) -> bool | None:
    """`evaluate(...).allowed` without its reasons, and so in a fraction of the time."""
    applying: dict[tuple[str, bool], list[int]] = {}
    for index, effect, mismatches in _statements(policy, request):
        unsure = False
        for each in mismatches:
            if each is not None:
                break
            unsure = True
        else:
            applying.setdefault((effect, not unsure), []).append(index)
    outcome, _ = _outcome(applying)
    return None if outcome == "unknown" else outcome == "allowed"


def _statements(
    policy: Policy | None, request: Request
) -> Iterator[tuple[int, str, Iterator[str | None]]]:
    """Each statement's index, effect and mismatches with the request."""
    if policy is None:
        return
    context = request.full_context()
    variables = has_variables(policy)
    for index, each in enumerate(policy.statements):
        yield index, each.effect, _mismatches(each, request, context, variables=variables)


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


def _mismatches(
    statement: Statement, request: Request, context: Context, *, variables: bool
) -> Iterator[str | None]:
    """The elements that do not match, and None for one of which nothing can be said."""
    principal, action, resource = statement.principal, statement.action, statement.resource
    if principal is not None and not (meant := is_meant(principal, request.principal)):
        yield None if meant is None else principal.element
    if not (meant := _action_matches(action, request.action)):
        yield None if meant is None else pattern_element("Action", action)
    if resource:
        found = _resource_matches(resource, request.resource, context, variables=variables)
        if not found:
            yield None if found is None else pattern_element("Resource", resource)
    for condition in statement.conditions:
        answer = holds(parse_test(condition, variables=variables), context)
        if answer is None:
            yield None
        elif not answer:
            yield f"Condition.{condition.operator}.{condition.key.spelled}"


def _action_matches(patterns: Patterns[ActionPattern], action: str) -> Meant:
    if any(each.matches(action) for each in patterns.values if not each.malformed):
        return not patterns.negated
    return None if any(each.malformed for each in patterns.values) else patterns.negated


def _resource_matches(
    patterns: Patterns[ResourcePattern], resource: str, context: Context, *, variables: bool
) -> Meant:
    """Whether a statement's Resource or NotResource applies; None where nothing can be said."""
    for each in patterns.values:
        is_sure = not each.malformed
        if is_sure and _one_matches(each.text, resource, context, variables=variables):
            return not patterns.negated
    return None if any(each.malformed for each in patterns.values) else patterns.negated


def _one_matches(pattern: str, resource: str, context: Context, *, variables: bool) -> bool:
    if not variables or "${" not in pattern:
        return matches(pattern, resource)
    tokens = resolve(glob_tokens(pattern, variables=True), single_value(context))
    return tokens is not None and Language((tokens,)).accepts(resource)
