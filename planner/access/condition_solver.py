"""Finding circumstances of a call: a caller and a context that meet some conditions.

Given are conditions that must all hold, and clauses of conditions of each of which at least
one must fail. Keys are independent of each other, but for those that follow from the caller:
`aws:PrincipalArn` and `aws:PrincipalAccount` of a class of callers are read off its ARN, which
is looked for like any other text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.access.conditions import Test, holds, parse_test
from planner.access.key_solver import (
    Literal,
    Values,
    has_variables,
    patterns_of,
    solve_key,
)
from planner.access.principal_classes import PrincipalClass
from planner.access.request import Caller, caller_of, derived_context
from planner.access.shapes import callers, services
from planner.access.texts import UndecidedError, concretise, find
from planner.access.variables import Context, glob_tokens
from planner.automata.automaton import Budget, Shape, Token, Tokens, Wild
from planner.policy.document import parse_condition
from planner.policy.keys import KEYS
from planner.policy.principal import WEB_IDENTITY, principal_named

_ARN = "aws:principalarn"
_UNKNOWN_ID = ("user", "role", "session")
_IN_FIELD = {Wild.MANY: Wild.MANY_IN_FIELD, Wild.ONE: Wild.ONE_IN_FIELD}

Clause = tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A context, and a caller where any other of the class would not do.

    `doubt` names a condition of which nothing can be said.
    """

    caller: Caller | None
    context: Context
    doubt: str = ""


_SELF = "the caller"
_Trail = dict[str, tuple[Literal, ...]]
"""What is wanted of each key; of those that are read off the caller's name, under _SELF."""


def is_of_the_caller(test: Test) -> bool:
    """Whether the condition looks at who calls."""
    return test.about.of_caller or test.about.of_account


