"""Conditions as IAM decides them, one operator at a time.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html

An answer is True, False, or None where nothing can be said: an operator that does not exist,
a value of the wrong type, several values of a key without ForAllValues or ForAnyValue.
"""

from __future__ import annotations

import base64
import binascii
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

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
from planner.policy.document import Condition
from planner.policy.spelling import CONDITION_OPERATORS, spell_operator
from planner.text import fold

_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnLike",
    "ArnNotLike": "ArnLike",
}
_SAME = {"ArnEquals": "ArnLike"}
_ORDER: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}(?:T[0-9:.,]+(?:Z|[+-][0-9:]{2,5})?)?")

Answer = bool | None
"""Yes, no, or nothing can be said."""
Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Test:
    """One condition, taken apart.

    `operator` is the positive twin where `negated`; `each` is `""`, `ForAllValues` or
    `ForAnyValue`; `key` is in lower case. `variables` tells whether `${` begins a variable.
    """

    operator: str
    negated: bool
    each: str
    if_exists: bool
    key: str
    values: tuple[str, ...]
    variables: bool

    @property
    def is_textual(self) -> bool:
        """Whether the values that it matches are a language of texts."""
        return self.operator.startswith(("String", "Arn", "Bool", "Binary"))


@lru_cache(maxsize=4096)
def parse_test(condition: Condition, *, variables: bool) -> Test | None:
    """The condition taken apart; None where there is no such operator."""
    spelled = spell_operator(condition.operator)
    each, colon, rest = spelled.rpartition(":")
    name = rest.removesuffix("IfExists")
    if name not in CONDITION_OPERATORS or (colon and each not in ("ForAllValues", "ForAnyValue")):
        return None
    if name == "Null" and spelled != "Null":
        return None
    return Test(
        operator=_NEGATED.get(name) or _SAME.get(name, name),
        negated=name in _NEGATED,
        each=each,
        if_exists=name != rest,
        key=fold(condition.key),
        values=tuple(sorted(set(condition.values))),
        variables=variables,
    )


def holds(test: Test, context: Context) -> Answer:
    """Whether the condition holds in a context."""
    found = context.get(test.key, ())
    if test.operator == "Null":
        wanted = [_boolean(value) for value in test.values]
        return _any(None if each is None else each == (not found) for each in wanted)
    if not found:
        return holds_without(test)
    if not test.each and len(found) > 1:
        return None
    answers = [holds_for(test, value, context) for value in found]
    if test.each != "ForAnyValue":
        return _not(_any(map(_not, answers)))
    return _any(answers)


def holds_without(test: Test) -> bool:
    """Whether the condition holds where its key is missing."""
    if test.if_exists or test.each:
        return test.if_exists or test.each == "ForAllValues"
    return test.negated


def holds_for(test: Test, value: str, context: Context) -> Answer:
    """Whether the condition holds for one value of its key."""
    matched = _matches(test, value, context)
    return _not(matched) if test.negated else matched


def _matches(test: Test, value: str, context: Context) -> Answer:
    if test.is_textual:
        return _any(_matches_text(test, each, value, context) for each in test.values)
    value_of = single_value(context)
    texts: list[str | None] = []
    for each in test.values:
        tokens = resolve(plain_tokens(each, variables=test.variables), value_of)
        texts.append(None if tokens is None else "".join(str(token[0]) for token in _flat(tokens)))
    return _any(False if text is None else compare(test.operator, value, text) for text in texts)


def _flat(tokens: Tokens) -> Iterable[tuple[str, ...]]:
    return (token for token in tokens if isinstance(token, tuple))


def _matches_text(test: Test, expected: str, value: str, context: Context) -> Answer:
    tokens = text_tokens(test, expected)
    if tokens is None:
        return None
    if variables_in(tokens):
        resolved = resolve(tokens, single_value(context))
        if resolved is None:
            return False
        tokens = ignoring_case(resolved) if ignores_case(test) else resolved
    return Language((tokens,)).accepts(value)


def ignores_case(test: Test) -> bool:
    """Whether letters in both cases match."""
    return test.operator in ("StringEqualsIgnoreCase", "Bool")


def text_tokens(test: Test, expected: str) -> Tokens | None:
    """What a textual operator matches, its variables unresolved; None for a malformed value."""
    if test.operator == "ArnLike":
        return arn_tokens(expected, variables=test.variables)
    if test.operator == "StringLike":
        return glob_tokens(expected, variables=test.variables)
    tokens = plain_tokens(expected, variables=test.variables)
    if test.operator == "StringEquals":
        return tokens
    if variables_in(tokens):
        return ignoring_case(tokens)
    if test.operator == "Bool" and _boolean(expected) is None:
        return None
    if test.operator == "BinaryEquals":
        return tokens if _is_base64(expected) else None
    return ignoring_case(tokens)


def compare(name: str, value: str, expected: str) -> Answer:
    """Whether a number, date or address of a request satisfies the operator `name`."""
    if name == "IpAddress":
        address, network = parse_address(value), parse_network(expected)
        return None if address is None or network is None else address in network
    parse = parse_number if name.startswith("Numeric") else parse_date
    left, right = parse(value), parse(expected)
    if left is None or right is None:
        return None
    return _ORDER[name.removeprefix("Numeric").removeprefix("Date")](left, right)


@lru_cache(maxsize=4096)
def parse_number(text: str) -> Decimal | None:
    """A number, or None."""
    try:
        return Decimal(text) if _NUMBER.fullmatch(text.strip()) else None
    except InvalidOperation:
        return None


@lru_cache(maxsize=4096)
def parse_date(text: str) -> Decimal | None:
    """Seconds since 1970, from ISO 8601 or from themselves; None for another text."""
    number = parse_number(text) if not re.fullmatch(r"[0-9]{4}", text) else None
    if number is not None or not _DATE.fullmatch(text):
        return number
    parts = text.split("-")
    if "T" not in text:
        text = "-".join([*parts, *["01"] * (3 - len(parts))])
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        return None
    since = (date if date.tzinfo else date.replace(tzinfo=UTC)) - _EPOCH
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(since.microseconds) / 1_000_000


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """An IP address, or None."""
    try:
        return ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def parse_network(text: str) -> Network | None:
    """An address or a range in CIDR notation; bits after the prefix do not count."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _boolean(text: str) -> Answer:
    return {"true": True, "false": False}.get(fold(text))


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


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
