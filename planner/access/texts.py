"""Finding a text inside some unions of patterns and outside of others, variables included."""

from __future__ import annotations

from collections.abc import Sequence

from planner.access.variables import variable_of
from planner.automata.automaton import (
    ANYTHING,
    Budget,
    Language,
    Shape,
    Tokens,
    Wild,
    find_text,
)
from planner.automata.pattern import begins_as, may_intersect

NOT_EMPTY: Tokens = (Wild.ONE, Wild.MANY)


class UndecidedError(Exception):
    """Whether there is such a request cannot be said; the message says why."""


Form = Shape | Tokens
"""What a text looks like: an automaton, or a pattern that it matches too."""


def find(
    musts: Sequence[Sequence[Tokens]],
    nots: Sequence[Tokens],
    budget: Budget,
    forms: Sequence[Form] = (ANYTHING,),
) -> tuple[str, ...] | None:
    """Symbols of a text in each of `musts` (unions) and in none of `nots`, or None: exact.

    The text has the last of the forms, and if there is one an earlier form. A variable is a
    symbol of its own: of patterns with variables None is right whatever these stand for, if
    there is one union and no form. Raises BudgetError.
    """
    form = forms[-1]
    found = _find(musts, nots, budget, form)
    if found is not None:
        better = (_find(musts, nots, budget, each) for each in forms[:-1])
        return next((each for each in better if each is not None), found)
    return None


def _find(
    musts: Sequence[Sequence[Tokens]], nots: Sequence[Tokens], budget: Budget, form: Form
) -> tuple[str, ...] | None:
    shape = None if isinstance(form, tuple) else form
    if isinstance(form, tuple) and form != ANYTHING:
        musts = [*musts, [form]]
    if musts and len(musts[0]) == 1:
        (first,), *rest = musts
        nots = [each for each in nots if may_intersect(first, each)]
        kept = [[each for each in union if may_intersect(first, each)] for union in rest]
        musts = [[first], *(each for each in kept if not begins_as(first, each))]
    budget.spend(4 + len(nots) // 2)
    outside = Language(nots)
    unions = sorted(musts, key=len) or [[NOT_EMPTY, ANYTHING] if shape is None else [ANYTHING]]
    others = [Language(union) for union in unions[1:]]
    for pattern in unions[0]:
        found = find_text(pattern, budget, musts=others, nots=outside, shape=shape)
        if found is not None:
            return found
    return None


def loosened(tokens: Tokens) -> Tokens:
    """The pattern with any text in the place of a variable."""
    return tuple(Wild.MANY if variable_of(token) else token for token in tokens)
