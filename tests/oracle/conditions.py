"""One condition of a statement against the context of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address, ip_network

from tests.oracle.patterns import MAYBE, Context, OpenError, arn_like, like, plain, substituted

Answer = bool | None
"""Yes, no, or left open by IAM's documents."""

NEGATIONS = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnlike",
    "arnnotlike": "arnlike",
}
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2}))?"
)
_RELATIONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "equals": lambda value, bound: value == bound,
    "lessthan": lambda value, bound: value < bound,
    "lessthanequals": lambda value, bound: value <= bound,
    "greaterthan": lambda value, bound: value > bound,
    "greaterthanequals": lambda value, bound: value >= bound,
}


def any_of(answers: Iterable[Answer]) -> Answer:
    """True where one is; else open where one is; else False."""
    found: Answer = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            found = None
    return found


def all_of(answers: Iterable[Answer]) -> Answer:
    """False where one is; else open where one is; else True."""
    return negated(any_of(negated(answer) for answer in answers))


def negated(answer: Answer) -> Answer:
    """The opposite; what is open stays so."""
    return None if answer is None else not answer


def holds(
    operator: str, key: str, values: Sequence[str], context: Context, *, variables: bool
) -> Answer:
    """Whether the condition `{operator: {key: values}}` is true in the context."""
    qualifier, _, bare = operator.lower().rpartition(":")
    name = bare.removesuffix("ifexists")
    found = context.get(key.lower(), ())
    if found is MAYBE:
        return None
    if name == "null":
        if qualifier or name != bare:
            return None
        return any_of(_is_null(value, missing=found == ()) for value in values)
    if found is None:
        return None
    if not any(found) and (qualifier or not found):
        return _without(qualifier, if_exists=name != bare, is_negated=name in NEGATIONS)
    if not qualifier and len(found) > 1:
        return None
    positive = NEGATIONS.get(name, name)
    answers: list[Answer] = []
    for value in found:
        matched = any_of(_matches(positive, value, each, context, variables) for each in values)
        answers.append(negated(matched) if name in NEGATIONS else matched)
    return any_of(answers) if qualifier == "foranyvalue" else all_of(answers)


def _is_null(value: str, *, missing: bool) -> Answer:
    return {"true": missing, "false": not missing}.get(value.lower())


def _without(qualifier: str, *, if_exists: bool, is_negated: bool) -> Answer:
    """The condition where its key is not in the request, or "resolves to a null data set"."""
    if if_exists or qualifier == "forallvalues":
        return True
    return False if qualifier == "foranyvalue" else is_negated


def _matches(name: str, value: str, expected: str, context: Context, variables: bool) -> Answer:
    """Whether one value of the request matches one value of the policy."""
    try:
        if name.startswith(("string", "arn", "bool")):
            runs = substituted(expected, context, variables=variables)
            return runs is not None and _matches_text(name, value, runs)
        if variables and "${" in expected:
            return None
        return _matches_value(name, value, expected)
    except OpenError:
        return None


def _matches_text(name: str, value: str, runs: tuple[str, ...]) -> bool:
    if name == "stringlike":
        return like(runs, value)
    if name.startswith("arn"):
        return arn_like(runs, value)
    text = plain(runs)
    if name == "stringequals":
        return text == value
    if name == "stringequalsignorecase":
        if not text.isascii() or not value.isascii():
            raise OpenError("the case of letters beyond ASCII")
        return text.lower() == value.lower()
    if text.lower() not in ("true", "false") or value.lower() not in ("true", "false"):
        raise OpenError("Bool of what is neither true nor false")
    return text.lower() == value.lower()


@lru_cache(maxsize=65536)
def _matches_value(name: str, value: str, expected: str) -> bool:
    if name == "ipaddress":
        return _in_network(value, expected)
    if name == "binaryequals":
        return _bytes(value) == _bytes(expected)
    for kind, parse in (("numeric", _number), ("date", _seconds)):
        if name.startswith(kind):
            return _RELATIONS[name.removeprefix(kind)](parse(value), parse(expected))
    raise OpenError(f"the operator {name}")


def _in_network(value: str, expected: str) -> bool:
    try:
        return ip_address(value) in ip_network(expected)
    except ValueError as error:
        raise OpenError(str(error)) from error


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise OpenError(str(error)) from error


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise OpenError(f"{text} is no number")
    return Decimal(text)


def _seconds(text: str) -> Decimal:
    """A moment as seconds since 1970."""
    if re.fullmatch(r"[0-9]{5,12}", text):
        return Decimal(text)
    if not _MOMENT.fullmatch(text):
        raise OpenError(f"{text} is no date")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise OpenError(str(error)) from error
    since = moment.replace(tzinfo=moment.tzinfo or UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return Decimal(since.days * 86_400 + since.seconds) + Decimal(since.microseconds) / 1_000_000
