"""Regular expressions as deterministic automata, for the forms that ids and names have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_SAMPLES = "".join(map(chr, (*range(0x61, 0x7B), *range(0x30, 0x3A), *range(0x20, 0x7F), 0xE9)))
_COUNTS = re.compile(r"\{([0-9]+),?([0-9]*)\}")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an expression: whether it may be empty, and its first and last positions."""

    empty: bool
    first: frozenset[int]
    last: frozenset[int]


_EMPTY = _Part(True, frozenset(), frozenset())  # noqa: FBT003 (a value)


class Regex:
    """The texts that a regular expression matches as a whole; a `Shape` of the search.

    It takes literals, `.`, classes, groups, `|`, `?`, `*`, `+` and `{m,n}` as `re` does. A
    symbol of several characters, as a policy variable is, has no place in it.

    >>> form = Regex("o-[a-z0-9]{10,32}")
    >>> form.matches("o-a1b2c3d4e5"), form.matches("o-a1b2")
    (True, False)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._classes: list[re.Pattern[str]] = []
        self._follow: list[set[int]] = []
        whole = _Parser(text, self._classes, self._follow).alternatives()
        self._last = whole.last
        self._is_empty = whole.empty
        self._numbers: dict[frozenset[int], int] = {}
        self._sets: list[frozenset[int]] = []
        self._starts = whole.first
        self.start = self._number(frozenset())
        self._steps: dict[tuple[int, str], int | None] = {}
        self._choices: dict[int, Sequence[str]] = {}

    def _number(self, positions: frozenset[int]) -> int:
        if positions not in self._numbers:
            self._numbers[positions] = len(self._sets)
            self._sets.append(positions)
        return self._numbers[positions]

    def _after(self, state: int) -> frozenset[int]:
        """The positions that may follow; the start is before all of them."""
        if state == self.start:
            return self._starts
        return frozenset(each for one in self._sets[state] for each in self._follow[one])

    def choices(self, state: int) -> Sequence[str]:
        """The characters that may follow, one group for each state after them."""
        if state not in self._choices:
            groups: dict[int, str] = {}
            for char in dict.fromkeys(_SAMPLES):
                after = self.step(state, char)
                if after is not None:
                    groups[after] = groups.get(after, "") + char
            self._choices[state] = list(groups.values())
        return self._choices[state]

    def step(self, state: int, symbol: str) -> int | None:
        """The state after a symbol, or None where it cannot follow."""
        if len(symbol) > 1:
            return None
        key = (state, symbol)
        if key not in self._steps:
            positions = frozenset(
                each for each in self._after(state) if self._classes[each].fullmatch(symbol)
            )
            self._steps[key] = self._number(positions) if positions else None
        return self._steps[key]

    def after(self, text: str, state: int | None = None) -> int | None:
        """The state after a text, or None where no text of this form begins so."""
        here: int | None = self.start if state is None else state
        for char in text:
            here = None if here is None else self.step(here, char)
        return here

    def accepts(self, state: int) -> bool:
        """Whether a text may end here."""
        return self._is_empty if state == self.start else bool(self._sets[state] & self._last)

    def matches(self, text: str) -> bool:
        """Whether the whole text is of this form."""
        state = self.after(text)
        return state is not None and self.accepts(state)


class _Parser:
    """Reads an expression into positions, each with its class of characters and its followers."""

    def __init__(self, text: str, classes: list[re.Pattern[str]], follow: list[set[int]]) -> None:
        self.text = text
        self.place = 0
        self.classes = classes
        self.follow = follow

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def alternatives(self) -> _Part:
        found = self.sequence()
        while self.peek() == "|":
            self.place += 1
            other = self.sequence()
            found = _Part(
                found.empty or other.empty, found.first | other.first, found.last | other.last
            )
        return found

    def sequence(self) -> _Part:
        found = _EMPTY
        while self.peek() not in ("", "|", ")"):
            found = self.joined(found, self.repeated())
        return found

    def joined(self, one: _Part, other: _Part) -> _Part:
        for each in one.last:
            self.follow[each] |= other.first
        return _Part(
            one.empty and other.empty,
            one.first | other.first if one.empty else one.first,
            one.last | other.last if other.empty else other.last,
        )

    def repeated(self) -> _Part:
        """An atom as often as what stands behind it says."""
        begin = self.place
        found = self.atom()
        low, high = self.counts()
        if high is None:
            parts = list(self.copies(found, begin, max(low, 1)))
            for each in parts[-1].last:
                self.follow[each] |= parts[-1].first
            parts[-1] = _Part(low == 0 or parts[-1].empty, parts[-1].first, parts[-1].last)
        else:
            parts = list(self.copies(found, begin, high))
            parts = [
                part if number < low else _Part(True, part.first, part.last)  # noqa: FBT003
                for number, part in enumerate(parts)
            ]
        result = _EMPTY
        for part in parts:
            result = self.joined(result, part)
        return result

    def copies(self, found: _Part, begin: int, count: int) -> Iterator[_Part]:
        """The atom that was read, and it read again."""
        behind = self.place
        yield found
        for _ in range(count - 1):
            self.place = begin
            yield self.atom()
        self.place = behind

    def counts(self) -> tuple[int, int | None]:
        """How often at least and at most; None is without end."""
        char = self.peek()
        if char and char in "?*+":
            self.place += 1
            return (int(char == "+"), 1 if char == "?" else None)
        match = _COUNTS.match(self.text, self.place)
        if match is None:
            return 1, 1
        self.place = match.end()
        if match[0].endswith(",}"):
            return int(match[1]), None
        return int(match[1]), int(match[2] or match[1])

    def atom(self) -> _Part:
        char = self.peek()
        if char == "(":
            self.place += 3 if self.text.startswith("(?:", self.place) else 1
            found = self.alternatives()
            self.place += 1
            return found
        begin = self.place
        self.place += 1
        if char == "\\":
            self.place += 1
        elif char == "[":
            self.place = _end_of_class(self.text, begin)
        self.classes.append(re.compile(self.text[begin : self.place], re.DOTALL))
        self.follow.append(set())
        number = frozenset((len(self.classes) - 1,))
        return _Part(False, number, number)  # noqa: FBT003 (a value)


def _end_of_class(text: str, begin: int) -> int:
    """The place behind the `]` of a class, which escapes any `]` inside."""
    place = begin + 1
    while text[place] != "]":
        place += 2 if text[place] == "\\" else 1
    return place + 1


@lru_cache(maxsize=256)
def regex(text: str) -> Regex:
    """The automaton of an expression, made once."""
    return Regex(text)
