"""Whether one statement holds wherever another one does, element by element.

Sure where it says yes. Several statements that cover one together are not looked for here.
"""

from __future__ import annotations

import re

from planner.automata.pattern import includes
from planner.policy.document import Patterns, Principal, Statement
from planner.text import fold

_OF_ACCOUNT = re.compile(r"arn:[^:]*:(?:iam|sts)::([0-9]{12}):.*")


def covers(wide: Statement, narrow: Statement) -> bool:
    """Whether canonical `wide` holds for every request that canonical `narrow` holds for."""
    return (
        covers_principals(wide.principal, narrow.principal)
        and covers_patterns(_folded(wide.action), _folded(narrow.action))
        and covers_where(wide, narrow)
    )


def covers_where(wide: Statement, narrow: Statement) -> bool:
    """Whether `wide` holds on every resource and under every condition that `narrow` does."""
    everywhere = Patterns(("*",))
    resources = wide.resource or everywhere, narrow.resource or everywhere
    return covers_patterns(*resources) and set(wide.conditions) <= set(narrow.conditions)


def covers_patterns(wide: Patterns, narrow: Patterns) -> bool:
    """Whether the patterns of `wide` match all that those of `narrow` match."""
    if wide.negated != narrow.negated:
        return not wide.negated and "*" in wide.values
    one, other = (narrow, wide) if wide.negated else (wide, narrow)
    return all(includes(one.values, each) for each in other.values)


def covers_principals(wide: Principal | None, narrow: Principal | None) -> bool:
    """Whether everyone that `narrow` means is meant by `wide` too."""
    if wide is None or wide == narrow:
        return True
    if wide.negated or narrow is None or narrow.negated:
        return False
    named = {(kind, identifier) for kind, ids in wide.ids for identifier in ids}
    if ("AWS", "*") in named:
        return True
    return all(
        (kind, identifier) in named or (kind == "AWS" and ("AWS", account_of(identifier)) in named)
        for kind, ids in narrow.ids
        for identifier in ids
    )


def account_of(principal: str) -> str:
    """The account that an id or an ARN of an AWS principal names, `""` if it names none."""
    match = _OF_ACCOUNT.fullmatch(principal)
    return match[1] if match else principal if principal.isdigit() else ""


def _folded(actions: Patterns) -> Patterns:
    return Patterns(tuple(map(fold, actions.values)), actions.negated)
