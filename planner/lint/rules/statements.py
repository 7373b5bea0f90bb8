"""Rules about statements as a whole, and about each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from planner.access.api import grants
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, some, statement_rule
from planner.lint.rules.keys import service_keys
from planner.lint.subsumption import covers
from planner.policy.canonical import body
from planner.policy.document import Statement, pattern_element
from planner.text import word


@statement_rule("expired", "warning", "A statement that should be gone by now")
def expired(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """What `expires` of `[statements.SID]` in planner.toml says."""
    known, sid = context.annotations, located.statement.sid
    said = known.of_sid.get(sid) if known and sid else None
    if known and said and said.expires and said.expires <= known.today:
        message = f"it expired on {said.expires.isoformat()}"
        hint = "Remove the statement, or give it another day under [statements] in planner.toml."
        if said.contact:
            hint = f"Ask {word(said.contact)}. {hint}"
        yield Violation(located.pointer, message, hint)


@statement_rule("empty-list", "warning", "An empty list")
def empty_list(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    for pointer in _empty(located):
        hint = "Fill the list, or remove the statement: it never holds."
        if "/Not" in pointer:
            hint = "Fill the list: it leaves nothing out."
        elif "/Condition/" in pointer:
            hint = "Fill the list: nothing equals one of no values."
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
            if covers(wide, narrow, context.own_account):
                yield Violation(
                    located.pointer, f"{other.name} includes this statement", "Remove it."
                )
                break


@rule("mergeable-statements", "note", "Statements that could be one")
def mergeable_statements(context: LintContext) -> Iterator[Violation]:
    """One statement is shorter, and is read once.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    groups: dict[tuple[int, str], list[LocatedStatement]] = {}
    merged: set[int] = set()
    for (first, one), (second, other) in combinations(_canonical(context), 2):
        if {first.index, second.index} & merged or covers(one, other) or covers(other, one):
            continue
        if element := _only_difference(one, other):
            groups.setdefault((first.index, element), [first]).append(second)
            merged.add(second.index)
    for (_, element), group in groups.items():
        others = some([each.name for each in group[1:]])
        message = f"{others} could be one with it: only {element} differs"
        yield Violation(group[0].pointer, message, f"List all of them in one {element}.")


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


@statement_rule("never-matches", "error", "A statement that no request can match")
def never_matches(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Its conditions contradict each other, or what it leaves out is everything.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    """
    if not _can_be_empty(located.statement) or any(_empty(located)):
        return
    is_of_source = any(each.key.row.names_source for each in located.statement.conditions)
    if is_of_source or any(service_keys(context, located)):
        return  # other rules say who never has such a key
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
