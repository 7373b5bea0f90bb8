"""Conditions as IAM decides them, one operator at a time.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html

An answer is True, False, or None where nothing can be said: an operator that does not exist,
a value of the wrong type, several values of a key without ForAllValues or ForAnyValue.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from planner.access.variables import (
    Context,
    arn_tokens,
    bound,
    glob_tokens,
    ignoring_case,
    plain_tokens,
    resolve,
    single_value,
    variable_of,
    variables_in,
)
from planner.automata.automaton import ANYTHING, Language, Tokens, Wild
from planner.policy.canonical import canonical_condition
from planner.policy.document import Condition
from planner.policy.keys import Key
from planner.policy.operators import ConditionOperator, Operator, Relation
from planner.policy.values import ConditionValue, parse_address, parse_value

_ORDER: dict[Relation, Callable[[Decimal, Decimal], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TEXTUAL = ("String", "Arn", "Bool", "Binary")

Answer = bool | None
"""Yes, no, or nothing can be said."""


@dataclass(frozen=True, slots=True)
class Test:
    """A canonical condition, and what it is compared with.

    `patterns` are what its well-formed values match, where it compares texts, and `variables`
    the condition keys whose values stand in them. `malformed` says why nothing can be said of
    it, and is empty where something can.
    """

    condition: Condition
    patterns: tuple[Tokens, ...]
    malformed: str = field(compare=False)
    variables: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def operator(self) -> ConditionOperator:
        """The operator, with its set prefix and IfExists."""
        return self.condition.operator

    @property
    def row(self) -> Operator:
        """The operator by itself."""
        return self.condition.operator.row

    @property
    def key(self) -> str:
        """The key in lower case."""
        return self.condition.key.folded

    @property
    def about(self) -> Key:
        """What is known of the key."""
        return self.condition.key.row

    @property
    def values(self) -> tuple[ConditionValue, ...]:
        """The values."""
        return self.condition.values

    @property
    def is_textual(self) -> bool:
        """Whether the values that it matches are a language of texts."""
        return self.row.value_type in _TEXTUAL and not self.operator.is_null

    def bound(self, values: Mapping[str, str | None]) -> Test:
        """The condition with the values of some variables filled in; None is a missing key.

        A pattern whose variable has neither a value nor a default matches nothing.
        """
        if not self.variables & values.keys():
            return self
        filled = (bound(each, values) for each in self.patterns)
        patterns = [each for each in filled if each is not None]
        if self.row.ignores_case:
            patterns = list(map(ignoring_case, patterns))
        left = self.variables - values.keys()
        return Test(self.condition, tuple(patterns), self.malformed, left)

    def of_itself(self, name_of: Callable[[str], str]) -> Test:
        """The condition with the variable that is its own key: that one value is any value.

        With other characters around it, no value is equal to it.
        """
        own = name_of(self.key)

        def without(pattern: Tokens) -> Tokens | None:
            keys = [name_of(found[0]) if (found := variable_of(each)) else "" for each in pattern]
            if own not in keys:
                return pattern
            rest = [each for each, key in zip(pattern, keys, strict=True) if key != own]
            return ANYTHING if all(each is Wild.MANY for each in rest) else None

        patterns = [each for each in map(without, self.patterns) if each is not None]
        variables = frozenset(key for each in patterns for key in variables_in(each))
        return Test(self.condition, tuple(patterns), self.malformed, variables)


@lru_cache(maxsize=4096)
def parse_test(condition: Condition, *, variables: bool) -> Test:
    """The condition as the engine looks at it; with `variables` its `${...}` are filled."""
    canonical = canonical_condition(condition)
    operator, values = canonical.operator, canonical.values
    faults = (operator.malformed, *(each.malformed for each in values))
    patterns: tuple[Tokens, ...] = ()
    if operator.row.value_type in _TEXTUAL and not operator.is_null and not operator.malformed:
        fills = variables and operator.row.variables
        well_formed = (each.text for each in values if not each.malformed)
        patterns = tuple(_tokens(operator.row, each, variables=fills) for each in well_formed)
    keys = frozenset(key for each in patterns for key in variables_in(each))
    return Test(canonical, patterns, next(filter(None, faults), ""), keys)


def _tokens(row: Operator, expected: str, *, variables: bool) -> Tokens:
    """What a value of a textual operator that is well formed matches, its variables unfilled."""
    if row.value_type == "Arn":
        return arn_tokens(expected, variables=variables)
    if row.wildcards:
        return glob_tokens(expected, variables=variables)
    tokens = plain_tokens(expected, variables=variables)
    return ignoring_case(tokens) if row.ignores_case else tokens


def holds(test: Test, context: Context) -> Answer:
    """Whether the condition holds in a context."""
    found = context.get(test.key, ())
    if test.operator.malformed:
        return None
    if not found:
        return test.condition.holds_without_key
    if test.operator.is_null:
        return _any(_not(each.boolean) for each in test.values)
    if not test.operator.set_prefix and len(found) > 1:
        return None
    answers = [holds_for(test, value, context) for value in found]
    if test.operator.set_prefix != "ForAnyValue":
        return _not(_any(map(_not, answers)))
    return _any(answers)


def holds_for(test: Test, value: str, context: Context) -> Answer:
    """Whether the condition holds for one value of its key."""
    matched = _any(_matches(test, value, context))
    return _not(matched) if test.row.negated else matched


def _matches(test: Test, value: str, context: Context) -> Iterator[Answer]:
    """Whether the value matches each of the test's values."""
    if not test.is_textual:
        yield from (compare(test.row, value, each) for each in test.values)
        return
    for pattern in test.patterns:
        filled: Tokens | None = pattern
        if variables_in(pattern):
            filled = resolve(pattern, single_value(context))
            if filled is not None and test.row.ignores_case:
                filled = ignoring_case(filled)
        yield filled is not None and Language((filled,)).accepts(value)
    if any(each.malformed for each in test.values):
        yield None


def compare(row: Operator, value: str, expected: ConditionValue) -> Answer:
    """Whether a number, date or address of a request satisfies an operator."""
    if row.value_type == "IpAddress":
        address, network = parse_address(value), expected.network
        return None if address is None or network is None else address in network
    left, right = parse_value(row.value_type, value).number, expected.number
    return None if left is None or right is None else _ORDER[row.relation](left, right)


def _not(answer: Answer) -> Answer:
    return None if answer is None else not answer


def _any(answers: Iterable[Answer]) -> Answer:
    """True if any is; else None if any is; else False."""
    result: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result
