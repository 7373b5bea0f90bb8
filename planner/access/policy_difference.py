"""One direction of a comparison: the questions to ask, each of them asked once.

Callers and actions that no statement tells apart are one. A set of statements is the bits of
an integer, the own ones below and those of the other policy above them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from planner.access.action_classes import ActionClass, action_classes
from planner.access.compiled import CompiledStatement, compile_policy
from planner.access.completion import always_there
from planner.access.condition_solver import ConditionSolver
from planner.access.principal_classes import (
    PrincipalClass,
    PrincipalPartition,
    bits,
    principal_classes,
)
from planner.access.request import Request
from planner.access.scene import Scene
from planner.access.shapes import EXAMPLE
from planner.access.statement_solver import (
    Counterexample,
    ResourceDomain,
    StatementSolver,
    resource_forms,
)
from planner.access.stranger import Stranger, stranger_to
from planner.access.texts import UndecidedError
from planner.automata.automaton import Budget, BudgetError, Tokens
from planner.automata.pattern import matches
from planner.policy.canonical import body
from planner.policy.document import Policy, named_registry
from planner.policy.keys import parse_key
from planner.registry import Registry
from planner.text import fold

TOO_MANY = "the policies are too intricate to be compared to the end"
_SHARE = 4
"""One question may take one of so many parts of all steps."""
_OF_KIND = ("aws:principaltype", "aws:principalisawsservice")
"""Keys of the caller that all callers of one kind share."""
_OF_THE_REGISTRY = ("aws:resourceorgid", "aws:resourceorgpaths")
"""Keys that the registry's own account has of itself too."""
_OF_NAME = ("aws:federatedprovider",)
"""Keys that some callers have in their own name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A statement, the number of its pattern, a set of callers, and actions.

    Its requests are in this policy allowed or denied, as the statement says, and in the other
    not: the same for each of the callers and actions. Where `found` is None nothing can be
    said, and `reason` says why. `public` is such a request of a stranger, if there is one, and
    `may_be_public` tells whether there is one or nothing can be said.
    """

    compiled: CompiledStatement
    pattern: int
    callers: int
    asked: tuple[ActionClass, ...]
    found: Counterexample | None
    reason: str = ""
    public: tuple[PrincipalClass, Counterexample] | None = None
    may_be_public: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nothing can be said of it, or not of a stranger."""
        return self.found is None or (self.may_be_public and self.public is None)


_Question = tuple[list[CompiledStatement], list[CompiledStatement]]
"""The statements that a request is inside of, and those that it is outside of."""


@dataclass(frozen=True, slots=True)
class _Case:
    """Questions about one pattern of one statement, for an action in the statements of `mask`."""

    number: int
    pattern: int
    mask: int
    asked: ActionClass
    questions: Sequence[_Question]


class PolicyDifference:
    """The search for what `own` allows or denies and `other` does not."""

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
        self.stranger = stranger_to(statements, registry)
        self.strangers = self.partition.where(lambda each: each.is_stranger)
        self.looked_at = frozenset[str]().union(*(each.keys for each in self.statements))
        self.solvers: dict[Scene, ConditionSolver] = {}
        self.domains: dict[tuple[str, str], ResourceDomain] = {}
        self.depends: dict[int, str] = {}
        self.known: dict[tuple[object, ...], Counterexample | str | None] = {}

    def _where(self, holds: Iterable[bool]) -> int:
        return sum(1 << number for number, each in enumerate(holds) if each)

    def _identical(self) -> list[int]:
        """For each statement all those that say the same."""
        bodies = [
            (body(each.statement), each.inside, each.outside, each.tests, each.is_open)
            for each in self.statements
        ]
        found: dict[tuple[object, ...], int] = {}
        for number, each in enumerate(bodies):
            found[each] = found.get(each, 0) | 1 << number
        return [found[each] for each in bodies]

    def _grouped_actions(self, asked: Sequence[ActionClass]) -> list[tuple[int, list[ActionClass]]]:
        """The actions by the statements that they are in, what they work on, and their keys."""
        keys = {test.about.name for each in self.statements for test in each.tests}
        found: dict[tuple[int, object, object, object, object], list[ActionClass]] = {}
        for each in asked:
            name = fold(each.name)
            mask = self._where(_has_action(compiled, name) for compiled in self.statements)
            group = (mask, each.resources, each.service, each.filled_keys & keys, each.is_known)
            found.setdefault(group, []).append(each)
        return [(group[0], actions) for group, actions in found.items()]

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
            for having, asked in self.actions:
                mask = applying & having
                for number in bits(mask & self.is_own):
                    yield from self.differences_of(number, mask, callers, asked)

    def differences_of(
        self, number: int, mask: int, callers: int, asked: Sequence[ActionClass]
    ) -> Iterator[Difference]:
        """Those in one statement, for callers and actions in the statements of `mask`."""
        self.budget.spend()
        questions = self._questions(number, mask)
        if not questions:
            return
        for pattern in range(len(self.statements[number].inside)):
            case = _Case(number, pattern, mask, asked[0], questions)
            for some in self._alike(callers, mask):
                difference = self._difference(case, some, tuple(asked))
                if difference is not None:
                    yield difference

    def _difference(
        self, case: _Case, callers: int, asked: tuple[ActionClass, ...]
    ) -> Difference | None:
        answer = self._answered(case, next(iter(self.partition.those(callers))))
        if answer is None:
            return None
        compiled = self.statements[case.number]
        public, may_be = self._public(case, callers)
        if isinstance(answer, str) or not asked[0].is_known:
            unknown = f"planner does not know the action {asked[0].name}"
            reason = answer if isinstance(answer, str) else unknown
            return Difference(compiled, case.pattern, callers, asked, None, reason, None, may_be)
        return Difference(
            compiled, case.pattern, callers, asked, answer, public=public, may_be_public=may_be
        )

    def _answered(
        self, case: _Case, principals: PrincipalClass, stranger: Stranger | None = None
    ) -> Counterexample | str | None:
        """The answer to the questions of a case; a text says why nothing can be said."""
        asked = case.asked
        has_resource = asked.resources != "none"
        scene = Scene(principals, fold(asked.name), has_resource, self.registry, stranger)
        who = principals if self._depends(case.mask) else None
        kind = (asked.resources, asked.service, asked.filled_keys, who, stranger is None)
        key = (case.number, case.pattern, case.mask, kind)
        if key not in self.known:
            tokens = self.statements[case.number].inside[case.pattern]
            self.known[key] = self._answer(self._search(scene, asked), tokens, case.questions)
        return self.known[key]

    def _public(
        self, case: _Case, callers: int
    ) -> tuple[tuple[PrincipalClass, Counterexample] | None, bool]:
        """A request of a stranger, and whether there is one or nothing can be said."""
        if self.denies >> case.number & 1:
            return None, False
        may_be = False
        for principals in self.partition.those(callers & self.strangers):
            answer = self._answered(case, principals, self.stranger)
            if isinstance(answer, Counterexample):
                return (principals, answer), True
            may_be = may_be or answer is not None
        return None, may_be

    def request(
        self, difference: Difference, principals: PrincipalClass, found: Counterexample
    ) -> Request:
        """The request that was found, of one of the callers, with all that the policies look at
        and that such a request always has.
        """
        asked = difference.asked[0]
        scene = Scene(principals, fold(asked.name), asked.resources != "none", self.registry)
        solver = self._solver(scene, Budget(self.share))
        known = {**principals.context, **found.model.context}
        caller = found.model.caller or principals.caller
        request = Request(caller, asked.name, found.resource, known)
        full = request.full_context()
        looked_at = {test.key for test in difference.compiled.tests if test.key in full}
        derived = {key: full[key] for key in looked_at}
        context = {**derived, **always_there(solver, known, self.looked_at), **known}
        return replace(request, context=context)

    def _solver(self, scene: Scene, budget: Budget) -> ConditionSolver:
        """The solver of a scene, which may take so many steps now."""
        solver = self.solvers.setdefault(scene, ConditionSolver(scene, budget))
        solver.budget = budget
        return solver

    def _questions(self, number: int, mask: int) -> list[_Question]:
        """What a difference is inside of and outside of. A statement that the other policy has
        too asks nothing.

        An Allow allows more where the other policy does not allow, or where it denies. A Deny
        denies more where the other policy says nothing.
        """
        compiled = self.statements[number]
        own, others = mask & self.is_own, mask & ~self.is_own
        if self.denies >> number & 1:
            if self.identical[number] & others:
                return []
            return [([compiled], self._chosen(others))]
        denies = self._chosen(own & self.denies)
        questions: list[_Question] = []
        if not self.identical[number] & others:
            questions.append(([compiled], [*denies, *self._chosen(others & ~self.denies)]))
        lifted = (each for each in bits(others & self.denies) if not self.identical[each] & own)
        more = (([compiled, self.statements[each]], denies) for each in lifted)
        return [*questions, *more]

    def _depends(self, mask: int) -> str:
        """On what of the caller the conditions of some statements depend: `name`, `kind` or
        nothing.
        """
        if mask not in self.depends:
            keys = {key for each in bits(mask) for key in self.statements[each].keys}
            found = {_tells_apart(key) for key in keys}
            self.depends[mask] = "name" if "name" in found else "kind" if "kind" in found else ""
        return self.depends[mask]

    def _alike(self, callers: int, mask: int) -> Iterable[int]:
        """The callers, apart where it matters who calls."""
        depends = self._depends(mask)
        if depends == "name":
            return (1 << number for number in bits(callers))
        groups: dict[object, int] = {}
        for number in bits(callers):
            caller = self.partition.members[number].caller
            own = self.registry is not None and caller.account == self.registry.account_id
            kind = (caller.kind, own) if depends else None
            groups[kind] = groups.get(kind, 0) | 1 << number
        return groups.values()

    def _search(self, scene: Scene, asked: ActionClass) -> StatementSolver:
        """A search with its share of the steps."""
        budget = Budget(min(self.budget.left, self.share))
        solver = self._solver(scene, budget)
        kind = (asked.resources, asked.service)
        if kind not in self.domains:
            self.domains[kind] = ResourceDomain(resource_forms(asked, self.registry, self.example))
        return StatementSolver(solver, self.domains[kind], budget)

    def _answer(
        self, search: StatementSolver, tokens: Tokens, questions: Sequence[_Question]
    ) -> Counterexample | str | None:
        """A difference for one pattern of a statement; a text says why nothing can be said."""
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


@cache
def _tells_apart(key: str) -> str:
    """What two callers differ in if they differ in a key: `name`, `kind` or nothing."""
    row = parse_key(key).row
    if (row.of_caller or key in _OF_NAME) and key not in _OF_KIND:
        return "name"
    by_kind = row.holders or row.always_with or row.always or key in _OF_THE_REGISTRY
    return "kind" if by_kind or row.of_account or row.of_caller else ""
