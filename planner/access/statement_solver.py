"""Whether a request is inside of some statements and outside of others.

For one class of callers and one action only the resources and the conditions are left, and of
those the search here finds a resource and a model, or proves that there are none.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.access.action_classes import ActionClass
from planner.access.assignments import value_inside
from planner.access.compiled import EVERYTHING, CompiledStatement
from planner.access.condition_solver import Clause, ConditionSolver, equals
from planner.access.scene import Model
from planner.access.shapes import literal, repositories
from planner.access.texts import Form, UndecidedError, find, loosened
from planner.access.variables import bound, glob_tokens, variables_in
from planner.automata.automaton import ANYTHING, Budget, Tokens
from planner.registry import Registry

_TRIED = 48
"""So many assignments of the variables of resources are tried."""
_EACH = 6
"""So many values of one variable."""


def resource_forms(
    asked: ActionClass, registry: Registry | None, example: Registry
) -> tuple[Form, ...]:
    """Which resources an action may be asked for, in the last form; the others are preferred.

    With a registry they are its repositories, or `*` for an action that works on none.
    Without one nothing is assumed, and a resource of the action's service is preferred.
    """
    everything = EVERYTHING[0]
    if asked.resources == "none":
        return (literal("*"),) if registry else (literal("*"), everything)
    if asked.resources == "repository" and registry:
        return (repositories(registry),)
    if asked.service == "ecr":
        return (repositories(example), literal("*"), everything)
    usual = f"arn:aws:{asked.service}:us-east-1:123456789012:?*"
    of_service = (usual, f"arn:*:{asked.service}:*:*:?*")
    return (*(glob_tokens(each, variables=False) for each in of_service), literal("*"), everything)


@dataclass(frozen=True, slots=True)
class ResourceDomain:
    """The forms that a resource may have, and the resources that were found so far."""

    forms: tuple[Form, ...]
    known: dict[tuple[object, ...], tuple[str, ...] | None] = field(default_factory=dict)
    bounds: dict[tuple[int, str], CompiledStatement] = field(default_factory=dict)

    def loosened(self, one: CompiledStatement) -> CompiledStatement:
        """The statement on all resources that it names for some values of its variables."""
        key = (id(one), "some")
        if key not in self.bounds:
            inside = tuple(map(loosened, one.inside))
            outside = tuple(each for each in one.outside if not variables_in(each))
            self.bounds[key] = replace(one, inside=inside, outside=outside)
        return self.bounds[key]

    def sure(self, one: CompiledStatement, *, names_all: bool) -> CompiledStatement:
        """The statement on what it names for all values of its variables: everything that is
        looked for, or what its patterns without variables name.
        """
        key = (id(one), "all" if names_all else "sure")
        if key not in self.bounds:
            sure = tuple(each for each in one.inside if not variables_in(each))
            inside = EVERYTHING if names_all else sure
            outside = tuple(map(loosened, one.outside))
            self.bounds[key] = replace(one, inside=inside, outside=outside)
        return self.bounds[key]


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A resource, and a model of the conditions: with an action, a request."""

    resource: str
    model: Model


_Values = Mapping[str, str | None]
_NO_VALUES: _Values = {}


