"""Texts of a policy against texts of a request: wildcards, variables, ARNs.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

Values = tuple[str, ...] | None
"""The values of a key; none are a missing key, and None is one that is there with any value."""
MAYBE: Values = ("\0",)
"""A key of which IAM's documents do not say whether the caller has it."""
Context = Mapping[str, Values]
"""What a request brings, by key in lower case."""

MULTIVALUED = frozenset(
    "aws:calledvia aws:principalorgpaths aws:principalservicenameslist aws:resourceorgpaths "
    "aws:sourceorgpaths aws:tagkeys aws:vpceorgpaths".split()
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_INSIDE = re.compile(r"\s*([^\s,']+)\s*(?:,\s*'([^']*)'\s*)?")
_FIELDS = 6
_END = re.compile(r"\*(?=:|$)")


class OpenError(Exception):
    """IAM's documents do not say what happens here."""


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key}` or `${key, 'default'}`; the key is in lower case."""

    key: str
    default: str | None


Part = str | Variable
"""A run of policy text, in which wildcards count, or after a NUL do not; or a variable."""


@lru_cache(maxsize=65536)
def parts_of(text: str) -> tuple[Part, ...]:
    """The text of a policy of Version 2012-10-17, taken apart; a literal begins with NUL."""
    found: list[Part] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        found.append(text[end : match.start()])
        end = match.end()
        if match[1] in ("*", "?", "$"):
            found.append("\0" + match[1])
            continue
        inside = _INSIDE.fullmatch(match[1])
        if inside is None:
            raise OpenError(f"a malformed variable: {match[0]}")
        found.append(Variable(inside[1].lower(), inside[2]))
    rest = text[end:]
    if "${" in rest:
        raise OpenError("a variable that does not end")
    return (*found, rest)


def substituted(text: str, context: Context, *, variables: bool) -> tuple[str, ...] | None:
    """The text with its variables replaced: runs of policy text, and literals after a NUL.

    None where a variable has neither a value nor a default: "there is no equal or like value".
    """
    if not variables or "${" not in text:
        return (text,)
    found: list[str] = []
    for part in parts_of(text):
        if isinstance(part, str):
            found.append(part)
            continue
        value = _value(part, context)
        if value is None:
            return None
        found.append("\0" + value)
    return tuple(found)


def _value(variable: Variable, context: Context) -> str | None:
    if variable.key in MULTIVALUED:
        raise OpenError("a multivalued key cannot be a variable")
    values = context.get(variable.key, ())
    if values is None or values is MAYBE:
        raise OpenError(f"{variable.key} is not given")
    if len(values) > 1:
        raise OpenError("several values of one variable")
    value = values[0] if values else variable.default
    if value is not None and ("*" in value or "?" in value):
        raise OpenError("a wildcard in the value of a variable")
    return value


def plain(runs: tuple[str, ...]) -> str:
    """The runs as one text, in which wildcards are ordinary characters."""
    return "".join(run.removeprefix("\0") for run in runs)


@lru_cache(maxsize=65536)
def _expression(runs: tuple[str, ...], many: str, one: str) -> re.Pattern[str]:
    wild = {"*": many, "?": one}
    return re.compile(
        "".join(
            re.escape(run[1:])
            if run.startswith("\0")
            else "".join(wild.get(char) or re.escape(char) for char in run)
            for run in runs
        ),
        re.DOTALL,
    )


def like(runs: tuple[str, ...], value: str) -> bool:
    """Whether a value is like a pattern; `*` and `?` match any characters."""
    return _expression(runs, ".*", ".").fullmatch(value) is not None


def glob(pattern: str, value: str) -> bool:
    """Whether a value matches a pattern without variables."""
    return like((pattern,), value)


def arn_like(runs: tuple[str, ...], value: str) -> bool:
    """Whether an ARN is like a pattern, each of the six fields checked by itself.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    fields, parts = _fields(runs), value.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS or len(parts) < _FIELDS:
        raise OpenError("an ARN operator with a text of fewer than six fields")
    return all(like(field, part) for field, part in zip(fields, parts, strict=True))


def _fields(runs: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The runs of each of six fields."""
    fields: list[list[str]] = [[]]
    for run in runs:
        if run.startswith("\0"):
            if ":" in run and len(fields) < _FIELDS:
                raise OpenError("a variable over several fields of an ARN")
            fields[-1].append(run)
            continue
        first, *others = run.split(":", _FIELDS - len(fields))
        fields[-1].append(first)
        fields.extend([other] for other in others)
    return [tuple(field) for field in fields]


def resource_like(text: str, resource: str, context: Context, *, variables: bool) -> bool:
    """Whether a Resource of a policy names the resource of a request.

    A wildcard stays in its field, except that one at a field's end "can expand to match beyond
    the colon boundaries"; what else a wildcard may do across colons is left open.
    """
    runs = substituted(text, context, variables=variables)
    if runs is None or text == "*":
        return runs is not None
    found = like(runs, resource)
    if found and not _stays_in_fields(runs, resource):
        raise OpenError("a wildcard of a Resource across colons")
    return found


def _stays_in_fields(runs: tuple[str, ...], resource: str) -> bool:
    """Whether it matches too where only a wildcard at the end of a field crosses colons."""
    if resource == "*":
        return True
    inside = {"*": "[^:]*", "?": "[^:]", "\1": ".*"}
    expression = "".join(
        re.escape(run[1:])
        if run.startswith("\0")
        else "".join(inside.get(char) or re.escape(char) for char in _END.sub("\1", run))
        for run in runs
    )
    return re.fullmatch(expression, resource, re.DOTALL) is not None
