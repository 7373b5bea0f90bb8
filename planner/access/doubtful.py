"""What a statement surely means, and what it may mean where a value of it is malformed.

Nothing can be said of a malformed principal, action or resource: it may be ignored, or may be
taken for anything. So a statement is what its other values mean, and in addition everything
under a condition of which nothing can be said. That condition is the same wherever the same
malformed values stand, so two statements that share them can still be compared in the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from planner.policy.action import ActionPattern, parse_action
from planner.policy.document import Pattern, Patterns, Principal, Statement
from planner.policy.principal import PrincipalId
from planner.policy.resource import ResourcePattern, parse_resource

_Value = PrincipalId | ActionPattern | ResourcePattern


@dataclass(frozen=True, slots=True)
class Unclear:
    """Malformed values of one element, and all that decides whether the element matches."""

    element: str
    malformed: tuple[_Value, ...]
    texts: tuple[str, ...]
    left_open: str = ""

    @property
    def reason(self) -> str:
        """Why nothing can be said, in the words of the first value."""
        return self.left_open or self.malformed[0].malformed


_Part = tuple[Statement, tuple[Unclear, ...]]


def parts(statement: Statement) -> Iterator[_Part]:
    """Statements that together mean the given one, each with what is unclear about it.

    The statement itself where nothing is malformed. A part has no malformed value.
    """
    principals = _principals(statement.principal)
    actions = _patterns("Action", statement.action, parse_action("*"))
    resources = (
        _patterns("Resource", statement.resource, parse_resource("*"))
        if statement.resource
        else [(None, None)]
    )
    if len(principals) == len(actions) == len(resources) == 1:
        unclear = (principals[0][1], actions[0][1], resources[0][1])
        if not any(unclear):
            yield statement, ()
            return
    for who, what, where in product(principals, actions, resources):
        unclear = (who[1], what[1], where[1])
        part = replace(statement, principal=who[0], action=what[0], resource=where[0])
        yield part, tuple(each for each in unclear if each is not None)


def _principals(principal: Principal | None) -> list[tuple[Principal | None, Unclear | None]]:
    wrong = tuple(each for each in principal or () if each.malformed)
    if principal is None or not wrong:
        return [(principal, None)]
    ids = tuple(
        (kind, tuple(each for each in identifiers if not each.malformed))
        for kind, identifiers in principal.ids
    )
    rest = replace(principal, ids=ids)
    if principal.negated:
        # A caller is spared by several identifiers together: all of them decide.
        texts = tuple(f"{each.type} {each.text}" for each in principal)
        return [(rest, Unclear(principal.element, wrong, texts))]
    texts = tuple(f"{each.type} {each.text}" for each in wrong)
    return [(rest, None), (None, Unclear(principal.element, wrong, texts))]


def _patterns(
    name: str, patterns: Patterns[Pattern], everything: Pattern
) -> list[tuple[Patterns[Pattern], Unclear | None]]:
    wrong = tuple(each for each in patterns.values if each.malformed)
    if not wrong:
        return [(patterns, None)]
    element = f"Not{name}" if patterns.negated else name
    unclear = Unclear(element, wrong, tuple(each.text for each in wrong))
    rest = replace(patterns, values=tuple(each for each in patterns.values if not each.malformed))
    if patterns.negated:
        return [(rest, unclear)]
    return [(rest, None), (Patterns((everything,)), unclear)]
