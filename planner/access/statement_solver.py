"""Statements compiled, and whether a request is inside of some and outside of others.

A statement is a set of requests: callers, actions, resources and conditions. For one class of
callers and one action only the resources and the conditions are left, and of those the search here
finds a resource and circumstances, or proves that there are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from planner.access.condition_solver import Clause, ConditionSolver, Model
from planner.access.conditions import Test, parse_test
from planner.access.doubtful import Unclear, parts
from planner.access.principal_classes import ActionClass
from planner.access.shapes import literal, repositories
from planner.access.texts import Form, UndecidedError, concretise, find
from planner.access.variables import glob_tokens, has_variables
from planner.automata.automaton import Budget, Tokens
from planner.policy.document import Policy, Statement, parse_condition
from planner.policy.resource import repository_prefix
from planner.registry import Registry

_LEFT_OPEN = "NotPrincipal names the caller or its account, and not both"
_EVERYTHING = (glob_tokens("*", variables=False),)


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """One statement, or the part of it that is sure or that is unclear.

    `index` is its place in the policy, `statement` its canonical form without what is
    malformed. `inside` are the patterns of its Resource, `outside` those of its NotResource.
    Where `is_open`, it is of those callers of whom its NotPrincipal leaves open if it means them.
    """

    index: int
    statement: Statement
    inside: tuple[Tokens, ...]
    outside: tuple[Tokens, ...]
    tests: Clause
    unclear: tuple[Unclear, ...] = ()
    is_open: bool = False


def compile_policy(policy: Policy | None) -> list[CompiledStatement]:
    """The statements of a policy whose statements are canonical."""
    if policy is None:
        return []
    variables = has_variables(policy)
    found: list[CompiledStatement] = []
    for index, whole in enumerate(policy.statements):
        for statement, unclear in parts(whole):
            resource = statement.resource
            values = resource.texts if resource else ("*",)
            patterns = tuple(glob_tokens(each, variables=variables) for each in values)
            negated = resource is not None and resource.negated
            tests = tuple(parse_test(each, variables=variables) for each in statement.conditions)
            inside, outside = (_EVERYTHING, patterns) if negated else (patterns, ())
            tests = (*map(_unclear, unclear), *tests)
            sure = CompiledStatement(index, statement, inside, outside, tests, unclear)
            found.extend((sure, *_left_open(sure)))
    return found


def _left_open(sure: CompiledStatement) -> Iterator[CompiledStatement]:
    """What a NotPrincipal may mean besides: those whom it perhaps spares."""
    principal = sure.statement.principal
    if principal is not None and principal.negated:
        texts = tuple(f"{each.type} {each.text}" for each in principal)
        unclear = Unclear(principal.element, tuple(principal), texts, _LEFT_OPEN)
        tests = (_unclear(unclear), *sure.tests)
        yield replace(sure, tests=tests, unclear=(*sure.unclear, unclear), is_open=True)


def _unclear(found: Unclear) -> Test:
    """A condition of which nothing can be said but what is unclear, and of no key."""
    return Test(parse_condition(found.element, "", found.texts), False, found.reason)  # noqa: FBT003 (a value)


def resource_forms(
    asked: ActionClass, registry: Registry | None, example: Registry
) -> tuple[Form, ...]:
    """Which resources an action may be asked for, in the last form; the others are preferred.

    With a registry they are its repositories, or `*` for an action that works on none.
    Without one nothing is assumed.
    """
    everything = _EVERYTHING[0]
    if asked.resources == "none":
        return (literal("*"),) if registry else (literal("*"), everything)
    if asked.resources == "repository" and registry:
        within = glob_tokens(f"{repository_prefix(registry)}*", variables=False)
        return (repositories(registry), within)
    return (repositories(example), literal("*"), everything)


@dataclass(frozen=True, slots=True)
class ResourceDomain:
    """The forms that a resource may have, and the resources that were found so far."""

    forms: tuple[Form, ...]
    known: dict[tuple[object, ...], tuple[str, ...] | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A resource and circumstances: with a caller, a request."""

    resource: str
    model: Model