class StatementSolver:
    """Finds requests of one class of callers at one kind of resource."""

    def __init__(self, solver: ConditionSolver, domain: ResourceDomain, budget: Budget) -> None:
        self.solver = solver
        self.domain = domain
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
        outside = [each for each in outside if each.may_meet(pattern)]
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
        absent, variables = self.variables_of(inside, outside)
        if not variables:
            return self.with_values(pattern, inside, outside, absent, doubts=doubts)
        undecided = ""
        for values in self.tried_values(pattern, inside, outside, variables, doubts=doubts):
            if values is None:
                if not self.may_differ(pattern, inside, outside, doubts=doubts):
                    return None
                continue
            chosen = {**absent, **values}
            try:
                found = self.with_values(pattern, inside, outside, chosen, doubts=doubts)
            except UndecidedError as error:
                undecided = str(error)
                continue
            if found is not None:
                return found
        raise UndecidedError(undecided or "it depends on the values of policy variables")

    def variables_of(
        self, inside: Sequence[CompiledStatement], outside: Sequence[CompiledStatement]
    ) -> tuple[_Values, tuple[str, ...]]:
        """The variables of the resources: those that nobody of the class has, and the others
        whose values are not known.
        """
        keys = frozenset[str]().union(*(each.variables for each in (*inside, *outside)))
        unknown = sorted(keys - self.solver.constants.keys())
        there = tuple(each for each in unknown if self.solver.may_exist(each))
        return {each: None for each in unknown if each not in there}, there

    def tried_values(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
        variables: Sequence[str],
        *,
        doubts: bool,
    ) -> Iterator[_Values | None]:
        """Values of the variables of the resources: as the conditions ask for them, and none.

        Then None once, and those that the resources themselves ask for.
        """
        holding = tuple(test for compiled in inside for test in compiled.tests)
        likely = [list(self.solver.likely(holding, key, doubts=doubts)) for key in variables]
        pools = [self.usable(key, each) for key, each in zip(variables, likely, strict=True)]
        tried = list(itertools.islice(itertools.product(*pools), _TRIED))
        yield from (dict(zip(variables, chosen, strict=True)) for chosen in tried)
        yield None
        texts = list(self.likely_texts(pattern, inside, outside))
        patterns = [
            (each, variables_in(each))
            for one in (*inside, *outside)
            for each in (*one.inside, *one.outside)
        ]
        named = [
            [
                value
                for each, keys in patterns
                for text in (texts if key in keys else ())
                if (value := value_inside(each, key, text))
            ]
            for key in variables
        ]
        more = [self.usable(key, each) for key, each in zip(variables, named, strict=True)]
        both = [list(dict.fromkeys((*m, *p))) for m, p in zip(more, pools, strict=True)]
        for chosen in itertools.islice(itertools.product(*both), _TRIED):
            if chosen not in tried:
                yield dict(zip(variables, chosen, strict=True))

    def usable(self, key: str, values: Iterable[str]) -> list[str | None]:
        """The first of some values that a key can have as a variable; None where it is missing."""
        domain = self.solver.domain(self.solver.name_of(key))
        texts = (each for each in dict.fromkeys(values) if not {"*", "?"} & set(each))
        found = list(itertools.islice(filter(domain.admits, texts), _EACH))
        return [*found, None] if domain.may_be_missing else list(found)

    def likely_texts(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
    ) -> Iterator[str]:
        """Resources that the patterns name when their variables may be anything."""
        loose = loosened(self.filled(pattern, _NO_VALUES) or ())
        musts = [tuple(map(loosened, one.inside)) for one in inside if one.inside != EVERYTHING]
        others = [each for one in outside for each in (*one.inside, *one.outside)]
        choices: list[list[Sequence[Tokens]]] = [[]]
        choices.extend([[each]] for each in map(loosened, others))
        choices.extend([each] for each in musts)
        for more in choices:
            symbols = find([[loose], *more], [], self.budget, self.domain.forms)
            if symbols is not None:
                yield "".join(symbols)
        whole = [*musts, [loose]]
        nots = [each for one in outside for each in one.inside if not variables_in(each)]
        symbols = find(whole, nots, self.budget, self.domain.forms)
        if symbols is not None:
            yield "".join(symbols)

    def may_differ(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
        *,
        doubts: bool,
    ) -> bool:
        """Whether there may be such a request, for some values of the variables.

        A statement that is to be left is left by its conditions alone where, whatever the variables
        are, it names all resources that are looked for; and else by what it surely names.
        """
        unions = [[pattern], *(one.inside for one in inside)]
        open_ = [
            self.domain.sure(one, names_all=self._names_all(one, unions)) if one.variables else one
            for one in outside
        ]
        anywhere = [self.domain.loosened(one) if one.variables else one for one in inside]
        try:
            loose = loosened(self.filled(pattern, _NO_VALUES) or ())
            found = self.with_values(loose, anywhere, open_, _NO_VALUES, doubts=doubts)
        except UndecidedError:
            return True
        return found is not None

    def _names_all(self, one: CompiledStatement, unions: Sequence[Sequence[Tokens]]) -> bool:
        """Whether a statement names all of one of some unions, whatever the variables are."""
        if one.outside:
            return False
        return any(find([each], one.inside, self.budget, (ANYTHING,)) is None for each in unions)

    def with_values(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
        values: _Values,
        *,
        doubts: bool,
    ) -> Counterexample | None:
        """As `find`, where the variables of resources have these values."""
        fixed = tuple(equals(self.solver.name_of(key), value) for key, value in values.items())
        holding = (*dict.fromkeys(test for one in inside for test in one.tests), *fixed)
        hard = [compiled for compiled in outside if not compiled.tests]
        if self.resource(pattern, inside, hard, values) is None:
            return None
        soft = [compiled for compiled in outside if compiled.tests]
        for escaped in self.maximal_satisfiable_subsets(holding, soft, doubts=doubts):
            rest = [compiled for compiled in outside if compiled not in escaped]
            resource = self.resource(pattern, inside, rest, values)
            if resource is None:
                continue
            clauses = [compiled.tests for compiled in escaped]
            model = self.solver.solve(holding, clauses, doubts=doubts)
            if model is not None:
                return Counterexample("".join(resource), model)
        return None

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
        values: _Values,
    ) -> tuple[str, ...] | None:
        """The characters of a resource that matches `pattern`, is in all of `inside` and in none
        of `outside`. A statement with NotResource is left by matching one of its patterns.
        """
        self.budget.spend()
        known = self.domain.known
        depends = bool(values) or any(one.variables for one in (*inside, *outside))
        filled = {**self.solver.constants, **values} if depends else {}
        key = (
            pattern,
            tuple(map(id, inside)),
            frozenset(map(id, outside)),
            tuple(sorted(filled.items(), key=str)),
        )
        if key not in known:
            known[key] = self._resource(pattern, inside, outside, values)
        return known[key]

    def _resource(
        self,
        pattern: Tokens,
        inside: Sequence[CompiledStatement],
        outside: Sequence[CompiledStatement],
        values: _Values,
    ) -> tuple[str, ...] | None:
        first = self.filled(pattern, values)
        if first is None:
            return None
        musts: list[Sequence[Tokens]] = [[first]]
        nots: list[Tokens] = []
        for compiled in inside:
            nots.extend(self.all_filled(compiled.outside, values))
            if pattern not in compiled.inside and compiled.inside != EVERYTHING:
                musts.append(self.all_filled(compiled.inside, values))
        for compiled in outside:
            if compiled.outside:
                musts.append(self.all_filled(compiled.outside, values))
            else:
                nots.extend(self.all_filled(compiled.inside, values))
        return find(musts, list(dict.fromkeys(nots)), self.budget, self.domain.forms)

    def filled(self, tokens: Tokens, values: _Values) -> Tokens | None:
        """The pattern with the values of its variables; None where it matches nothing."""
        return bound(tokens, {**self.solver.constants, **values})

    def all_filled(self, patterns: Iterable[Tokens], values: _Values) -> list[Tokens]:
        """The patterns that may match something, with the values of their variables."""
        filled = (self.filled(each, values) for each in patterns)
        return [each for each in filled if each is not None]
