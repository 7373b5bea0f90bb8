"""Two policies compared exactly: which requests does one allow that the other does not?

Decided, not sampled. A difference is a request inside an Allow of the one policy and outside
of each of its Denies, which the other policy either does not allow or denies. So everything
is the question of `boxes`: is there a request inside one or two boxes and outside of others?
It is asked once for all callers and actions that the policies cannot tell apart.

Every request that is reported was evaluated on both policies before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from planner.access.automaton import Budget, BudgetError
from planner.access.boxes import Box, BoxSearch, Found, Place, boxes_of, place_of
from planner.access.circumstances import Solver, is_of_the_caller
from planner.access.comparison import Comparison, Doubt, Row
from planner.access.evaluate import Request, evaluate
from planner.access.globs import matches
from planner.access.naming import Entry, example_registry, rows_of
from planner.access.principals import is_meant
from planner.access.texts import UndecidedError
from planner.access.universe import Asked, Someone, asked_actions, someones
from planner.access.variables import variables_in
from planner.policy.canonical import body, canonical_statement
from planner.policy.document import Policy
from planner.registry import Registry
from planner.text import fold

STEPS = 120_000
"""So many steps may be taken in each direction. They are counted, not timed, so that the same
input gives the same answer on every machine."""
_STEPS_OF_ONE = STEPS // 4
_TOO_MANY = "the policies are too intricate to be compared to the end"


def compare(
    before: Policy | None, after: Policy | None, registry: Registry | None = None
) -> Comparison:
    """What `after` allows and `before` does not, and the other way round.

    With a registry only requests to it count: its repositories, or the Resource `*` for the
    actions that work on none. Without one nothing is assumed of actions and resources.
    Statements keep their places, so that `Row.statement` is an index into the given policy.
    """
    partition = registry.partition if registry else "aws"
    old, new = _canonical(before, partition), _canonical(after, partition)
    gained = _Direction(new, old, registry)
    lost = _Direction(old, new, registry)
    more, less = gained.rows(), lost.rows()
    return Comparison(more, less, (*gained.doubts, *lost.doubts))


def grants(policy: Policy | None, registry: Registry | None = None) -> Comparison:
    """What a policy allows after its Denies are taken off: `gained` against no policy."""
    return compare(None, policy, registry)


def _canonical(policy: Policy | None, partition: str) -> Policy | None:
    if policy is None:
        return None
    statements = tuple(canonical_statement(each, partition) for each in policy.statements)
    return replace(policy, statements=statements)


@dataclass(frozen=True, slots=True)
class _Masks:
    """The statements of both policies that apply, as the bits of two integers."""

    own: int
    other: int


@dataclass(slots=True)
class _Direction:
    """What `own` allows and `other` does not."""

    own: Policy | None
    other: Policy | None
    registry: Registry | None
    doubts: list[Doubt] = field(default_factory=list)

    def rows(self) -> tuple[Row, ...]:
        """The rows of all differences; what cannot be decided is added to `doubts`."""
        if self.own is None or self.own == self.other:
            return ()
        entries: list[Entry] = []
        try:
            work = _Work(self.own, self.other, self.registry, Budget(STEPS))
            for entry in work.entries():
                if isinstance(entry, Doubt):
                    self.doubts.append(entry)
                elif self.is_true(entry):
                    entries.append(entry)
        except BudgetError:
            self.doubts.append(Doubt(_TOO_MANY))
        rows = rows_of(entries, self.registry)
        self.doubts = list(dict.fromkeys(self.doubts))
        return rows

    def is_true(self, entry: Entry) -> bool:
        """Whether the request is allowed by the one policy and not by the other."""
        found = (
            evaluate(self.own, entry.request).allowed is True
            and evaluate(self.other, entry.request).allowed is False
        )
        if not found:
            reason = "it depends on circumstances that could not be told apart"
            self.doubts.append(replace(entry.doubt, reason=reason))
        return found


class _Work:
    """The search for one direction, each question asked once."""

    def __init__(
        self, own: Policy, other: Policy | None, registry: Registry | None, budget: Budget
    ) -> None:
        self.budget = budget
        self.registry = registry
        self.own, self.other = boxes_of(own), boxes_of(other)
        statements = [box.statement for box in (*self.own, *self.other)]
        self.example = registry or example_registry(statements)
        self.callers = {each: self._caller_masks(each) for each in someones(statements, registry)}
        self.actions: dict[tuple[_Masks, str], list[Asked]] = {}
        for asked in asked_actions(statements, registry, budget):
            key = (self._action_masks(asked), asked.resources)
            self.actions.setdefault(key, []).append(asked)
        self.solvers: dict[Someone, Solver] = {}
        self.places: dict[str, Place] = {}
        self.known: dict[tuple[object, ...], Found | str | None] = {}

    def _caller_masks(self, someone: Someone) -> _Masks:
        def mask(boxes: Sequence[Box]) -> int:
            return _mask(box for box in boxes if is_meant(box.statement.principal, someone.caller))

        return _Masks(mask(self.own), mask(self.other))

    def _action_masks(self, asked: Asked) -> _Masks:
        name = fold(asked.name)

        def mask(boxes: Sequence[Box]) -> int:
            return _mask(box for box in boxes if _has_action(box, name))

        return _Masks(mask(self.own), mask(self.other))

    def entries(self) -> Iterable[Entry | Doubt]:
        """The differences, and doubts, of each Allow, pattern, class of callers and actions."""
        for box in self.own:
            if box.statement.effect != "Allow":
                continue
            bit = 1 << box.index
            actions = [key for key in self.actions if key[0].own & bit]
            for someone, callers in self.callers.items():
                if callers.own & bit:
                    for masks, resources in actions:
                        both = _Masks(callers.own & masks.own, callers.other & masks.other)
                        asked = self.actions[masks, resources]
                        yield from self.entries_of(box, someone, asked, both)

    def entries_of(
        self, box: Box, someone: Someone, asked: Sequence[Asked], masks: _Masks
    ) -> Iterable[Entry | Doubt]:
        """The differences for one class of callers and actions that are alike."""
        for number in range(len(box.inside)):
            self.budget.spend()
            answer = self.answer(box, number, masks, someone, asked[0])
            if answer is None:
                continue
            request = self._request(answer, someone, asked[0])
            entry = Entry(box, number, someone, tuple(asked), request)
            yield entry if isinstance(answer, Found) else replace(entry.doubt, reason=answer)

    def _request(self, answer: Found | str, someone: Someone, asked: Asked) -> Request:
        if isinstance(answer, str):
            return Request(someone.caller, asked.name, "*")
        where = answer.circumstances
        caller = where.caller or someone.caller
        return Request(caller, asked.name, answer.resource, where.context)

    def answer(
        self, box: Box, number: int, masks: _Masks, someone: Someone, asked: Asked
    ) -> Found | str | None:
        """A difference for one pattern of an Allow; a text says why nothing can be said."""
        boxes = [*_chosen(self.own, masks.own), *_chosen(self.other, masks.other)]
        depends = any(map(is_of_the_caller, (test for each in boxes for test in each.tests)))
        depends |= any(map(variables_in, box.inside))
        who = someone if depends else None
        key = (box.index, number, masks, asked.resources, who)
        if key not in self.known:
            self.known[key] = self._answer(box, number, masks, someone, asked)
        return self.known[key]

    def _answer(
        self, box: Box, number: int, masks: _Masks, someone: Someone, asked: Asked
    ) -> Found | str | None:
        solver = self.solvers.setdefault(someone, Solver(someone, self.budget))
        budget = Budget(min(self.budget.left, _STEPS_OF_ONE))
        limit = budget.left
        solver.budget = budget
        place = self.places.setdefault(
            asked.resources, Place(place_of(asked, self.registry, self.example))
        )
        search = BoxSearch(solver, place, budget)
        doubt: str | None = None
        try:
            for inside, outside in self.questions(box, masks):
                try:
                    found = search.find(box.inside[number], inside, outside)
                except UndecidedError as error:
                    doubt = doubt or str(error)
                    continue
                if found is not None:
                    return found
        except BudgetError:
            doubt = _TOO_MANY
        finally:
            self.budget.spend(limit - max(budget.left, 0))
        return doubt

    def questions(self, box: Box, masks: _Masks) -> Iterable[tuple[list[Box], list[Box]]]:
        """The boxes that a difference is inside of and outside of: in either of two ways."""
        own, other = _chosen(self.own, masks.own), _chosen(self.other, masks.other)
        denies = [each for each in own if each.statement.effect == "Deny"]
        allows = [each for each in other if each.statement.effect == "Allow"]
        if not any(body(each.statement) == body(box.statement) for each in allows):
            yield [box], [*denies, *allows]
        bodies = {body(each.statement) for each in denies}
        for each in other:
            if each.statement.effect == "Deny" and body(each.statement) not in bodies:
                yield [box, each], denies


def _mask(boxes: Iterable[Box]) -> int:
    return sum(1 << box.index for box in boxes)


def _chosen(boxes: Sequence[Box], mask: int) -> list[Box]:
    return [box for box in boxes if mask >> box.index & 1]


def _has_action(box: Box, name: str) -> bool:
    action = box.statement.action
    return any(matches(fold(each), name) for each in action.values) != action.negated
