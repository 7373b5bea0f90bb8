"""Sets of texts as automata: is a text in one pattern and outside of others, and which?

A pattern is a tuple of tokens. A text is a sequence of symbols: characters, and policy
variables such as `${aws:username}`, each of which is one symbol of its own. A variable stands
for any text, so `*` matches it, `?` does not, and else only the same variable does: what is
included over these symbols is included whatever the variables stand for.

An automaton has one position before each token and one at the end. Sets of positions are the
bits of one integer, so that one step of many patterns is a handful of operations.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Protocol


class Wild(enum.Enum):
    """A wildcard; the latter two are those of ARN operators, which never cross a colon."""

    ONE = "?"
    MANY = "*"
    ONE_IN_FIELD = "[^:]"
    MANY_IN_FIELD = "[^:]*"

    __hash__ = object.__hash__  # members are single: that of Enum takes most of a search's time


Token = Wild | tuple[str, ...]
"""A wildcard, or the symbols of which any one is meant: one of them, or two cases of a letter."""
Tokens = tuple[Token, ...]

_STARS = (Wild.MANY, Wild.MANY_IN_FIELD)
_FRESH = "abcdefghijklmnopqrstuvwxyz0123456789"
ANYTHING: Tokens = (Wild.MANY,)


class BudgetError(Exception):
    """The search has taken all the steps it may; nothing is known about what it looked for."""


class Budget:
    """Counts the steps of searches, so that the same input always ends at the same place.

    >>> budget = Budget(1)
    >>> budget.spend()
    >>> budget.spend()
    Traceback (most recent call last):
        ...
    planner.automata.automaton.BudgetError
    """

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Raises BudgetError when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise BudgetError


class Shape(Protocol):
    """Texts of one realistic form, such as names of repositories: a deterministic automaton."""

    start: int

    def choices(self, state: int) -> Sequence[str]:
        """The characters that may follow, equal ones grouped: each string leads to one state."""

    def step(self, state: int, symbol: str) -> int | None:
        """The state after a symbol, or None where it cannot follow."""

    def accepts(self, state: int) -> bool:
        """Whether a text may end here."""


@dataclass(frozen=True, slots=True)
class _Places:
    """At which places of one pattern each symbol and wildcard stands, as bits."""

    length: int
    literals: tuple[tuple[str, int], ...]
    wilds: tuple[tuple[Wild, int], ...]


@lru_cache(maxsize=8192)
def _places(pattern: Tokens) -> _Places:
    literals: dict[str, int] = {}
    wilds: dict[Wild, int] = {}
    place = 0
    for token in pattern:
        if isinstance(token, Wild):
            wilds[token] = wilds.get(token, 0) | 1 << place
            place += token not in _STARS
        else:
            for symbol in token:
                literals[symbol] = literals.get(symbol, 0) | 1 << place
            place += 1
    return _Places(place, tuple(literals.items()), tuple(wilds.items()))


class Language:
    """The texts that match at least one of some patterns.

    >>> language = Language([(("a",), Wild.MANY), (("b",),)])
    >>> language.accepts("axy"), language.accepts("b"), language.accepts("bx")
    (True, True, False)
    """

    def __init__(self, patterns: Sequence[Tokens]) -> None:
        literals: dict[str, int] = {}
        masks = dict.fromkeys(Wild, 0)
        self.start = self.final = 0
        place = 0
        for pattern in patterns:
            part = _places(pattern)
            self.start |= 1 << place
            for symbol, mask in part.literals:
                literals[symbol] = literals.get(symbol, 0) | mask << place
            for wild, mask in part.wilds:
                masks[wild] |= mask << place
            place += part.length
            self.final |= 1 << place
            place += 1
        self.literals = literals
        self.cost = 1 + (place >> 9)
        self.sink = self.final & masks[Wild.MANY]
        """Positions from which every text is accepted."""
        self._any_loop = masks[Wild.MANY]
        self._any_step = masks[Wild.ONE]
        self._loop = self._any_loop | masks[Wild.MANY_IN_FIELD]
        self._step = self._any_step | masks[Wild.ONE_IN_FIELD]
        self.tells_colons = self._loop != self._any_loop or self._step != self._any_step
        """Whether a colon leads elsewhere than another character that no pattern names."""
        self._moves: dict[str, tuple[int, int]] = {}

    def step(self, positions: int, symbol: str) -> int:
        """The positions after one symbol."""
        moves = self._moves.get(symbol)
        if moves is None:
            moves = self._moves[symbol] = self._moves_of(symbol)
        return ((positions & moves[0]) << 1) | (positions & moves[1])

    def _moves_of(self, symbol: str) -> tuple[int, int]:
        """The positions that a symbol lets advance, and those that it lets stay."""
        literal = self.literals.get(symbol, 0)
        if len(symbol) > 1:
            return literal, self._any_loop
        if symbol == ":":
            return literal | self._any_step, self._any_loop
        return literal | self._step, self._loop

    def wanted(self, positions: int) -> Iterator[str]:
        """The symbols that some of the positions name."""
        return (symbol for symbol, mask in self.literals.items() if mask & positions)

    def accepts(self, symbols: Sequence[str]) -> bool:
        """Whether the text is in the language."""
        positions = self.start
        for symbol in symbols:
            positions = self.step(positions, symbol)
            if not positions:
                return False
        return bool(positions & self.final)


NOTHING = Language(())


@dataclass(frozen=True, slots=True)
class _State:
    """Where a search stands: in the pattern, in `musts`, in `nots` and in the shape."""

    place: int
    musts: tuple[int, ...]
    nots: int
    form: int
    before: _State | None
    symbol: str
    prefix: tuple[str, ...] = ()

    def text(self) -> tuple[str, ...]:
        """The symbols that led here."""
        symbols: list[str] = []
        state = self
        while state.before is not None:
            symbols.append(state.symbol)
            state = state.before
        return (*state.prefix, *reversed(symbols))


class _Search:
    def __init__(
        self,
        pattern: Tokens,
        musts: Sequence[Language],
        nots: Language,
        shape: Shape | None,
    ) -> None:
        self.tokens = tuple(token for token in pattern if token not in _STARS)
        self.loops: dict[int, Wild] = {}
        place = 0
        for token in pattern:
            if token in _STARS and isinstance(token, Wild):
                if self.loops.get(place) is not Wild.MANY:
                    self.loops[place] = token
            else:
                place += 1
        self.musts = tuple(musts)
        self.nots = nots
        self.shape = shape
        self.known: dict[tuple[int, int], list[tuple[tuple[int, ...], int]]] = {}
        used = {symbol for each in (*musts, nots) for symbol in each.literals}
        used.update(s for token in self.tokens if not isinstance(token, Wild) for s in token)
        spare = (chr(code) for code in range(0x100, 0x10000))
        self.fresh = next(char for char in chain(_FRESH, spare) if char not in used)

    def run(self, budget: Budget) -> tuple[str, ...] | None:
        cost = self.nots.cost + sum(each.cost for each in self.musts)
        first = self.after_prefix(budget)
        queue = deque([first] if first and self.is_new(first, budget) else [])
        while queue:
            state = queue.popleft()
            if self.is_goal(state):
                return state.text()
            for place, symbol in self.moves(state):
                budget.spend(cost)
                after = self.after(state, place, symbol)
                if after is not None and self.is_new(after, budget):
                    queue.append(after)
        return None

    def after_prefix(self, budget: Budget) -> _State | None:
        """The state after the symbols that every text of the pattern begins with."""
        nots, sink = self.nots.start, self.nots.sink
        musts = [each.start for each in self.musts]
        form = self.shape.start if self.shape else 0
        symbols: list[str] = []
        for place, token in enumerate(self.tokens):
            if place in self.loops or isinstance(token, Wild) or len(token) > 1:
                break
            (symbol,) = token
            symbols.append(symbol)
            nots = self.nots.step(nots, symbol)
            musts = [each.step(at, symbol) for at, each in zip(musts, self.musts, strict=True)]
            after = self.shape.step(form, symbol) if self.shape else 0
            if after is None or nots & sink or not all(musts):
                return None
            form = after
        budget.spend(1 + len(symbols) // 8)
        return _State(len(symbols), tuple(musts), nots, form, None, "", tuple(symbols))

    def is_goal(self, state: _State) -> bool:
        return (
            state.place == len(self.tokens)
            and not state.nots & self.nots.final
            and all(at & each.final for at, each in zip(state.musts, self.musts, strict=True))
            and (self.shape is None or self.shape.accepts(state.form))
        )

    def moves(self, state: _State) -> Iterator[tuple[int, str]]:
        """The places in the pattern that may come next, and the symbols that lead there."""
        place = state.place
        loop = self.loops.get(place)
        token = self.tokens[place] if place < len(self.tokens) else None
        symbols = self.symbols(state) if loop or isinstance(token, Wild) else []
        if isinstance(token, Wild):
            yield from ((place + 1, each) for each in symbols if _fits(token, each))
        elif token is not None:
            yield from ((place + 1, each) for each in token)
        if loop:
            yield from ((place, each) for each in symbols if _fits(loop, each))

    def symbols(self, state: _State) -> list[str]:
        """The symbols worth trying at a wildcard; any other does no better than one of them.

        A symbol that no position of `nots` names leads to the fewest positions there.
        """
        found = [
            symbol
            for at, each in zip(state.musts, self.musts, strict=True)
            for symbol in each.wanted(at)
        ]
        if self.nots.tells_colons:
            found.append(":")
        if self.shape is None:
            return list(dict.fromkeys([self.fresh, *found]))
        unwanted = set(self.nots.wanted(state.nots)).union(found)
        for group in self.shape.choices(state.form):
            free = next((char for char in group if char not in unwanted), None)
            found.extend(group if free is None else free)
        return list(dict.fromkeys(found))

    def after(self, state: _State, place: int, symbol: str) -> _State | None:
        form = self.shape.step(state.form, symbol) if self.shape else 0
        if form is None:
            return None
        nots = self.nots.step(state.nots, symbol)
        if nots & self.nots.sink:
            return None
        pairs = zip(state.musts, self.musts, strict=True)
        musts = tuple([each.step(at, symbol) for at, each in pairs])
        return _State(place, musts, nots, form, state, symbol) if all(musts) else None

    def is_new(self, state: _State, budget: Budget) -> bool:
        """Whether no known state is at the same place, nearer to `musts` and farther from `nots`.

        Only such states are kept (an antichain): whatever leads another one to the goal leads
        the known one there too.
        """
        if state.nots & self.nots.sink:
            return False
        known = self.known.setdefault((state.place, state.form), [])
        budget.spend(len(known) * self.nots.cost // 8)
        nots = state.nots
        for musts, other in known:
            if other & ~nots == 0 and not any(
                mine & ~its for mine, its in zip(state.musts, musts, strict=True)
            ):
                return False
        known.append((state.musts, nots))
        return True


def _fits(wild: Wild, symbol: str) -> bool:
    if len(symbol) > 1:
        return wild is Wild.MANY
    return symbol != ":" or wild in (Wild.MANY, Wild.ONE)


def find_text(
    pattern: Tokens,
    budget: Budget,
    *,
    musts: Sequence[Language] = (),
    nots: Language = NOTHING,
    shape: Shape | None = None,
) -> tuple[str, ...] | None:
    """A shortest text that matches `pattern` and all of `musts`, and does not match `nots`.

    None where there is none, which is exact. Raises BudgetError where the budget ends first.

    >>> any_two = (Wild.ONE, Wild.ONE)
    >>> find_text(any_two, Budget(1000), nots=Language([(("a",), Wild.MANY)]))
    ('b', 'b')
    >>> find_text(any_two, Budget(1000), nots=Language([(Wild.MANY,)])) is None
    True
    """
    return _Search(pattern, musts, nots, shape).run(budget)
