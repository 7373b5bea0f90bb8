"""IAM's patterns: `*` is any text, `?` exactly one character, and the whole text must match.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
Patterns of actions are compared after `planner.text.fold`; here every character counts as is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache

from planner.automata.automaton import (
    ANYTHING,
    Budget,
    BudgetError,
    Language,
    Token,
    Tokens,
    Wild,
    find_text,
)

_BUDGET = 50_000
_UNNAMED = "\0"


def tokens(pattern: str) -> Tokens:
    """The pattern as the automaton takes it.

    >>> tokens("a?*")
    (('a',), <Wild.ONE: '?'>, <Wild.MANY: '*'>)
    """
    wilds = {"*": Wild.MANY, "?": Wild.ONE}
    return tuple([wilds.get(char) or (char,) for char in pattern])


@lru_cache(maxsize=4096)
def _language(patterns: tuple[str, ...]) -> Language:
    return Language([tokens(each) for each in patterns])


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches the pattern; time grows as their lengths multiplied.

    >>> matches("prod-*", "prod-api"), matches("prod-*", "my-prod-api"), matches("v?", "v")
    (True, False, False)
    """
    if "?" not in pattern:
        head, *parts = pattern.split("*")
        if not parts:
            return text == pattern
        return _in_order(head, parts, text)
    return _language((pattern,)).accepts(text)


def _in_order(head: str, parts: list[str], text: str) -> bool:
    """Whether the text begins with `head`, ends with the last part and has the others between."""
    if not text.startswith(head):
        return False
    place = len(head)
    for part in parts[:-1]:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return len(text) - place >= len(parts[-1]) and text.endswith(parts[-1])


def subsumes(outer: Collection[str], inner: str) -> bool:
    """Whether every text that matches `inner` matches at least one of `outer`.

    True is always right. False is right too, but for patterns made to be hard: where the
    answer would take too long it is False.

    >>> subsumes(["prod-*"], "prod-*-eu"), subsumes(["prod-*-eu"], "prod-*")
    (True, False)
    >>> subsumes(["?*"], "?"), subsumes(["?*"], "*")
    (True, False)
    """
    if inner in outer or "*" in outer:
        return True
    # A character that no pattern names stands for whatever a wildcard of `inner` may be: only
    # a `*` of `outer` takes it, and that `*` then takes anything.
    opaque = inner.replace("*", _UNNAMED).replace("?", _UNNAMED)
    plain = [each for each in outer if "?" not in each and _UNNAMED not in each]
    if any(matches(each, opaque) for each in plain):
        return True
    if len(outer) == len(plain) <= 1:
        return False
    nots = _language(tuple(outer))
    try:
        return find_text(tokens(inner), Budget(_BUDGET), nots=nots) is None
    except BudgetError:
        return False


def intersects(one: str, other: str) -> bool:
    """Whether there is a text that matches both patterns; exact, one step for each character.

    >>> intersects("prod-*", "*-eu"), intersects("prod-*", "test-*")
    (True, False)
    """
    language = _language((other,))
    end = language.final
    everywhere = (end << 1) - 1
    places = language.start
    for char in one:
        if char == "*":
            lowest = places & -places
            places |= everywhere & ~(lowest - 1)
        elif char == "?":
            places = (places << 1) & everywhere | language.step(places, "\0")
        else:
            places = language.step(places, char)
        if not places:
            return False
    return bool(places & end)


def may_intersect(one: Tokens, other: Tokens) -> bool:
    """False where two patterns begin or end so differently that no text matches both."""
    (head, tail), (other_head, other_tail) = _ends(one), _ends(other)
    return (head.startswith(other_head) or other_head.startswith(head)) and (
        tail.endswith(other_tail) or other_tail.endswith(tail)
    )


def begins_as(one: Tokens, union: Sequence[Tokens]) -> bool:
    """Whether a pattern is plainly in a union: all that begins so is in it."""
    head, _ = _ends(one)
    return any(
        each[-1:] == ANYTHING
        and len(_ends(each)[0]) == len(each) - 1
        and head.startswith(_ends(each)[0])
        for each in union
    )


@lru_cache(maxsize=8192)
def _ends(tokens: Tokens) -> tuple[str, str]:
    """The characters before the first wildcard, variable or choice, and those after the last."""

    def literal(some: Iterable[Token]) -> Iterator[str]:
        for token in some:
            if isinstance(token, Wild) or len(token) > 1 or len(token[0]) > 1:
                return
            yield token[0]

    return "".join(literal(tokens)), "".join(literal(reversed(tokens)))[::-1]
