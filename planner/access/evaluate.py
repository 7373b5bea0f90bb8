"""One request against one policy: denied, not said, or allowed.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
An explicit Deny wins; without an Allow nothing is said. What other policies say, such as the
IAM policies of the caller's own account, is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from planner.access.conditions import holds, parse_test
from planner.access.enforced import enforced
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
from planner.registry import Registry

Outcome = Literal["denied", "not said", "allowed", "unknown"]
"""`denied` is an explicit Deny; where there is neither Deny nor Allow, it is `not said`."""


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


def evaluate(
    policy: Policy | None,
    request: Request,
    registry: Registry | None = None,
    scope: str | None = None,
) -> Decision:
    """Decides a request to a registry, as `enforced` says what its policy counts for.

    Without a policy nothing is said. Without a registry the policy is that of any resource.
    """
    applying: dict[tuple[str, bool], list[int]] = {}
    near: list[NearMiss] = []
    for index, effect, mismatches in _statements(
        enforced(policy, registry, scope), request, registry
    ):
        found = tuple(mismatches)
        missing = tuple(each for each in found if each is not None)
        if not missing:
            applying.setdefault((effect, not found), []).append(index)
        elif effect == "Allow":
            near.append(NearMiss(index, missing))
    near.sort(key=lambda each: len(each.missing))
    outcome, deciding = _outcome(applying)
    return Decision(outcome, tuple(deciding), tuple(near))


def outcome_of(policy: Policy | None, request: Request, registry: Registry | None) -> Outcome:
    """The outcome alone, in a fraction of the time; the policy is as `enforced` gives it.

    A Deny that surely applies decides, whatever else the policy says.
    """
    applying: dict[tuple[str, bool], list[int]] = {}
    for index, effect, mismatches in _statements(policy, request, registry):
        unsure = False
        for each in mismatches:
            if each is not None:
                break
            unsure = True
        else:
            if effect == "Deny" and not unsure:
                return "denied"
            applying.setdefault((effect, not unsure), []).append(index)
    return _outcome(applying)[0]


def _statements(
    policy: Policy | None, request: Request, registry: Registry | None
) -> Iterator[tuple[int, str, Iterator[str | None]]]:
    """Each statement's index, effect and mismatches with the request."""
    if policy is None:
        return
    context = request.full_context(registry)
    variables = has_variables(policy)
    for index, each in enumerate(policy.statements):
        yield index, each.effect, mismatches(each, request, context, variables=variables)


def _outcome(applying: dict[tuple[str, bool], list[int]]) -> tuple[Outcome, list[int]]:
    denies, perhaps_denies = applying.get(("Deny", True), []), applying.get(("Deny", False), [])
    allows, perhaps_allows = applying.get(("Allow", True), []), applying.get(("Allow", False), [])
    if denies:
        return "denied", denies
    if perhaps_denies:
        return "unknown", perhaps_denies
    if allows:
        return "allowed", allows
    return ("unknown", perhaps_allows) if perhaps_allows else ("not said", [])


def mismatches(
    statement: Statement, request: Request, context: Context, *, variables: bool
) -> Iterator[str | None]:
    """The elements of a statement that do not match, and None for each that is not known."""
    principal, action, resource = statement.principal, statement.action, statement.resource
    if principal is not None:
        meant = is_meant(principal, request.principal, statement.effect, context)
        if not meant:
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
