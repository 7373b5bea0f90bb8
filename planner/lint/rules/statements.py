"""Rules about statements as a whole, and about each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from planner.access.api import grants
from planner.automata.pattern import intersects
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, statement_rule
from planner.lint.subsumption import covers
from planner.policy.canonical import body
from planner.policy.document import Principal, Statement, pattern_element


@statement_rule("empty-list", "warning", "An empty list")
def empty_list(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    for pointer in _empty(located):
        hint = "Fill the list, or remove the statement: it never holds."
        if "/Not" in pointer:
            hint = "Fill the list: it leaves nothing out."
        yield Violation(pointer, "the list is empty", hint)


def _empty(located: LocatedStatement) -> Iterator[str]:
    statement = located.statement
    if statement.principal:
        element = located.element(statement.principal.element)
        yield from (f"{element}/{kind}" for kind, ids in statement.principal.ids if not ids)
        if not statement.principal.ids:
            yield element
    if not statement.action.values:
        yield located.element(pattern_element("Action", statement.action))
    if statement.resource and not statement.resource.values:
        yield located.element(pattern_element("Resource", statement.resource))
    yield from (located.condition(each) for each in statement.conditions if not each.values)


def _canonical(context: LintContext) -> list[tuple[LocatedStatement, Statement]]:
    return list(zip(context.statements, map(body, context.canonical), strict=True))


@rule("redundant-statement", "warning", "A statement that another one includes")
def redundant_statement(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    canonical = _canonical(context)
    for located, narrow in canonical:
        for other, wide in canonical:
            earlier = other.index < located.index
            if other is located or wide.effect != narrow.effect or (wide == narrow and not earlier):
                continue
            if covers(wide, narrow):
                yield Violation(
                    located.pointer, f"{other.name} includes this statement", "Remove it."
                )
                break


@rule("mergeable-statements", "warning", "Two statements that could be one")
def mergeable_statements(context: LintContext) -> Iterator[Violation]:
    """One statement is shorter, and is read once.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    merged: set[int] = set()
    for (first, one), (second, other) in combinations(_canonical(context), 2):
        if second.index in merged or covers(one, other) or covers(other, one):
            continue
        if element := _only_difference(one, other):
            merged.add(second.index)
            message = f"it differs from {first.name} in {element} alone"
            yield Violation(second.pointer, message, f"List both in one {element}.")


def _only_difference(one: Statement, other: Statement) -> str:
    """The one list in which the statements differ, or `""`."""
    if (one.effect, one.conditions) != (other.effect, other.conditions):
        return ""
    differing = []
    for name in ("principal", "action", "resource"):
        left, right = getattr(one, name), getattr(other, name)
        if left != right:
            if left is None or right is None or left.negated or right.negated:
                return ""
            differing.append(name.capitalize())
    return differing[0] if len(differing) == 1 else ""


@rule("unmatched-deny", "warning", "A Deny that takes nothing away")
def unmatched_deny(context: LintContext) -> Iterator[Violation]:
    """Other accounts have no access unless an Allow gives it.

    The registry's own users and roles have theirs by IAM policies as well, so a Deny of them
    is never without effect.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    """
    if context.registry is None:
        return
    canonical = _canonical(context)
    for located, deny in canonical:
        if located.allows or _includes_account(deny.principal, context.registry.account_id):
            continue
        allows = (allow for other, allow in canonical if other.allows)
        if not any(_may_meet(allow, deny) for allow in allows):
            message = "no Allow of this policy gives what it takes away"
            yield Violation(
                located.pointer, message, "Remove it, or correct whom and what it is for."
            )


def _includes_account(principal: Principal | None, account: str) -> bool:
    if principal is None or principal.negated:
        return True
    return any(
        each.kind == "everyone" or (each.type == "AWS" and each.account == account)
        for each in principal
    )


def _may_meet(allow: Statement, deny: Statement) -> bool:
    """Whether some request may be in both; conditions are taken to hold."""
    actions = [[each.folded for each in one.action.values] for one in (allow, deny)]
    resources = [one.resource.texts if one.resource else ("*",) for one in (allow, deny)]
    negated = allow.action.negated or deny.action.negated
    elsewhere = any(one.resource and one.resource.negated for one in (allow, deny))
    return (
        _principals_meet(allow.principal, deny.principal)
        and (negated or _meet(*actions))
        and (elsewhere or _meet(*resources))
    )


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    return any(intersects(left, right) for left in one for right in other)


def _principals_meet(one: Principal | None, other: Principal | None) -> bool:
    if one is None or other is None or one.negated or other.negated:
        return True
    left, right = set(one), set(other)
    accounts = [{each.account for each in side if each.type == "AWS"} for side in (left, right)]
    shared = (accounts[0] & accounts[1]) - {""}
    unsure = any(each.malformed or each.kind == "everyone" for each in left | right)
    return bool(left & right or shared or unsure)


@statement_rule("never-matches", "error", "A statement that no request can match")
def never_matches(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Its conditions contradict each other, or what it leaves out is everything.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    """
    if not _can_be_empty(located.statement) or any(_empty(located)):
        return
    allowing = replace(located.statement, effect="Allow")
    found = grants(replace(context.policy, statements=(allowing,)))
    if not found.gained and not found.unknown:
        message = "no request can match this statement"
        hint = "Look for conditions that contradict each other, or remove the statement."
        yield Violation(located.pointer, message, hint)


def _can_be_empty(statement: Statement) -> bool:
    """Whether the statement has anything that could leave out every request."""
    lists = (statement.principal, statement.action, statement.resource)
    return bool(statement.conditions) or any(each.negated for each in lists if each)
