"""Finding a model of some conditions: a caller and a context that meet them.

Given are conditions that must all hold, and clauses of conditions of each of which at least
one must fail. Keys are solved each by itself, but for those that depend on each other
(`coupled_keys`) or follow from the caller (`caller_solver`), and for variables, whose values
are tried (`assignments`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from planner.access.assignments import assignments, contradict
from planner.access.caller_solver import ARN, USER_ID, find_caller, keys_of_name
from planner.access.conditions import Test, holds, parse_test
from planner.access.coupled_keys import Coupled, group_of
from planner.access.key_domain import KeyDomain, domain_of
from planner.access.key_solver import Literal, Values
from planner.access.request import Caller, derived_context, registry_context
from planner.access.scene import Model, Scene
from planner.access.texts import UndecidedError, find
from planner.access.variables import glob_tokens
from planner.automata.automaton import ANYTHING, Budget
from planner.policy.document import parse_condition
from planner.policy.keys import parse_key

Clause = tuple[Test, ...]
_SELF = "the caller"
_RELATED = "${"
"""Where the trail keeps the wishes with variables."""
_RESOURCE_TAG = ("ecr:resourcetag/", "aws:resourcetag/")
_Trail = dict[str, tuple[Literal, ...]]
"""What is wanted of each group of keys that depend on each other."""


class ConditionSolver:
    """Solves clauses of conditions for one scene."""

    def __init__(self, scene: Scene, budget: Budget) -> None:
        self.scene = scene
        self.principals = scene.principals
        self.budget = budget
        self.of_self = keys_of_name(self.principals)
        self.fixed = self.fixed_context()
        self.constants = {key: each[0] for key, each in self.fixed.items() if len(each) == 1}
        self.known: dict[tuple[str, frozenset[Literal]], bool | str] = {}
        self.answers: dict[object, Model | str | None] = {}
        self.domains: dict[str, KeyDomain] = {}
        self.tests: dict[Test, Test] = {}
        self.undecided = ""

    def fixed_context(self) -> dict[str, Values]:
        """The keys that are the same in every request of the scene."""
        found = {**derived_context(self.principals.caller), **registry_context(self.scene.registry)}
        found |= self.principals.context
        free = set(self.of_self)
        if self.principals.roles:
            free.add(ARN)
        if self.principals.caller.kind in ("user", "role", "session"):
            free.add(USER_ID)
        return {key: each for key, each in found.items() if key not in free}

    def solve(
        self, holding: Sequence[Test], clauses: Sequence[Clause], *, doubts: bool
    ) -> Model | None:
        """As `find`, each question answered once."""
        key = (tuple(holding), frozenset(clauses), doubts)
        if key not in self.answers:
            try:
                self.answers[key] = self.find(holding, clauses, doubts=doubts)
            except UndecidedError as error:
                self.answers[key] = str(error)
        answer = self.answers[key]
        if isinstance(answer, str):
            raise UndecidedError(answer)
        return answer

    def find(
        self, holding: Sequence[Test], clauses: Sequence[Clause], *, doubts: bool
    ) -> Model | None:
        """A model in which all of `holding` hold and of each clause one fails, or None.

        Without `doubts` the answer never rests on a condition of which nothing can be said.
        Raises UndecidedError where it cannot be said whether there is any.
        """
        self.undecided = ""
        self.budget.spend(8 + 4 * len(clauses))
        trail: _Trail = {}
        required = self.scene.stranger.conditions if self.scene.stranger else ()
        for test in map(self.prepared, (*holding, *required)):
            constant = self.constant(test)
            if constant is False or (test.malformed and not doubts):
                return None
            if constant is None:
                trail = self.with_one(trail, test, want=True)
        prepared = {tuple(map(self.prepared, clause)) for clause in clauses}
        found = None
        if all(self.is_possible(*each) for each in trail.items()):
            found = self.descend(trail, sorted(prepared, key=len), doubts=doubts)
        if found is None and self.undecided:
            raise UndecidedError(self.undecided)
        return found

    def prepared(self, test: Test) -> Test:
        """The condition with what is known of the scene filled in, its key by its one name."""
        if test not in self.tests:
            lacking = (key for key in test.variables if key not in self.constants)
            missing = (key for key in lacking if not self.may_exist(key))
            found = test.bound({**self.constants, **dict.fromkeys(missing)})
            if any(self.name_of(key) == self.name_of(test.key) for key in found.variables):
                found = found.of_itself(self.name_of)
            name = self.name_of(test.key)
            if name != test.key:
                condition = replace(found.condition, key=parse_key(name))
                found = replace(found, condition=condition)
            self.tests[test] = found
        return self.tests[test]

    def may_exist(self, key: str) -> bool:
        """Whether a request of the scene may have the key."""
        return key in self.fixed or self.domain(self.name_of(key)).may_exist

    def name_of(self, key: str) -> str:
        """The name under which a key is solved: two names of one value are one."""
        if key.startswith(_RESOURCE_TAG[0]):
            return key.replace(*_RESOURCE_TAG, 1)
        if self.scene.is_own and key in ("aws:principalorgid", "aws:principalorgpaths"):
            return key.replace("principal", "resource")
        return key

    def with_one(self, trail: _Trail, test: Test, *, want: bool) -> _Trail:
        """The trail with one more wish."""
        group = self.group(test)
        first: tuple[Literal, ...] = ()
        if test.key == ARN and self.principals.roles:
            is_a_role = parse_condition("StringLike", ARN, self.principals.roles)
            first = ((parse_test(is_a_role, variables=False), True),)
        return {**trail, group: (*trail.get(group, first), (test, want))}

    def group(self, test: Test) -> str:
        """Where the trail keeps the wishes that depend on each other."""
        if test.variables:
            return _RELATED
        return _SELF if test.key in self.of_self else group_of(test.key)

    def descend(self, trail: _Trail, clauses: Sequence[Clause], *, doubts: bool) -> Model | None:
        """A model of the trail and one failing condition of each clause."""
        self.budget.spend()
        if not clauses:
            return self.leaf(trail)
        clause, *rest = clauses
        if any((test, False) in trail.get(self.group(test), ()) for test in clause):
            return self.descend(trail, rest, doubts=doubts)
        for test in sorted(clause, key=_is_opaque):
            constant = self.constant(test)
            if constant is False:
                return self.descend(trail, rest, doubts=doubts)
            if constant or (test.malformed and not doubts):
                continue
            further = self.with_one(trail, test, want=False)
            group = self.group(test)
            if not self.is_possible(group, further[group]):
                continue
            found = self.descend(further, rest, doubts=doubts)
            if found is not None:
                return found
        return None

    def constant(self, test: Test) -> bool | None:
        """Whether the condition holds in every request of the scene; None if it depends."""
        if test.malformed or not test.key:
            return None
        if test.key in self.fixed and not test.variables:
            return holds(test, self.fixed)
        domain = self.domain(test.key)
        return None if domain.may_exist or test.key in self.fixed else holds(test, {})

    def domain(self, key: str) -> KeyDomain:
        """The values that a key can have in the scene."""
        if key not in self.domains:
            self.domains[key] = self._domain(key)
        return self.domains[key]

    def _domain(self, key: str) -> KeyDomain:
        row = parse_key(key).row
        found = domain_of(row, self.principals.caller.kind, self.scene.action)
        if key in self.fixed:
            value = re.escape(self.fixed[key][0])
            return replace(found, expression=value, may_be_missing=False, may_exist=True)
        if key.startswith(_RESOURCE_TAG[1]) and not self.scene.has_resource:
            found = found.missing()
        if key == USER_ID and (expression := self.principals.user_id_expression):
            found = replace(found, expression=expression)
        nots = tuple(
            glob_tokens(each, variables=False) for each in self.principals.excluded_values(key)
        )
        found = replace(found, nots=nots)
        return self.scene.stranger.domain(key, found) if self.scene.stranger else found

    def is_possible(self, group: str, wanted: tuple[Literal, ...]) -> bool:
        """Whether there are values of the keys of one group, or a caller, as it is wanted."""
        case = (group, frozenset(wanted))
        if case not in self.known:
            try:
                self.known[case] = self._is_possible(group, wanted)
            except UndecidedError as error:
                self.known[case] = str(error)
        answer = self.known[case]
        if isinstance(answer, str):
            self.undecided = answer
            return False
        return answer

    def _is_possible(self, group: str, wanted: tuple[Literal, ...]) -> bool:
        self.budget.spend(8 * len(wanted))
        sure = _consistent(wanted)
        if not sure or group == _RELATED:
            return sure is not None
        if group == _SELF:
            return find_caller(self.principals, sure, self.budget) is not None
        return self.coupled(sure).solve(group) is not None

    def coupled(self, wanted: Iterable[Literal]) -> Coupled:
        """What is wanted, by its keys."""
        wishes: dict[str, list[Literal]] = {}
        for each in wanted:
            wishes.setdefault(each[0].key, []).append(each)
        return Coupled(wishes, self.domain, self.budget)

    def leaf(self, trail: _Trail) -> Model | None:
        """A model of a trail whose every group is possible by itself."""
        related = _consistent(trail.get(_RELATED, ())) or ()
        plain = {group: wanted for group, wanted in trail.items() if group != _RELATED}
        if not related:
            return self.model(plain)
        if not self.may_relate(plain, related):
            return None
        for values in assignments(self, plain, related):
            self.budget.spend(4)
            found = self.with_values(plain, related, values)
            if found is not None:
                return found
        self.undecided = "it depends on the values of policy variables"
        return None

    def may_relate(self, plain: _Trail, related: Sequence[Literal]) -> bool:
        """Whether there may be values as wanted. False is sure: whatever the variables are, what
        must match is among what must not.
        """
        if contradict(related):
            return False
        for key in {test.key for test, _ in related}:
            literals = [*(each for wanted in plain.values() for each in wanted), *related]
            own = [each for each in literals if each[0].key == key and not each[0].malformed]
            if any(test.operator.set_prefix for test, _ in own):
                continue
            is_missing = all(bool(test.condition.holds_without_key) is want for test, want in own)
            if is_missing and self.domain(key).may_be_missing:
                continue
            texts = [(test, want != test.row.negated) for test, want in own if test.is_textual]
            nots = [each for test, want in texts if not want for each in test.patterns]
            for test, want in texts:
                if want and find([test.patterns], nots, self.budget, (ANYTHING,)) is None:
                    return False
        return True

    def with_values(
        self, plain: _Trail, related: Sequence[Literal], values: Mapping[str, str | None]
    ) -> Model | None:
        """A model in which the variables have these values; None is a missing key."""
        trail = plain
        for key, value in values.items():
            test = equals(self.name_of(key), value)
            constant = self.constant(test)
            if constant is False:
                return None
            if constant is None:
                trail = self.with_one(trail, test, want=True)
        for test, want in related:
            known = test.bound(values)
            constant = self.constant(known)
            if constant is None:
                trail = self.with_one(trail, known, want=want)
            elif constant is not want:
                return None
        before = self.undecided
        if not all(self.is_possible(*each) for each in trail.items()):
            self.undecided = before
            return None
        return self.model(trail)

    def value_of(
        self, trail: Mapping[str, Sequence[Literal]], key: str, *, present: bool
    ) -> str | None:
        """A value that one key can have as the trail wants it, None where it is missing."""
        if key in self.fixed:
            return self.constants.get(key)
        there = is_there(key)
        group = self.group(there)
        wanted = [*trail.get(group, ()), *([(there, True)] if present else [])]
        sure = _consistent(wanted) or ()
        try:
            if group == _SELF:
                caller = find_caller(self.principals, sure, self.budget)
                found = derived_context(caller) if caller else {}
            else:
                found = self.coupled(sure).solve(group) or {}
        except UndecidedError:
            return None
        return next(iter(found.get(key, ())), None)

    def likely(self, holding: Iterable[Test], key: str, *, doubts: bool) -> Iterator[str]:
        """Values that a key may have where some conditions hold, the likely one first."""
        trail: dict[str, list[Literal]] = {}
        for test in map(self.prepared, holding):
            if self.constant(test) is None and (doubts or not test.malformed):
                trail.setdefault(self.group(test), []).append((test, True))
        name = self.name_of(key)
        for wanted in (trail, {}):
            value = self.value_of(wanted, name, present=True)
            if value is not None:
                yield value
        tests = [test for wanted in trail.values() for test, _ in wanted]
        for test in tests:
            if test.key == name:
                yield from (each.text for each in test.values)
            if key in test.variables and (value := self.value_of(trail, test.key, present=True)):
                yield value

    def model(self, trail: _Trail) -> Model | None:
        """The caller and the context that a trail without variables asks for."""
        caller: Caller | None = None
        found: dict[str, Values] = {}
        doubts: list[Test] = []
        for group, wanted in sorted(trail.items()):
            sure = _consistent(wanted) or ()
            doubts.extend(test for test, _ in wanted if test.malformed)
            if group == _SELF and sure:
                caller = find_caller(self.principals, sure, self.budget)
            elif sure:
                found |= self.coupled(sure).solve(group) or {}
        context = {key: each for key, each in found.items() if each}
        return Model(caller, self.by_all_names(context), doubt_text(doubts[0]) if doubts else "")

    def by_all_names(self, context: dict[str, Values]) -> dict[str, Values]:
        """The context with each value under every name that a key has."""
        more: dict[str, Values] = {}
        for key, values in context.items():
            if key.startswith(_RESOURCE_TAG[1]):
                more[key.replace(_RESOURCE_TAG[1], _RESOURCE_TAG[0], 1)] = values
            if self.scene.is_own and key in ("aws:resourceorgid", "aws:resourceorgpaths"):
                more[key.replace("resource", "principal")] = values
        return {**context, **more}


def is_there(key: str) -> Test:
    """The condition that a request has a key."""
    return parse_test(parse_condition("Null", key, ("false",)), variables=False)


def equals(key: str, value: str | None) -> Test:
    """The condition that a key has a value, or is missing."""
    if value is None:
        return parse_test(parse_condition("Null", key, ("true",)), variables=False)
    return parse_test(parse_condition("StringEquals", key, (value,)), variables=False)


def _consistent(wanted: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """The wishes but for those of which nothing can be said; None if any contradict."""
    signs: dict[Test, bool] = {}
    for test, want in wanted:
        if signs.setdefault(test, want) is not want:
            return None
    return tuple(each for each in wanted if not each[0].malformed)


def _is_opaque(test: Test) -> bool:
    """Whether nothing can be said of the condition: such a one may hold and may fail."""
    return bool(test.malformed)


def doubt_text(test: Test) -> str:
    """Why nothing can be said of a condition."""
    if not test.key:
        return test.malformed
    shown = ", ".join(test.condition.texts)
    condition = test.condition
    what = f"nothing can be said of the condition {condition.operator.spelled} on "
    return f"{what}{condition.key.spelled} with {shown}: {test.malformed}"
