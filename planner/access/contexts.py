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

from planner.access.conditions import (
    Test,
    holds,
    holds_for,
    parse_date,
    parse_network,
    parse_number,
    text_tokens,
)
from planner.access.texts import UndecidedError, find, written
from planner.access.variables import variables_in
from planner.automata.automaton import Budget, Tokens

Wanted = tuple[Test, bool]
"""A condition, and whether it shall hold."""
Values = tuple[str, ...]
MISSING: Values = ()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = 200
"""Digits that are enough for the middle of any two numbers that a policy may hold."""
_MULTIVALUED = frozenset(
    "aws:calledvia aws:principalorgpaths aws:principalservicenameslist aws:resourceorgpaths "
    "aws:sourceorgpaths aws:tagkeys aws:vpceorgpaths".split()
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
_USUAL = {
    "aws:securetransport": "true",
    "aws:principalorgid": "o-exampleorgid",
    "aws:sourceip": "203.0.113.10",
    "aws:currenttime": "2030-01-01T00:00:00Z",
    "aws:epochtime": "1893456000",
}
"""What is tried first, so that a witness looks like a request that somebody makes."""


@lru_cache(maxsize=4096)
def is_opaque(test: Test) -> bool:
    """Whether nothing can be said of the condition: such a one may hold and may fail."""
    if test.operator == "Unknown":
        return True
    if test.operator == "Null":
        return any(each.lower() not in ("true", "false") for each in test.values)
    if test.is_textual:
        return any(text_tokens(test, each) is None for each in test.values)
    return any(_point(test, each) is None for each in test.values)


def _point(test: Test, value: str) -> object:
    if test.operator == "IpAddress":
        return parse_network(value)
    return parse_number(value) if test.operator.startswith("Numeric") else parse_date(value)


def solve_key(
    wanted: Sequence[Wanted], budget: Budget, values: dict[str, str], *, present: bool = False
) -> Values | None:
    """Values of the one key that all of `wanted` look at, or None where there are none.

    `present` says that the key is never missing. Raises UndecidedError and BudgetError.
    """
    key = wanted[0][0].key
    usual = _USUAL.get(key)
    if usual and satisfies(wanted, {key: (usual,)}):
        return (usual,)
    if not present and satisfies(wanted, {}):
        return MISSING
    some = {key: ("some",)}
    nulls = [each for each in wanted if each[0].operator == "Null"]
    others = [each for each in wanted if each[0].operator != "Null"]
    if not satisfies(nulls, some):
        return None
    single = _solve_element([(t, want != t.negated) for t, want in others], budget, values)
    if single is not None:
        return (single,)
    return _solve_elements(key, others, budget, values)


def satisfies(wanted: Iterable[Wanted], context: Mapping[str, Values]) -> bool:
    """Whether every condition is as it is wanted in this context."""
    return all(holds(test, context) is want for test, want in wanted)


def _solve_elements(
    key: str, wanted: Sequence[Wanted], budget: Budget, values: dict[str, str]
) -> Values | None:
    """Several values of one key, which only ForAllValues and ForAnyValue speak of."""
    sets = [(test, want) for test, want in wanted if test.each]
    if not sets or (key.startswith("aws:") and key not in _MULTIVALUED):
        return None
    every = [(t, want != t.negated) for t, want in sets if (t.each == "ForAllValues") == want]
    some = [(t, want != t.negated) for t, want in sets if (t.each == "ForAllValues") != want]
    found: list[str] = []
    for each in some:
        element = _solve_element([*every, each], budget, values)
        if element is None:
            return None
        found.append(element)
    if not some and _solve_element(every, budget, values) is None:
        return None
    if len(sets) < len(wanted):
        raise UndecidedError(
            f"one condition on {key} has ForAllValues or ForAnyValue and another has neither"
        )
    return tuple(dict.fromkeys(found)) or None


def _solve_element(
    matching: Sequence[Wanted], budget: Budget, values: dict[str, str]
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
    if not textual and len({_kind(test) for test, _ in other}) == 1:
        return None
    raise UndecidedError(f"conditions on {other[0][0].key} take it for values of different types")


def _kind(test: Test) -> str:
    """Of which type the values are; all of one type are told apart by `_candidates`."""
    return next(kind for kind in ("Numeric", "Date", "Ip") if test.operator.startswith(kind))


def _matches(test: Test, value: str) -> bool | None:
    answer = holds_for(test, value, {})
    return answer if answer is None else answer != test.negated


@lru_cache(maxsize=4096)
def patterns_of(test: Test) -> tuple[Tokens, ...]:
    """What a textual condition matches."""
    found = (text_tokens(test, each) for each in test.values)
    return tuple(tokens for tokens in found if tokens is not None)


def _solve_text(wanted: Sequence[Wanted], budget: Budget, values: dict[str, str]) -> str | None:
    musts = [patterns_of(test) for test, want in wanted if want]
    nots = [tokens for test, want in wanted if not want for tokens in patterns_of(test)]
    found = find(musts, nots, budget)
    return None if found is None else written(found, values)


@lru_cache(maxsize=4096)
def has_variables(test: Test) -> bool:
    """Whether the condition depends on the values of other keys."""
    return test.is_textual and any(map(variables_in, patterns_of(test)))


def _candidates(wanted: Sequence[Wanted], textual: Sequence[Wanted]) -> Iterable[str]:
    """Values of every kind that the conditions can tell apart."""
    names = {(test.operator, value) for test, _ in wanted for value in test.values}
    addresses = sorted({value for name, value in names if name == "IpAddress"})
    numbers = {value for name, value in names if name.startswith("Numeric")}
    dates = {value for name, value in names if name.startswith("Date")}
    yield from _addresses(addresses) if addresses else ()
    points, moments = set(map(parse_number, numbers)), set(map(parse_date, dates))
    yield from map(_plain, _around(points, Decimal(1)))
    yield from map(_date, _around(moments, Decimal(86_400)))
    if points and moments:  # seconds since 1970, as aws:EpochTime has them, are both
        yield from map(_plain, _around(points | moments, Decimal(1)))
    yield from (value for test, _ in textual for value in test.values)


def _addresses(networks: Sequence[str]) -> Iterable[str]:
    yield from ("203.0.113.10", "2001:db8::10")
    for text in networks:
        network = parse_network(text)
        if network is None:
            continue
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
