"""One direction of a comparison: the questions to ask, each of them asked once.

Callers and actions that no statement tells apart are one. A set of statements is the bits of
an integer, the own ones below and those of the other policy above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from planner.access.condition_solver import Clause, ConditionSolver, is_of_the_caller
from planner.access.principal_classes import (
    ActionClass,
    PrincipalClass,
    PrincipalPartition,
    action_classes,
    bits,
    principal_classes,
)
from planner.access.shapes import EXAMPLE
from planner.access.statement_solver import (
    CompiledStatement,
    Counterexample,
    ResourceDomain,
    StatementSolver,
    compile_policy,
    resource_forms,
)
from planner.access.texts import UndecidedError
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
class Difference:
    """A difference: an Allow, the number of its pattern, a set of callers, and actions.

    The same is true for each of the callers and actions. Where `found` is None nothing can be
    said, and `reason` says why.
    """

    compiled: CompiledStatement
    pattern: int
    callers: int
    asked: tuple[ActionClass, ...]
    found: Counterexample | None
    reason: str = ""


_Question = tuple[list[CompiledStatement], list[CompiledStatement]]


class PolicyDifference:
    """The search for what `own` allows and `other` does not."""

    def __init__(
        self, own: Policy, other: Policy | None, registry: Registry | None, budget: Budget
    ) -> None:
        self.budget = budget
        self.share = budget.left // _SHARE
        self.own = compile_policy(own)
        self.statements = [*self.own, *compile_policy(other)]
        self.registry = registry
        statements = [compiled.statement for compiled in self.statements]
        self.example = registry or named_registry([own, other]) or EXAMPLE
        self.partition = PrincipalPartition(principal_classes(statements, registry))
        self.actions = self._grouped_actions(action_classes(statements, registry, budget))
        self.callers = self._grouped_callers()
        self.is_own = (1 << len(self.own)) - 1
        self.denies = self._where(statement.effect == "Deny" for statement in statements)
        self.identical = self._identical()
        self.solvers: dict[PrincipalClass, ConditionSolver] = {}
        self.places: dict[str, ResourceDomain] = {}
        self.known: dict[tuple[object, ...], Counterexample | str | None] = {}

    def _where(self, holds: Iterable[bool]) -> int:
        return sum(1 << number for number, each in enumerate(holds) if each)

    def _identical(self) -> list[int]:
        """For each statement all those that say the same."""
        bodies = [(body(compiled.statement), compiled.tests) for compiled in self.statements]
        found: dict[tuple[Statement, Clause], int] = {}
        for number, each in enumerate(bodies):
            found[each] = found.get(each, 0) | 1 << number
        return [found[each] for each in bodies]

    def _grouped_actions(
        self, asked: Sequence[ActionClass]
    ) -> dict[tuple[int, str], list[ActionClass]]:
        """The actions by the statements that they are in and by what they work on."""
        found: dict[tuple[int, str], list[ActionClass]] = {}
        for each in asked:
            name = fold(each.name)
            mask = self._where(_has_action(compiled, name) for compiled in self.statements)
            found.setdefault((mask, each.resources), []).append(each)
        return found

    def _grouped_callers(self) -> list[tuple[int, int]]:
        """Sets of callers, each with the statements that apply to them, and to nobody else."""
        groups = [(self.partition.everyone, 0)]
        for number, compiled in enumerate(self.statements):
            meant = self.partition.meant(compiled.statement, is_open=compiled.is_open)
            divided: list[tuple[int, int]] = []
            for callers, mask in groups:
                inside, outside = callers & meant, callers & ~meant
                if inside:
                    divided.append((inside, mask | 1 << number))
                if outside:
                    divided.append((outside, mask))
            groups = divided
        return groups

    def differences(self) -> Iterator[Difference]:
        """The differences, and what cannot be decided."""
        for callers, applying in self.callers:
            if not applying & self.is_own & ~self.denies:
                continue
            for (having, _), asked in self.actions.items():
                mask = applying & having
                allows = mask & self.is_own & ~self.denies
                for number in bits(allows):
                    yield from self.differences_of(number, mask, callers, asked)

    def differences_of(
        self, number: int, mask: int, callers: int, asked: Sequence[ActionClass]
    ) -> Iterator[Difference]:
        """The differences in one Allow, for callers and actions in the statements of `mask`."""
        self.budget.spend()
        questions = self._questions(number, mask)
        if not questions:
            return
        tests = [test for each in bits(mask) for test in self.statements[each].tests]
        depends = any(map(is_of_the_caller, tests))
        compiled = self.statements[number]
        for pattern, tokens in enumerate(compiled.inside):
            is_divided = depends or bool(variables_in(tokens))
            for some in self._alike(callers, is_divided=is_divided):
                principals = next(iter(self.partition.those(some)))
                who = principals if is_divided else None
                key = (number, pattern, mask, asked[0].resources, who)
                if key not in self.known:
                    search = self._search(principals, asked[0])
                    self.known[key] = self._answer(search, tokens, questions)
                answer = self.known[key]
                if isinstance(answer, str):
                    yield Difference(compiled, pattern, some, tuple(asked), None, answer)
                elif answer is not None:
                    yield Difference(compiled, pattern, some, tuple(asked), answer)

    def _questions(self, number: int, mask: int) -> list[_Question]:
        """The statements that a difference is inside of and outside of: in either of two ways.

        A statement that the other policy has too asks nothing.
        """
        compiled = self.statements[number]
        own, others = mask & self.is_own, mask & ~self.is_own
        denies = self._chosen(own & self.denies)
        questions: list[_Question] = []
        if not self.identical[number] & others:
            questions.append(([compiled], [*denies, *self._chosen(others & ~self.denies)]))
        lifted = (each for each in bits(others & self.denies) if not self.identical[each] & own)
        return [*questions, *(([compiled, self.statements[each]], denies) for each in lifted)]

    def _alike(self, callers: int, *, is_divided: bool) -> Iterable[int]:
        """The callers, one by one where it matters who calls."""
        return (1 << number for number in bits(callers)) if is_divided else (callers,)

    def _search(self, principals: PrincipalClass, asked: ActionClass) -> StatementSolver:
        """A search with its share of the steps."""
        budget = Budget(min(self.budget.left, self.share))
        solver = self.solvers.setdefault(principals, ConditionSolver(principals, budget))
        solver.budget = budget
        if asked.resources not in self.places:
            forms = resource_forms(asked, self.registry, self.example)
            self.places[asked.resources] = ResourceDomain(forms)
        return StatementSolver(solver, self.places[asked.resources], budget)

    def _answer(
        self, search: StatementSolver, tokens: Tokens, questions: Sequence[_Question]
    ) -> Counterexample | str | None:
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

    def _chosen(self, mask: int) -> list[CompiledStatement]:
        return [self.statements[number] for number in bits(mask)]


def _has_action(compiled: CompiledStatement, name: str) -> bool:
    action = compiled.statement.action
    return any(matches(each.folded, name) for each in action.values) != action.negated
