"""Values to try for the policy variables of some conditions.

A condition with a variable compares two keys of one request. Which values of the one are
worth trying follows from what is wanted of both: from their other conditions, and from the
texts that the condition itself holds around the variable.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from planner.access.conditions import Test
from planner.access.key_domain import KeyDomain
from planner.access.key_solver import Literal
from planner.access.variables import variable_of
from planner.automata.automaton import Tokens, Wild

_TRIED = 48
"""So many assignments are tried."""
_EACH = 8
"""So many values of one variable."""

Trail = Mapping[str, Sequence[Literal]]


class Values(Protocol):
    """What finds the value of one key."""

    def value_of(self, trail: Trail, key: str, *, present: bool) -> str | None:
        """A value that one key can have as the trail wants it, None where it is missing."""

    def domain(self, key: str) -> KeyDomain:
        """The values that a key can have."""

    def name_of(self, key: str) -> str:
        """The name under which a key is solved."""


def assignments(
    values: Values, trail: Trail, related: Sequence[Literal]
) -> Iterator[dict[str, str | None]]:
    """Values of all variables of `related`, at most `_TRIED` times; None is a missing key."""
    keys = sorted({key for test, _ in related for key in test.variables})
    pools = [_pool(values, trail, related, key) for key in keys]
    for chosen in itertools.islice(itertools.product(*pools), _TRIED):
        yield dict(zip(keys, chosen, strict=True))


def _pool(values: Values, trail: Trail, related: Sequence[Literal], key: str) -> list[str | None]:
    """The values of one variable that are worth trying, the likely ones first."""
    name = values.name_of(key)
    found: dict[str | None, None] = {}
    for test, _ in related:
        if key in test.variables:
            found[values.value_of(trail, test.key, present=True)] = None
    found.pop(None, None)
    found[values.value_of(trail, name, present=True)] = None
    found |= dict.fromkeys(_texts(trail, name, related))
    for test, _ in related:
        if key in test.variables:
            texts = [*_texts(trail, test.key, related), *filter(None, list(found))]
            found |= dict.fromkeys(_inside(test, key, texts))
    domain = values.domain(name)
    usable = [each for each in found if each and "*" not in each and "?" not in each]
    usable = [each for each in usable if domain.admits(each)][:_EACH]
    return [*usable, None] if domain.may_be_missing or not usable else list(usable)


def _texts(trail: Trail, key: str, related: Iterable[Literal]) -> Iterator[str]:
    """The texts that conditions compare a key with."""
    plain = (literal for wanted in trail.values() for literal in wanted)
    for test, _ in (*plain, *related):
        if test.key == key:
            yield from (each.text for each in test.values if "${" not in each.text)


def _inside(test: Test, key: str, texts: Iterable[str]) -> Iterator[str]:
    """What stands in a text in the place of the variable, where the text matches so."""
    for pattern in test.patterns:
        for text in texts:
            if value := value_inside(pattern, key, text):
                yield value


def value_inside(pattern: Tokens, key: str, text: str) -> str | None:
    """What a variable must be for a text to match, or None where it does not.

    Only one that stands alone or twice the same is found.
    """
    parts: list[str] = []
    is_first = True
    for token in pattern:
        variable = variable_of(token)
        if isinstance(token, Wild):
            parts.append(".*" if "*" in token.value else ".")
        elif variable is None:
            parts.append(f"(?:{'|'.join(map(re.escape, token))})")
        elif variable[0] == key:
            parts.append("(?P<value>.+)" if is_first else "(?P=value)")
            is_first = False
        else:
            parts.append(".*")
    match = None if is_first else re.fullmatch("".join(parts), text, re.DOTALL)
    return match["value"] if match else None


def contradict(related: Sequence[Literal]) -> bool:
    """Whether two keys must be equal and must not."""
    equal = {
        frozenset((test.key, key))
        for test, want in related
        if want and not test.row.negated and not test.condition.holds_without_key
        for key in _alone(test)[: 2 - len(test.patterns)]
    }
    different = {
        frozenset((test.key, key))
        for test, want in related
        if want is test.row.negated
        for key in _alone(test)
    }
    return bool(equal & different)


def _alone(test: Test) -> list[str]:
    """The keys whose values are one of the test's values, with nothing around them."""
    if test.row.ignores_case or test.operator.set_prefix:
        return []
    found = (variable_of(each[0]) for each in test.patterns if len(each) == 1)
    return [each[0] for each in found if each and each[1] is None]