class ConditionSolver:
    """Solves clauses of conditions for one class of callers."""

    def __init__(self, principals: PrincipalClass, budget: Budget) -> None:
        self.principals = principals
        self.budget = budget
        self.fixed = derived_context(principals.caller)
        self.of_self = tuple(
            each.folded for each in KEYS if each.of_caller and self.is_of_self(each.folded)
        )
        self.known: dict[frozenset[Literal], bool | str] = {}
        self.answers: dict[object, Model | str | None] = {}
        self.undecided = ""

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
        """Model in which all of `holding` hold and of each group one fails, or None.

        Without `doubts` the answer never rests on a condition of which nothing can be said.
        Raises UndecidedError where it cannot be said whether there are any.
        """
        self.undecided = ""
        self.budget.spend(8 + 4 * len(clauses))
        trail: _Trail = {}
        for test in holding:
            constant = self.constant(test)
            if constant is False or (test.malformed and not doubts):
                return None
            if constant is None:
                trail = self.with_one(trail, test, want=True)
        found = None
        if all(map(self.is_possible, trail.values())):
            found = self.descend(trail, sorted(set(clauses), key=len), doubts=doubts)
        if found is None and self.undecided:
            raise UndecidedError(self.undecided)
        return None if found is None else self.model(found)

    def with_one(self, trail: _Trail, test: Test, *, want: bool) -> _Trail:
        """The trail with one more wish."""
        place = self.place(test)
        first: tuple[Literal, ...] = ()
        if test.key == _ARN and self.principals.roles:
            is_a_role = parse_condition("StringLike", _ARN, self.principals.roles)
            first = ((parse_test(is_a_role, variables=False), True),)
        return {**trail, place: (*trail.get(place, first), (test, want))}

    def place(self, test: Test) -> str:
        """Where the trail keeps the wishes that depend on each other."""
        return _SELF if test.key in self.of_self else test.key

    def descend(self, trail: _Trail, clauses: Sequence[Clause], *, doubts: bool) -> _Trail | None:
        """Extends the trail by one failing condition of each group."""
        self.budget.spend()
        if not clauses:
            return trail
        group, *rest = clauses
        if any((test, False) in trail.get(self.place(test), ()) for test in group):
            return self.descend(trail, rest, doubts=doubts)
        for test in sorted(group, key=_is_opaque):
            constant = self.constant(test)
            if constant is False:
                return self.descend(trail, rest, doubts=doubts)
            if constant or (test.malformed and not doubts):
                continue
            further = self.with_one(trail, test, want=False)
            if not self.is_possible(further[self.place(test)]):
                continue
            found = self.descend(further, rest, doubts=doubts)
            if found is not None:
                return found
        return None

    def constant(self, test: Test) -> bool | None:
        """Whether the condition holds for every caller of the class; None if it depends."""
        if test.malformed or has_variables(test):
            return None
        if test.about.of_account and not self.principals.caller.account:
            return holds(test, {})
        if not test.about.of_caller or self.is_free(test.key):
            return None
        return holds(test, self.fixed)

    def is_free(self, key: str) -> bool:
        """Whether callers of the class differ in this key, or it is not known."""
        kind = self.principals.caller.kind
        if key == "aws:userid":
            return kind in _UNKNOWN_ID or (self.principals.is_any and not self.principals.account)
        if not self.principals.is_any:
            return key == _ARN and bool(self.principals.roles)
        if key == "aws:principalaccount":
            return not self.principals.account and bool(self.principals.caller.account)
        return key in self.fixed and key not in ("aws:principaltype", "aws:principalisawsservice")

    def is_of_self(self, key: str) -> bool:
        """Whether the key is read off the name of a caller who is looked for."""
        caller = self.principals.caller
        named = bool(caller.account) or caller.kind == "service"
        return named and self.principals.is_any and key != "aws:userid" and self.is_free(key)

    def is_possible(self, wanted: tuple[Literal, ...]) -> bool:
        """Whether there is a value of one key, or a caller, as it is wanted."""
        case = frozenset(wanted)
        if case not in self.known:
            try:
                self.known[case] = self._is_possible(wanted)
            except UndecidedError as error:
                self.known[case] = str(error)
        answer = self.known[case]
        if isinstance(answer, str):
            self.undecided = answer
            return False
        return answer

    def _is_possible(self, wanted: tuple[Literal, ...]) -> bool:
        self.budget.spend(8 * len(wanted))
        sure = _without_doubts(wanted)
        if not sure:
            return sure is not None
        if sure[0][0].key in self.of_self:
            return self.caller(sure, {}) is not None
        return solve_key(sure, self.budget, {}) is not None

    def model(self, trail: _Trail) -> Model:
        """The caller and the context that a trail whose every place is possible asks for."""
        caller: Caller | None = None
        values: dict[str, str] = {}
        found: dict[str, Values] = {}
        doubts: list[Test] = []
        for place in sorted(trail):
            sure = _without_doubts(trail[place]) or ()
            doubts.extend(test for test, _ in trail[place] if test.malformed)
            if place == _SELF and sure:
                caller = self.caller(sure, values)
            elif sure:
                found[place] = solve_key(sure, self.budget, values) or ()
        for key, value in values.items():
            found.setdefault(key, (value,))
        context = {key: each for key, each in found.items() if each}
        return Model(caller, context, _doubt(doubts[0]) if doubts else "")

    def caller(self, wanted: Sequence[Literal], values: dict[str, str]) -> Caller | None:
        """A caller of the class whose ARN, account and name are as they are wanted."""
        musts: list[Sequence[Tokens]] = []
        nots = list(map(_glob, self.excluded()))
        for test, want in wanted:
            if not test.is_textual:
                raise UndecidedError(f"{test.row.name} compares {test.key}, which is a text")
            patterns = [self.embedded(test, each) for each in patterns_of(test)]
            (musts.append(patterns) if want != test.row.negated else nots.extend(patterns))
        paths = not any(test.key == "aws:username" for test, _ in wanted)
        found = find(musts, nots, self.budget, [self.shape(paths=paths)])
        if found is None and not paths:
            raise UndecidedError("users with a path are not looked at")
        if found is None:
            return None
        text = concretise(found, values)
        if self.principals.caller.kind == "service":
            return Caller("service", text)
        return caller_of(principal_named(text), self.principals.caller.partition)

    def embedded(self, test: Test, pattern: Tokens) -> Tokens:
        """A pattern of one key of the caller as a pattern of the caller's own name."""
        if test.key == "aws:principalaccount":
            inner = tuple(_in_field(each) for each in pattern)
            return (*_glob("arn:*:*::"), *inner, *_glob(":*"))
        if test.key == "aws:username":
            return (*_glob("arn:*:iam::*:user/"), *pattern)
        return pattern

    def shape(self, *, paths: bool) -> Shape:
        """What the names of the class look like."""
        caller = self.principals.caller
        if caller.kind == "service":
            return services()
        return callers(caller.partition, self.principals.account, caller.kind, paths=paths)

    def excluded(self) -> list[str]:
        """Patterns of the callers that are in other classes."""
        found = list(WEB_IDENTITY)
        for each in map(principal_named, self.principals.excluded):
            if each.kind == "account" and not each.partition:
                found.append(f"arn:*:*::{each.account}:*")
            elif each.kind == "role":
                prefix = f"arn:{each.partition}:iam::{each.account}:role/"
                found.extend((f"{prefix}{each.name}", f"{prefix}*/{each.name}"))
            else:
                found.append(each.text)
        return found


def _in_field(token: Token) -> Token:
    return _IN_FIELD.get(token, token) if isinstance(token, Wild) else token


def _glob(text: str) -> Tokens:
    return glob_tokens(text, variables=False)


def _without_doubts(wanted: Sequence[Literal]) -> tuple[Literal, ...] | None:
    """The wishes but for those of which nothing can be said; None if these contradict."""
    opaque = {test: want for test, want in wanted if test.malformed}
    if any(opaque.get(test, want) is not want for test, want in wanted):
        return None
    return tuple(each for each in wanted if each[0] not in opaque)


def _is_opaque(test: Test) -> bool:
    """Whether nothing can be said of the condition: such a one may hold and may fail."""
    return bool(test.malformed)


def _doubt(test: Test) -> str:
    if not test.key:
        return test.malformed
    shown = ", ".join(test.condition.texts)
    what = f"nothing can be said of the condition {test.operator} on {test.key} with {shown}"
    return f"{what}: {test.malformed}"
