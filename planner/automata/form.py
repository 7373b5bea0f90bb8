"""Texts of one form as a small deterministic automaton: fixed places, then a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Table = Mapping[int, Sequence[tuple[str, int]]]
"""For each state the groups of characters that may follow, each with the state after it."""
END: Table = {0: []}


class Form:
    """Fixed places, each with its possible characters, and then what a table describes.

    A text may end in the states `accepting` of the table. A symbol of several characters, as
    a policy variable is, has no place in it.
    """

    def __init__(
        self, places: Sequence[str], table: Table = END, accepting: Sequence[int] = (0,)
    ) -> None:
        self.places = places
        self.table = table
        self.accepting = accepting
        self.start = 0

    def _groups(self, state: int) -> Sequence[tuple[str, int]]:
        count = len(self.places)
        if state < count:
            return [(self.places[state], state + 1)]
        return [(group, after + count) for group, after in self.table[state - count]]

    def choices(self, state: int) -> Sequence[str]:
        """The characters that may follow, one group for each state after them."""
        return [group for group, _ in self._groups(state)]

    def step(self, state: int, symbol: str) -> int | None:
        """The state after a symbol, or None where it cannot follow."""
        if len(symbol) > 1:
            return None
        return next((after for group, after in self._groups(state) if symbol in group), None)

    def after(self, text: str, state: int = 0) -> int | None:
        """The state after a text, or None where no text of this form begins so."""
        here: int | None = state
        for char in text:
            here = None if here is None else self.step(here, char)
        return here

    def accepts(self, state: int) -> bool:
        """Whether a text may end here."""
        return state - len(self.places) in self.accepting

    def meets(self, pattern: str) -> bool:
        """Whether some text of this form matches a pattern of `*` and `?`.

        >>> Form("", {0: [("a", 0)]}).meets("?*a"), Form("", {0: [("a", 0)]}).meets("*b")
        (True, False)
        """
        states = {self.start}
        for char in pattern:
            if char == "*":
                states = self._onward(states)
            elif char == "?":
                states = {after for state in states for _, after in self._groups(state)}
            else:
                states = {after for each in states if (after := self.step(each, char)) is not None}
        return any(map(self.accepts, states))

    def _onward(self, states: set[int]) -> set[int]:
        """All states that any text leads to."""
        found, waiting = set(states), list(states)
        while waiting:
            for _, after in self._groups(waiting.pop()):
                if after not in found:
                    found.add(after)
                    waiting.append(after)
        return found
