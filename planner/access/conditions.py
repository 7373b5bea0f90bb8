"""Conditions as IAM decides them, one operator at a time.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html

An answer is True, False, or None where nothing can be said: an operator that does not exist,
a value of the wrong type, several values of a key without ForAllValues or ForAnyValue.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from planner.access.variables import (
    Context,
    arn_tokens,
    glob_tokens,
    ignoring_case,
    plain_tokens,
    resolve,
    single_value,
    variables_in,
)
from planner.automata.automaton import Language, Tokens
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
    """A canonical condition; `variables` tells whether `${` begins a variable.

    `malformed` says why nothing can be said of it, and is empty where something can.
    """

    condition: Condition
    variables: bool
    malformed: str = field(compare=False)

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


@lru_cache(maxsize=4096)
def parse_test(condition: Condition, *, variables: bool) -> Test:
    """The condition as the engine looks at it."""
    canonical = canonical_condition(condition)
    faults = (canonical.operator.malformed, *(each.malformed for each in canonical.values))
    return Test(canonical, variables, next(filter(None, faults), ""))


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
    matched = _any(_matches(test, each, value, context) for each in test.values)
    return _not(matched) if test.row.negated else matched


def _matches(test: Test, expected: ConditionValue, value: str, context: Context) -> Answer:
    if not test.is_textual:
        return compare(test.row, value, expected)
    if expected.malformed:
        return None
    tokens = text_tokens(test, expected.text)
    if variables_in(tokens):
        resolved = resolve(tokens, single_value(context))
        if resolved is None:
            return False
        tokens = ignoring_case(resolved) if test.row.ignores_case else resolved
    return Language((tokens,)).accepts(value)


def text_tokens(test: Test, expected: str) -> Tokens:
    """What a value of a textual operator that is well formed matches, its variables unresolved."""
    variables = test.variables and test.row.variables
    if test.row.value_type == "Arn":
        return arn_tokens(expected, variables=variables)
    if test.row.wildcards:
        return glob_tokens(expected, variables=variables)
    tokens = plain_tokens(expected, variables=variables)
    return ignoring_case(tokens) if test.row.ignores_case else tokens


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
