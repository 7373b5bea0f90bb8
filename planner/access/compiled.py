"""Statements compiled: patterns as tokens, conditions as tests, what is unclear set apart.

A statement is a set of requests: callers, actions, resources and conditions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from planner.access.conditions import Test, parse_test
from planner.access.doubtful import Unclear, parts
from planner.access.variables import glob_tokens, has_variables, variables_in
from planner.automata.automaton import Tokens
from planner.automata.pattern import may_intersect
from planner.policy.document import Policy, Statement, parse_condition

_LEFT_OPEN = "NotPrincipal names the caller or its account, and not both"
EVERYTHING = (glob_tokens("*", variables=False),)


@dataclass(frozen=True)
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
    tests: tuple[Test, ...]
    unclear: tuple[Unclear, ...] = ()
    is_open: bool = False

    @cached_property
    def variables(self) -> frozenset[str]:
        """The condition keys whose values stand in its resources."""
        return frozenset(
            key for each in (*self.inside, *self.outside) for key in variables_in(each)
        )

    @cached_property
    def keys(self) -> frozenset[str]:
        """The condition keys that it looks at, in lower case."""
        found = {test.key for test in self.tests}
        return self.variables.union(found, *(test.variables for test in self.tests))

    def may_meet(self, pattern: Tokens) -> bool:
        """False where no resource that matches a pattern is one of the statement's."""
        return bool(self.outside) or any(may_intersect(pattern, each) for each in self.inside)


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
            inside, outside = (EVERYTHING, patterns) if negated else (patterns, ())
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
    return Test(parse_condition(found.element, "", found.texts), (), found.reason)
