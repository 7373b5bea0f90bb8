"""One direction of a comparison: the questions to ask, each of them asked once.

Callers and actions that no statement tells apart are one. A set of statements is the bits of
an integer, the own ones below and those of the other policy above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from planner.access.boxes import Box, BoxSearch, Found, Place, boxes_of, place_of
from planner.access.circumstances import Group, Solver, is_of_the_caller
from planner.access.shapes import EXAMPLE
from planner.access.texts import UndecidedError
from planner.access.universe import Asked, Crowd, Someone, asked_actions, bits, someones
from planner.access.variables import variables_in
from planner.automata.automaton import Budget, BudgetError, Tokens
from planner.automata.pattern import matches
from planner.policy.canonical import body
from planner.policy.document import Policy, Statement, named_registry
from planner.registry import Registry
from planner.text import fold

TOO_MANY = "the policies are too intricate to be compared to the end"
_SHARE = 4
"""One question may take one of so many parts of all steps."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A difference: an Allow, the number of its pattern, a set of callers, and actions.

    The same is true for each of the callers and actions. Where `found` is None nothing can be
    said, and `reason` says why.
    """

    box: Box
    pattern: int
    callers: int
    asked: tuple[Asked, ...]
    found: Found | None
    reason: str = ""


_Question = tuple[list[Box], list[Box]]


class Work:
    """The search for what `own` allows and `other` does not."""

    def __init__(
        self, own: Policy, other: Policy | None, registry: Registry | None, budget: Budget
    ) -> None:
        self.budget = budget
        self.share = budget.left // _SHARE
        self.own = boxes_of(own)
        self.boxes = [*self.own, *boxes_of(other)]
        self.registry = registry
        statements = [box.statement for box in self.boxes]
        self.example = registry or named_registry([own, other]) or EXAMPLE
        self.crowd = Crowd(someones(statements, registry))
        self.actions = self._grouped_actions(asked_actions(statements, registry, budget))
        self.callers = self._grouped_callers()
        self.is_own = (1 << len(self.own)) - 1
        self.denies = self._where(statement.effect == "Deny" for statement in statements)
        self.twins = self._twins()
        self.solvers: dict[Someone, Solver] = {}
        self.places: dict[str, Place] = {}
        self.known: dict[tuple[object, ...], Found | str | None] = {}

    def _where(self, holds: Iterable[bool]) -> int:
        return sum(1 << number for number, each in enumerate(holds) if each)

    def _twins(self) -> list[int]:
        """For each statement all those that say the same."""
        bodies = [(body(box.statement), box.tests) for box in self.boxes]
        found: dict[tuple[Statement, Group], int] = {}
        for number, each in enumerate(bodies):
            found[each] = found.get(each, 0) | 1 << number
        return [found[each] for each in bodies]

    def _grouped_actions(self, asked: Sequence[Asked]) -> dict[tuple[int, str], list[Asked]]:
        """The actions by the statements that they are in and by what they work on."""
        found: dict[tuple[int, str], list[Asked]] = {}
        for each in asked:
            name = fold(each.name)
            mask = self._where(_has_action(box, name) for box in self.boxes)
            found.setdefault((mask, each.resources), []).append(each)
        return found

    def _grouped_callers(self) -> list[tuple[int, int]]:
        """Sets of callers, each with the statements that apply to them, and to nobody else."""
        groups = [(self.crowd.everyone, 0)]
        for number, box in enumerate(self.boxes):
            meant = self.crowd.meant(box.statement.principal)
            divided: list[tuple[int, int]] = []
            for callers, mask in groups:
                inside, outside = callers & meant, callers & ~meant
                if inside:
                    divided.append((inside, mask | 1 << number))
                if outside:
                    divided.append((outside, mask))
            groups = divided
        return groups

    def entries(self) -> Iterator[Entry]:
        """The differences, and what cannot be decided."""
        for callers, applying in self.callers:
            if not applying & self.is_own & ~self.denies:
                continue
            for (having, _), asked in self.actions.items():
                mask = applying & having
                allows = mask & self.is_own & ~self.denies
                for number in bits(allows):
                    yield from self.entries_of(number, mask, callers, asked)

    def entries_of(
        self, number: int, mask: int, callers: int, asked: Sequence[Asked]
    ) -> Iterator[Entry]:
        """The differences in one Allow, for callers and actions in the statements of `mask`."""
        self.budget.spend()
        questions = self._questions(number, mask)
        if not questions:
            return
        tests = [test for each in bits(mask) for test in self.boxes[each].tests]
        depends = any(map(is_of_the_caller, tests))
        box = self.boxes[number]
        for pattern, tokens in enumerate(box.inside):
            is_divided = depends or bool(variables_in(tokens))
            for some in self._alike(callers, is_divided=is_divided):
                someone = next(iter(self.crowd.those(some)))
                who = someone if is_divided else None
                key = (number, pattern, mask, asked[0].resources, who)
                if key not in self.known:
                    search = self._search(someone, asked[0])
                    self.known[key] = self._answer(search, tokens, questions)
                answer = self.known[key]
                if isinstance(answer, str):
                    yield Entry(box, pattern, some, tuple(asked), None, answer)
                elif answer is not None:
                    yield Entry(box, pattern, some, tuple(asked), answer)

    def _questions(self, number: int, mask: int) -> list[_Question]:
        """The boxes that a difference is inside of and outside of: in either of two ways.

        A statement that the other policy has too asks nothing.
        """
        box = self.boxes[number]
        own, others = mask & self.is_own, mask & ~self.is_own
        denies = self._chosen(own & self.denies)
        questions: list[_Question] = []
        if not self.twins[number] & others:
            questions.append(([box], [*denies, *self._chosen(others & ~self.denies)]))
        lifted = (each for each in bits(others & self.denies) if not self.twins[each] & own)
        return [*questions, *(([box, self.boxes[each]], denies) for each in lifted)]

    def _alike(self, callers: int, *, is_divided: bool) -> Iterable[int]:
        """The callers, one by one where it matters who calls."""
        return (1 << number for number in bits(callers)) if is_divided else (callers,)

    def _search(self, someone: Someone, asked: Asked) -> BoxSearch:
        """A search with its share of the steps."""
        budget = Budget(min(self.budget.left, self.share))
        solver = self.solvers.setdefault(someone, Solver(someone, budget))
        solver.budget = budget
        if asked.resources not in self.places:
            forms = place_of(asked, self.registry, self.example)
            self.places[asked.resources] = Place(forms)
        return BoxSearch(solver, self.places[asked.resources], budget)

    def _answer(
        self, search: BoxSearch, tokens: Tokens, questions: Sequence[_Question]
    ) -> Found | str | None:
        """A difference for one pattern of an Allow; a text says why nothing can be said."""
        granted = search.budget.left
        doubt: str | None = None
        try:
            for inside, outside in questions:
                try:
                    found = search.find(tokens, inside, outside)
                except UndecidedError as error:
                    doubt = doubt or str(error)
                    continue
                if found is not None:
                    return found
        except BudgetError:
            doubt = TOO_MANY
        finally:
            self.budget.spend(granted - max(search.budget.left, 0))
        return doubt

    def _chosen(self, mask: int) -> list[Box]:
        return [self.boxes[number] for number in bits(mask)]


def _has_action(box: Box, name: str) -> bool:
    action = box.statement.action
    return any(matches(each.folded, name) for each in action.values) != action.negated
