"""Finding the values of one condition key that make some conditions hold and others fail.

Each key is solved by itself: texts on automata, and numbers, dates and addresses at the
points where the truth of some condition changes, and between them. That is complete.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

from planner.access.conditions import (
    Test,
    holds,
    holds_for,
    text_tokens,
)
from planner.access.texts import UndecidedError, concretise, find
from planner.access.variables import variables_in
from planner.automata.automaton import Budget, Tokens

Literal = tuple[Test, bool]
"""A condition, and whether it shall hold."""
Values = tuple[str, ...]
MISSING: Values = ()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = 200
"""Digits that are enough for the middle of any two numbers that a policy may hold."""
_USUAL = {
    "aws:securetransport": "true",
    "aws:principalorgid": "o-exampleorgid",
    "aws:sourceip": "203.0.113.10",
    "aws:currenttime": "2030-01-01T00:00:00Z",
    "aws:epochtime": "1893456000",
}
"""What is tried first, so that a witness looks like a request that somebody makes."""


def solve_key(wanted: Sequence[Literal], budget: Budget, values: dict[str, str]) -> Values | None:
    """Values of the one key that all of `wanted` look at, or None where there are none.

    Raises UndecidedError and BudgetError.
    """
    key = wanted[0][0].key
    usual = _USUAL.get(key)
    if usual and satisfies(wanted, {key: (usual,)}):
        return (usual,)
    if satisfies(wanted, {}):
        return MISSING
    some = {key: ("some",)}
    nulls = [each for each in wanted if each[0].operator.is_null]
    others = [each for each in wanted if not each[0].operator.is_null]
    if not satisfies(nulls, some):
        return None
    single = _solve_element([(t, want != t.row.negated) for t, want in others], budget, values)
    if single is not None:
        return (single,)
    return _solve_elements(others, budget, values)


def satisfies(wanted: Iterable[Literal], context: Mapping[str, Values]) -> bool:
    """Whether every condition is as it is wanted in this context."""
    return all(holds(test, context) is want for test, want in wanted)


def _solve_elements(
    wanted: Sequence[Literal], budget: Budget, values: dict[str, str]
) -> Values | None:
    """Several values of one key, which only ForAllValues and ForAnyValue speak of."""
    sets = [(test, want) for test, want in wanted if test.operator.set_prefix]
    if not sets or (sets[0][0].key.startswith("aws:") and not sets[0][0].about.multivalued):
        return None
    every = [(t, want != t.row.negated) for t, want in sets if _is_of_all(t) == want]
    some = [(t, want != t.row.negated) for t, want in sets if _is_of_all(t) != want]
    found: list[str] = []
    for each in some:
        element = _solve_element([*every, each], budget, values)
        if element is None:
            return None
        found.append(element)
    if not some and _solve_element(every, budget, values) is None:
        return None
    if len(sets) < len(wanted):
        key = sets[0][0].key
        raise UndecidedError(
            f"one condition on {key} has ForAllValues or ForAnyValue and another has neither"
        )
    return tuple(dict.fromkeys(found)) or None


def _is_of_all(test: Test) -> bool:
    return test.operator.set_prefix == "ForAllValues"


def _solve_element(
    matching: Sequence[Literal], budget: Budget, values: dict[str, str]
) -> str | None:
    """One value that matches the values of these conditions, or does not, as it is wanted."""
    textual = [each for each in matching if each[0].is_textual]
    other = [each for each in matching if not each[0].is_textual]
    if not other:
        return _solve_text(textual, budget, values)
    for candidate in _candidates(other, textual):
        budget.spend()
        if all(_matches(test, candidate) is want for test, want in matching):
            return candidate
    if not textual and len({test.row.value_type for test, _ in other}) == 1:
        return None
    raise UndecidedError(f"conditions on {other[0][0].key} take it for values of different types")


def _matches(test: Test, value: str) -> bool | None:
    answer = holds_for(test, value, {})
    return answer if answer is None else answer != test.row.negated


@lru_cache(maxsize=4096)
def patterns_of(test: Test) -> tuple[Tokens, ...]:
    """What a textual condition matches."""
    return tuple(text_tokens(test, each.text) for each in test.values if not each.malformed)


def _solve_text(wanted: Sequence[Literal], budget: Budget, values: dict[str, str]) -> str | None:
    musts = [patterns_of(test) for test, want in wanted if want]
    nots = [tokens for test, want in wanted if not want for tokens in patterns_of(test)]
    found = find(musts, nots, budget)
    return None if found is None else concretise(found, values)


@lru_cache(maxsize=4096)
def has_variables(test: Test) -> bool:
    """Whether the condition depends on the values of other keys."""
    return test.is_textual and any(map(variables_in, patterns_of(test)))


def _candidates(wanted: Sequence[Literal], textual: Sequence[Literal]) -> Iterable[str]:
    """Values of every kind that the conditions can tell apart."""
    found = {value for test, _ in wanted for value in test.values}
    networks = [(each.text, each.network) for each in found if each.network]
    yield from _addresses([network for _, network in sorted(networks)]) if networks else ()
    points = {each.number for each in found if each.type == "Numeric"}
    moments = {each.number for each in found if each.type == "Date"}
    yield from map(_plain, _around(points, Decimal(1)))
    yield from map(_date, _around(moments, Decimal(86_400)))
    if points and moments:  # seconds since 1970, as aws:EpochTime has them, are both
        yield from map(_plain, _around(points | moments, Decimal(1)))
    yield from (value.text for test, _ in textual for value in test.values)


def _addresses(networks: Sequence[IPv4Network | IPv6Network]) -> Iterable[str]:
    yield from ("203.0.113.10", "2001:db8::10")
    for network in networks:
        first, last = network.network_address, network.broadcast_address
        yield from (str(first), str(last))
        if int(first) > 0:
            yield str(first - 1)
        if int(last) < 2**network.max_prefixlen - 1:
            yield str(last + 1)


def _around(points: set[Decimal | None], step: Decimal) -> list[Decimal]:
    """The points, one between each two of them, one below and one above all."""
    known = sorted(point for point in points if point is not None)
    if not known:
        return []
    with localcontext(prec=_EXACT):
        between = [(low + high) / 2 for low, high in itertools.pairwise(known)]
        return [*known, known[-1] + step, *between, known[0] - step]


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _date(seconds: Decimal) -> str:
    if seconds != seconds.to_integral_value():
        return _plain(seconds)
    try:
        moment = _EPOCH + timedelta(seconds=int(seconds))
    except OverflowError:
        return _plain(seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else _plain(seconds)  # noqa: PLR2004 (strftime writes four digits from then on)
