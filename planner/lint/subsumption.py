"""Whether one statement holds wherever another one does, element by element.

Sure where it says yes. Several statements that cover one together are not looked for here.
"""

from __future__ import annotations

from collections.abc import Sequence

from planner.automata.pattern import subsumes
from planner.policy.document import Principal, Statement
from planner.policy.variables import opened


def covers(wide: Statement, narrow: Statement, own: str = "") -> bool:
    """Whether canonical `wide` says all that canonical `narrow` says.

    `own` is the registry's own account: an Allow for it gives its users and roles nothing, and
    one for a user or role of it does.
    """
    return (
        _covers_principals(wide.principal, narrow.principal, own if wide.effect == "Allow" else "")
        and _covers(_actions(wide), _actions(narrow))
        and set(wide.conditions) <= set(narrow.conditions)
        and _covers(_resources(wide), _resources(narrow))
    )


_Listed = tuple[Sequence[str], bool]
"""Patterns as they are compared, and whether they are of a `Not` element."""


def _resources(statement: Statement) -> _Listed:
    resource = statement.resource
    return (resource.texts, resource.negated) if resource else (("*",), False)


def _actions(statement: Statement) -> _Listed:
    return [each.folded for each in statement.action.values], statement.action.negated


def _covers(wide: _Listed, narrow: _Listed) -> bool:
    """Whether the patterns of `wide` match all that those of `narrow` match.

    What a variable stands for is not known: it includes itself alone, and may be anything.
    """
    (one, negated), (other, other_negated) = wide, narrow
    if negated != other_negated:
        return not negated and "*" in one
    one, other = (other, one) if negated else (one, other)
    plain = [each for each in one if "${" not in each]
    return all(each in one or subsumes(plain, opened(each)) for each in other)


def _covers_principals(wide: Principal | None, narrow: Principal | None, own: str) -> bool:
    """Whether everyone that `narrow` means is meant by `wide` too."""
    if wide is None or wide == narrow:
        return True
    if wide.negated or narrow is None or narrow.negated:
        return False
    named = set(wide)
    accounts = {each.account for each in named if each.kind == "account"} - {own}
    return any(each.kind == "everyone" for each in named) or all(
        each in named or (each.type == "AWS" and each.account in accounts) for each in narrow
    )
