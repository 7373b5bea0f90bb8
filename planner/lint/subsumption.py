"""Whether one statement holds wherever another one does, element by element.

Sure where it says yes. Several statements that cover one together are not looked for here.
"""

from __future__ import annotations

from collections.abc import Sequence

from planner.automata.pattern import subsumes
from planner.policy.document import Principal, Statement


def covers(wide: Statement, narrow: Statement) -> bool:
    """Whether canonical `wide` holds for every request that canonical `narrow` holds for."""
    return (
        covers_principals(wide.principal, narrow.principal)
        and _covers(_actions(wide), _actions(narrow))
        and covers_where(wide, narrow)
    )


def covers_where(wide: Statement, narrow: Statement) -> bool:
    """Whether `wide` holds on every resource and under every condition that `narrow` does."""
    return set(wide.conditions) <= set(narrow.conditions) and _covers(
        _resources(wide), _resources(narrow)
    )


_Listed = tuple[Sequence[str], bool]
"""Patterns as they are compared, and whether they are of a `Not` element."""


def _resources(statement: Statement) -> _Listed:
    resource = statement.resource
    return (resource.texts, resource.negated) if resource else (("*",), False)


def _actions(statement: Statement) -> _Listed:
    return [each.folded for each in statement.action.values], statement.action.negated


def _covers(wide: _Listed, narrow: _Listed) -> bool:
    """Whether the patterns of `wide` match all that those of `narrow` match."""
    (one, negated), (other, other_negated) = wide, narrow
    if negated != other_negated:
        return not negated and "*" in one
    one, other = (other, one) if negated else (one, other)
    return all(subsumes(one, each) for each in other)


def covers_principals(wide: Principal | None, narrow: Principal | None) -> bool:
    """Whether everyone that `narrow` means is meant by `wide` too."""
    if wide is None or wide == narrow:
        return True
    if wide.negated or narrow is None or narrow.negated:
        return False
    named = set(wide)
    accounts = {each.account for each in named if each.kind == "account"}
    return any(each.kind == "everyone" for each in named) or all(
        each in named or (each.type == "AWS" and each.account in accounts) for each in narrow
    )