class StatementSolver:
    """Finds requests of one class of callers at one kind of place."""

    def __init__(self, solver: ConditionSolver, place: ResourceDomain, budget: Budget) -> None:
        self.solver = solver
        self.place = place
        self.budget = budget

    def find(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
    ) -> Counterexample | None:
        """A request on `pattern`, inside all of some statements and outside all of others.

        Exact: None means that there is none. Raises UndecidedError where nothing can be said.
        """
        found = self._find(pattern, inside, outside, doubts=False)
        if found is not None:
            return found
        if not any(compiled.tests for compiled in (*inside, *outside)):
            return None
        found = self._find(pattern, inside, outside, doubts=True)
        if found is not None:
            raise UndecidedError(found.model.doubt)
        return None

    def _find(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
        *,
        doubts: bool,
    ) -> Counterexample | None:
        holding = tuple(dict.fromkeys(test for compiled in inside for test in compiled.tests))
        hard = [compiled for compiled in outside if not compiled.tests]
        if self.resource(pattern, inside, hard) is None:
            return None
        soft = [compiled for compiled in outside if compiled.tests]
        for escaped in self.maximal_satisfiable_subsets(holding, soft, doubts=doubts):
            rest = [compiled for compiled in outside if compiled not in escaped]
            resource = self.resource(pattern, inside, rest)
            if resource is None:
                continue
            clauses = [compiled.tests for compiled in escaped]
            model = self.solver.solve(holding, clauses, doubts=doubts)
            if model is not None:
                return Counterexample(self._concretise(resource, model), model)
        return None

    def _concretise(self, resource: Sequence[str], model: Model) -> str:
        context = {**self.solver.fixed, **model.context}
        values = {key: each[0] for key, each in context.items() if len(each) == 1}
        return concretise(resource, values)

    def maximal_satisfiable_subsets(
        self, holding: Clause, soft: Sequence[CompiledStatement], *, doubts: bool
    ) -> Iterator[list[CompiledStatement]]:
        """The largest sets of statements whose conditions can all fail while `holding` hold."""
        seen: set[frozenset[int]] = set()
        waiting = [list(soft)]
        while waiting:
            statements = waiting.pop()
            key = frozenset(map(id, statements))
            if key in seen:
                continue
            seen.add(key)
            self.budget.spend(1 + len(statements))
            clauses = [compiled.tests for compiled in statements]
            if self.solver.solve(holding, clauses, doubts=doubts) is not None:
                yield statements
                continue
            waiting.extend(
                [compiled for compiled in statements if compiled is not conflicting]
                for conflicting in self.unsat_core(holding, statements, doubts=doubts)
            )

    def unsat_core(
        self, holding: Clause, statements: Sequence[CompiledStatement], *, doubts: bool
    ) -> list[CompiledStatement]:
        """A smallest set of statements whose conditions cannot all fail: one of it must stay."""
        needed = list(statements)
        for compiled in statements:
            fewer = [each for each in needed if each is not compiled]
            clauses = [each.tests for each in fewer]
            if self.solver.solve(holding, clauses, doubts=doubts) is None:
                needed = fewer
        return needed

    def resource(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
    ) -> tuple[str, ...] | None:
        """Symbols of a resource that matches `pattern`, as all of `inside` and none of `outside`.

        A statement with NotResource is left by matching one of its patterns.
        """
        self.budget.spend()
        key = (pattern, tuple(map(id, inside)), frozenset(map(id, outside)))
        if key not in self.place.known:
            try:
                self.place.known[key] = self._resource(pattern, inside, outside)
            except UndecidedError as error:
                self.place.known[key] = str(error)
        answer = self.place.known[key]
        if isinstance(answer, str):
            raise UndecidedError(answer)
        return answer

    def _resource(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
    ) -> tuple[str, ...] | None:
        musts: list[Sequence[Tokens]] = [[pattern]]
        nots: list[Tokens] = []
        for compiled in inside:
            nots.extend(compiled.outside)
            if pattern not in compiled.inside and compiled.inside != _EVERYTHING:
                musts.append(compiled.inside)
        for compiled in outside:
            if compiled.outside:
                musts.append(compiled.outside)
            else:
                nots.extend(compiled.inside)
        return find(musts, list(dict.fromkeys(nots)), self.budget, self.place.forms)
