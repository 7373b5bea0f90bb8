"""Statements as boxes, and whether a request is inside of some and outside of others.

A statement is a box: callers, actions, resources and conditions. For one class of callers and
one action only the resources and the conditions are left, and of those the search here finds
a resource and circumstances, or proves that there are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from planner.access.circumstances import Circumstances, Group, Solver
from planner.access.conditions import Test, parse_test
from planner.access.doubtful import Unclear, parts
from planner.access.shapes import exactly, repositories
from planner.access.texts import Form, UndecidedError, find, written
from planner.access.universe import Asked
from planner.access.variables import glob_tokens, has_variables
from planner.automata.automaton import Budget, Tokens
from planner.policy.document import Policy, Statement, parse_condition
from planner.policy.resource import repository_prefix
from planner.registry import Registry

_EVERYTHING = (glob_tokens("*", variables=False),)


@dataclass(frozen=True, slots=True)
class Box:
    """One statement, or the part of it that is sure or that is unclear.

    `index` is its place in the policy, `statement` its canonical form without what is
    malformed. `inside` are the patterns of its Resource, `outside` those of its NotResource.
    """

    index: int
    statement: Statement
    inside: tuple[Tokens, ...]
    outside: tuple[Tokens, ...]
    tests: Group
    unclear: tuple[Unclear, ...] = ()


def boxes_of(policy: Policy | None) -> list[Box]:
    """The statements of a policy whose statements are canonical."""
    if policy is None:
        return []
    variables = has_variables(policy)
    found: list[Box] = []
    for index, whole in enumerate(policy.statements):
        for statement, unclear in parts(whole):
            resource = statement.resource
            values = resource.texts if resource else ("*",)
            patterns = tuple(glob_tokens(each, variables=variables) for each in values)
            negated = resource is not None and resource.negated
            tests = tuple(parse_test(each, variables=variables) for each in statement.conditions)
            inside, outside = (_EVERYTHING, patterns) if negated else (patterns, ())
            tests = (*map(_unclear, unclear), *tests)
            found.append(Box(index, statement, inside, outside, tests, unclear))
    return found


def _unclear(found: Unclear) -> Test:
    """A condition of which nothing can be said but what is unclear, and of no key."""
    return Test(parse_condition(found.element, "", found.texts), False, found.reason)  # noqa: FBT003 (a value)


def place_of(asked: Asked, registry: Registry | None, example: Registry) -> tuple[Form, ...]:
    """Which resources an action may be asked for, in the last form; the others are preferred.

    With a registry they are its repositories, or `*` for an action that works on none.
    Without one nothing is assumed.
    """
    everything = _EVERYTHING[0]
    if asked.resources == "none":
        return (exactly("*"),) if registry else (exactly("*"), everything)
    if asked.resources == "repository" and registry:
        within = glob_tokens(f"{repository_prefix(registry)}*", variables=False)
        return (repositories(registry), within)
    return (repositories(example), exactly("*"), everything)


@dataclass(frozen=True, slots=True)
class Place:
    """The forms that a resource may have, and the resources that were found so far."""

    forms: tuple[Form, ...]
    known: dict[tuple[object, ...], tuple[str, ...] | str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A resource and circumstances: with a caller, a request."""

    resource: str
    circumstances: Circumstances


class BoxSearch:
    """Finds requests of one class of callers at one kind of place."""

    def __init__(self, solver: Solver, place: Place, budget: Budget) -> None:
        self.solver = solver
        self.place = place
        self.budget = budget

    def find(self, pattern: Tokens, inside: Sequence[Box], outside: Sequence[Box]) -> Found | None:
        """A request on `pattern`, inside all of some boxes and outside all of others.

        Exact: None means that there is none. Raises UndecidedError where nothing can be said.
        """
        found = self._find(pattern, inside, outside, doubts=False)
        if found is not None:
            return found
        if not any(box.tests for box in (*inside, *outside)):
            return None
        found = self._find(pattern, inside, outside, doubts=True)
        if found is not None:
            raise UndecidedError(found.circumstances.doubt)
        return None

    def _find(
        self, pattern: Tokens, inside: Sequence[Box], outside: Sequence[Box], *, doubts: bool
    ) -> Found | None:
        holding = tuple(dict.fromkeys(test for box in inside for test in box.tests))
        hard = [box for box in outside if not box.tests]
        if self.resource(pattern, inside, hard) is None:
            return None
        soft = [box for box in outside if box.tests]
        for escaped in self.escapable(holding, soft, doubts=doubts):
            rest = [box for box in outside if box not in escaped]
            resource = self.resource(pattern, inside, rest)
            if resource is None:
                continue
            groups = [box.tests for box in escaped]
            circumstances = self.solver.solve(holding, groups, doubts=doubts)
            if circumstances is not None:
                return Found(self._written(resource, circumstances), circumstances)
        return None

    def _written(self, resource: Sequence[str], circumstances: Circumstances) -> str:
        context = {**self.solver.fixed, **circumstances.context}
        values = {key: each[0] for key, each in context.items() if len(each) == 1}
        return written(resource, values)

    def escapable(
        self, holding: Group, soft: Sequence[Box], *, doubts: bool
    ) -> Iterator[list[Box]]:
        """The largest sets of boxes whose conditions can all fail while `holding` hold."""
        seen: set[frozenset[int]] = set()
        waiting = [list(soft)]
        while waiting:
            boxes = waiting.pop()
            key = frozenset(map(id, boxes))
            if key in seen:
                continue
            seen.add(key)
            self.budget.spend(1 + len(boxes))
            groups = [box.tests for box in boxes]
            if self.solver.solve(holding, groups, doubts=doubts) is not None:
                yield boxes
                continue
            waiting.extend(
                [box for box in boxes if box is not conflicting]
                for conflicting in self.core(holding, boxes, doubts=doubts)
            )

    def core(self, holding: Group, boxes: Sequence[Box], *, doubts: bool) -> list[Box]:
        """A smallest set of boxes whose conditions cannot all fail: one of it must stay."""
        needed = list(boxes)
        for box in boxes:
            fewer = [each for each in needed if each is not box]
            groups = [each.tests for each in fewer]
            if self.solver.solve(holding, groups, doubts=doubts) is None:
                needed = fewer
        return needed

    def resource(
        self, pattern: Tokens, inside: Sequence[Box], outside: Sequence[Box]
    ) -> tuple[str, ...] | None:
        """Symbols of a resource that matches `pattern`, as all of `inside` and none of `outside`.

        A box of a NotResource is left by matching one of its patterns.
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
        self, pattern: Tokens, inside: Sequence[Box], outside: Sequence[Box]
    ) -> tuple[str, ...] | None:
        musts: list[Sequence[Tokens]] = [[pattern]]
        nots: list[Tokens] = []
        for box in inside:
            nots.extend(box.outside)
            if pattern not in box.inside and box.inside != _EVERYTHING:
                musts.append(box.inside)
        for box in outside:
            if box.outside:
                musts.append(box.outside)
            else:
                nots.extend(box.inside)
        return find(musts, list(dict.fromkeys(nots)), self.budget, self.place.forms)
