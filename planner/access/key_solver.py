"""Finding the values of one condition key that make some conditions hold and others fail.

Each key is solved by itself: texts on automata, and numbers, dates and addresses at the
points where the truth of some condition changes, and between them. That is complete.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from ipaddress import IPv4Network, IPv6Network

from planner.access.conditions import Test, holds, holds_for
from planner.access.key_domain import KeyDomain
from planner.access.texts import UndecidedError, find
from planner.automata.automaton import ANYTHING, Budget
from planner.automata.regex import regex

Literal = tuple[Test, bool]
"""A condition, and whether it shall hold."""
Values = tuple[str, ...]
MISSING: Values = ()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = 200
"""Digits that are enough for the middle of any two numbers that a policy may hold."""
_USUAL = {
    "aws:securetransport": "true",
    "aws:viaawsservice": "false",
    "aws:useragent": "docker",
    "aws:principalorgid": "o-exampleorgid",
    "aws:sourceip": "203.0.113.10",
    "aws:vpcsourceip": "10.0.0.10",
    "aws:sourcevpce": "vpce-0a1b2c3d4e5f67890",
    "aws:currenttime": "2030-01-01T00:00:00Z",
    "aws:epochtime": "1893456000",
}
"""What is tried first, so that a witness looks like a request that somebody makes."""
_NICE = regex("[a-z][a-z0-9-]{1,40}")
"""What a free text looks like if it may."""


def solve_key(
    key: str, wanted: Sequence[Literal], domain: KeyDomain, budget: Budget
) -> Values | None:
    """Values of a key that make all of `wanted` as they are wanted; None where there are none.

    All of `wanted` look at the key, and have no variables. An empty tuple is the missing key.
    Raises UndecidedError and BudgetError.
    """
    usual = _USUAL.get(key)
    if usual and domain.may_exist and domain.admits(usual) and satisfies(wanted, {key: (usual,)}):
        return (usual,)
    if domain.may_be_missing and satisfies(wanted, {}):
        return MISSING
    nulls = [each for each in wanted if each[0].operator.is_null]
    others = [each for each in wanted if not each[0].operator.is_null]
    if not domain.may_exist or not satisfies(nulls, {key: ("some",)}):
        return None
    single = solve_element([(t, want != t.row.negated) for t, want in others], domain, budget)
    if single is not None:
        return (single,)
    return _solve_elements(others, domain, budget)


def satisfies(wanted: Iterable[Literal], context: Mapping[str, Values]) -> bool:
    """Whether every condition is as it is wanted in this context."""
    return all(holds(test, context) is want for test, want in wanted)


def _solve_elements(wanted: Sequence[Literal], domain: KeyDomain, budget: Budget) -> Values | None:
    """Several values of one key, which only ForAllValues and ForAnyValue speak of."""
    sets = [(test, want) for test, want in wanted if test.operator.set_prefix]
    if not sets or not domain.multivalued:
        return None
    every = [(t, want != t.row.negated) for t, want in sets if is_of_every(t, want=want)]
    some = [(t, want != t.row.negated) for t, want in sets if not is_of_every(t, want=want)]
    found: list[str] = []
    for each in some:
        element = solve_element([*every, each], domain, budget)
        if element is None:
            return None
        found.append(element)
    if not some and solve_element(every, domain, budget) is None:
        return None
    if len(sets) < len(wanted):
        key = sets[0][0].key
        raise UndecidedError(
            f"one condition on {key} has ForAllValues or ForAnyValue and another has neither"
        )
    return tuple(dict.fromkeys(found)) or None


def is_of_every(test: Test, *, want: bool) -> bool:
    """Whether what is wanted of a condition with a set operator is wanted of every value."""
    prefix = test.operator.set_prefix
    return bool(prefix) and (prefix == "ForAllValues") is want


def solve_element(matching: Sequence[Literal], domain: KeyDomain, budget: Budget) -> str | None:
    """One value that matches the values of these conditions, or does not, as it is wanted."""
    textual = [each for each in matching if each[0].is_textual]
    other = [each for each in matching if not each[0].is_textual]
    if not other and not domain.networks:
        return _solve_text(textual, domain, budget)
    for candidate in candidates(matching, domain.networks):
        budget.spend()
        if domain.admits(candidate) and all(_matches(t, candidate) is want for t, want in matching):
            return candidate
    if not textual and len({test.row.value_type for test, _ in other}) <= 1:
        return None
    raise UndecidedError(f"conditions on {matching[0][0].key} take it for different types")


def _matches(test: Test, value: str) -> bool | None:
    answer = holds_for(test, value, {})
    return answer if answer is None else answer != test.row.negated


def _solve_text(wanted: Sequence[Literal], domain: KeyDomain, budget: Budget) -> str | None:
    musts = [test.patterns for test, want in wanted if want]
    nots = [tokens for test, want in wanted if not want for tokens in test.patterns]
    form = domain.form
    forms = (ANYTHING,) if form is None else (_NICE, form) if _is_free(domain) else (form,)
    found = find(musts, [*nots, *domain.nots], budget, forms)
    return None if found is None else "".join(found)


def _is_free(domain: KeyDomain) -> bool:
    """Whether a nice word is a value."""
    return domain.form is not None and domain.form.matches("some")


def candidates(
    wanted: Iterable[Literal], networks: Iterable[IPv4Network | IPv6Network] = ()
) -> Iterator[str]:
    """Values of every kind that the conditions can tell apart."""
    tests = [test for test, _ in wanted]
    found = {value for test in tests if not test.is_textual for value in test.values}
    ranges = {each.network for each in found if each.network} | set(networks)
    yield from _addresses(sorted(ranges, key=str)) if ranges else ()
    points = {each.number for each in found if each.type == "Numeric" and each.number is not None}
    moments = {each.number for each in found if each.type == "Date" and each.number is not None}
    yield from map(_plain, around(points, Decimal(1)))
    yield from map(date_text, around(moments, Decimal(86_400)))
    if moments:  # seconds since 1970, as aws:EpochTime has them, are both
        yield from map(_plain, around(points | moments, Decimal(1)))
    yield from (value.text for test in tests if test.is_textual for value in test.values)


def _addresses(networks: Sequence[IPv4Network | IPv6Network]) -> Iterator[str]:
    yield from ("203.0.113.10", "2001:db8::10")
    for network in networks:
        first, last = network.network_address, network.broadcast_address
        yield from (str(first), str(last))
        if int(first) > 0:
            yield str(first - 1)
        if int(last) < 2**network.max_prefixlen - 1:
            yield str(last + 1)


def around(points: set[Decimal], step: Decimal) -> list[Decimal]:
    """The points, between each two of them, and below and above all; whole numbers first."""
    known = sorted(points)
    if not known:
        return []
    with localcontext(prec=_EXACT):
        between = [(low + high) / 2 for low, high in itertools.pairwise(known)]
        whole = [each.to_integral_value() for each in (*known, *between)]
        near = [each + off for each in whole for off in (-1, 0, 1)]
        ends = (known[-1] + step, known[0] - step)
        return list(dict.fromkeys((*known, *ends, *between, *near)))


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def date_text(seconds: Decimal) -> str:
    """A moment, in seconds since 1970, as a key of dates has it."""
    if seconds != seconds.to_integral_value():
        return _plain(seconds)
    try:
        moment = _EPOCH + timedelta(seconds=int(seconds))
    except OverflowError:
        return _plain(seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else _plain(seconds)  # noqa: PLR2004 (strftime writes four digits from then on)
