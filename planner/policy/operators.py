"""IAM's condition operators: one table of them, and what one that is written in a policy says.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple

from planner.text import fold

ValueType = Literal["String", "Numeric", "Date", "Bool", "Binary", "IpAddress", "Arn"]
"""How an operator reads the values beside it."""

Relation = Literal["=", "<", "<=", ">", ">="]
"""How the value of a request stands to one of the policy."""

SetPrefix = Literal["", "ForAllValues", "ForAnyValue"]
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"""


class Operator(NamedTuple):
    """One row of the table: an operator without its set prefix and `IfExists`.

    `positive` is its twin without `Not`, its own name where it has none. `wildcards` tells
    whether `*` and `?` stand for others, and `variables` whether `${...}` is filled:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse
    """

    name: str
    value_type: ValueType
    positive: str
    relation: Relation = "="
    wildcards: bool = False
    ignores_case: bool = False

    @property
    def negated(self) -> bool:
        """Whether it holds where no value matches."""
        return self.name != self.positive

    @property
    def variables(self) -> bool:
        """Whether policy variables are filled: under String and Arn operators alone."""
        return self.value_type in ("String", "Arn")


def _twins(
    positive: str,
    negated: str,
    kind: ValueType,
    *,
    wildcards: bool = False,
    ignores_case: bool = False,
) -> tuple[Operator, ...]:
    row = Operator(positive, kind, positive, wildcards=wildcards, ignores_case=ignores_case)
    return row, row._replace(name=negated)


def _ordered(kind: Literal["Numeric", "Date"]) -> tuple[Operator, ...]:
    relations: dict[str, Relation] = {
        "LessThan": "<",
        "LessThanEquals": "<=",
        "GreaterThan": ">",
        "GreaterThanEquals": ">=",
    }
    return (
        *_twins(f"{kind}Equals", f"{kind}NotEquals", kind),
        *(Operator(kind + each, kind, kind + each, sign) for each, sign in relations.items()),
    )


OPERATORS = (
    *_twins("StringEquals", "StringNotEquals", "String"),
    *_twins("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "String", ignores_case=True),
    *_twins("StringLike", "StringNotLike", "String", wildcards=True),
    *_ordered("Numeric"),
    *_ordered("Date"),
    Operator("Bool", "Bool", "Bool", ignores_case=True),
    Operator("BinaryEquals", "Binary", "BinaryEquals"),
    *_twins("IpAddress", "NotIpAddress", "IpAddress"),
    # "ArnEquals and ArnLike behave identically", and so do ArnNotEquals and ArnNotLike.
    *_twins("ArnEquals", "ArnNotEquals", "Arn", wildcards=True),
    *_twins("ArnLike", "ArnNotLike", "Arn", wildcards=True),
    Operator("Null", "Bool", "Null"),
)
"""Every operator that IAM documents."""

_SET_PREFIXES: tuple[SetPrefix, ...] = ("ForAllValues", "ForAnyValue")
_IF_EXISTS = "IfExists"
_BY_LOWER = {each.name.lower(): each for each in OPERATORS}
_NONE = Operator("", "String", "")


@dataclass(frozen=True, slots=True)
class ConditionOperator:
    """An operator as a policy writes it, such as `ForAnyValue:StringLikeIfExists`.

    `spelled` is its documented spelling, lower case for what is not known. `row` is its row in
    the table, one without a name where there is none. `malformed` says why there is no such
    operator, and is empty where there is one. Equal are those that are written alike.

    >>> operator = parse_operator("forallvalues:stringnotlike")
    >>> operator.spelled, operator.row.positive, operator.set_prefix, operator.holds_without_key
    ('ForAllValues:StringNotLike', 'StringLike', 'ForAllValues', True)
    >>> parse_operator("NullIfExists").malformed
    'Null asks whether a key exists, and IfExists cannot stand behind it'
    """

    text: str
    spelled: str = field(compare=False)
    row: Operator = field(compare=False)
    set_prefix: SetPrefix = field(compare=False)
    if_exists: bool = field(compare=False)
    malformed: str = field(compare=False)

    def __str__(self) -> str:
        return self.text

    @property
    def is_null(self) -> bool:
        """Whether it asks only if the key is there."""
        return self.row.name == "Null"

    @property
    def holds_without_key(self) -> bool:
        """Whether a condition holds where its key is missing, whatever the values are.

        Of `Null` it is the values that decide: `Condition.holds_without_key` knows both.
        """
        if self.if_exists or self.set_prefix:
            return self.if_exists or self.set_prefix == "ForAllValues"
        return self.row.negated


@lru_cache(maxsize=4096)  # more than any policy that is read can name
def parse_operator(text: str) -> ConditionOperator:
    """The operator that a policy writes as `text`; letters in either case are the same."""
    rest = fold(text)
    prefix: SetPrefix = next((p for p in _SET_PREFIXES if rest.startswith(f"{p.lower()}:")), "")
    rest = rest.removeprefix(f"{prefix.lower()}:") if prefix else rest
    bare = rest.removesuffix(_IF_EXISTS.lower())
    if_exists = bare != rest
    row = _BY_LOWER.get(bare, _NONE)
    colon, suffix = ":" if prefix else "", _IF_EXISTS if if_exists else ""
    spelled = f"{prefix}{colon}{row.name or bare}{suffix}"
    malformed = _fault(text, row, bare, is_qualified=bool(prefix), if_exists=if_exists)
    return ConditionOperator(text, spelled, row, prefix, if_exists, malformed)


def _fault(text: str, row: Operator, bare: str, *, is_qualified: bool, if_exists: bool) -> str:
    if not row.name:
        near = difflib.get_close_matches(bare, _BY_LOWER, n=1)
        close = f"; did you mean '{_BY_LOWER[near[0]].name}'?" if near else ""
        return f"there is no condition operator '{text}'{close}"
    if row.name != "Null":
        return ""
    if if_exists:
        return "Null asks whether a key exists, and IfExists cannot stand behind it"
    if is_qualified:
        return f"Null asks whether a key exists, not for its values: '{text}' is no operator"
    return ""
