"""Policy variables: `${aws:username}`, `${aws:username, 'default'}`, and `${*}`, `${?}`, `${$}`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
Only version 2012-10-17 knows them; to the older one they are ordinary characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_PART = (
    r"\$\{(?:(?P<escape>[*?$])|(?P<before>\s*)(?P<key>[^{},'\s]+)(?P<after>\s*)"
    r"(?:,\s*'(?P<default>[^'{}]*)'(?P<end>\s*))?)\}|(?P<char>(?s:.))"
)
_NEARLY = r"\$\{[^{}]*:[^{}]*\}"
_KEY = r"[A-Za-z0-9-]+:[^:].*"


class Variable(NamedTuple):
    """A variable: the condition key that it stands for, and what it is without one.

    `malformed` marks a spelling of which AWS does not say that it is a variable.
    """

    key: str
    default: str | None
    malformed: bool = False


class Escape(NamedTuple):
    """A character that is neither a wildcard nor the beginning of a variable."""

    char: str


def parts_of(text: str) -> Iterator[str | Variable | Escape]:
    """The characters of a text, its variables and its escapes, in their order.

    >>> list(parts_of("a${*}"))
    ['a', Escape(char='*')]
    >>> list(parts_of("${aws:username, 'x'}"))
    [Variable(key='aws:username', default='x', malformed=False)]
    """
    if "${" not in text:
        yield from text
        return
    for match in re.finditer(_PART, text):
        if match["char"] is not None:
            yield match["char"]
        elif match["escape"] is not None:
            yield Escape(match["escape"])
        else:
            has_default = match["default"] is not None
            spaces = match["before"], "" if has_default else match["after"], match["end"]
            malformed = any(spaces) or not re.fullmatch(_KEY, match["key"])
            yield Variable(match["key"], match["default"], malformed)


def has_variable(text: str) -> bool:
    """Whether the text holds a variable, well formed or nearly so."""
    return bool(re.search(_NEARLY, text))


def opened(text: str) -> str:
    """The pattern with a wildcard in the place of each variable, well formed or nearly so.

    >>> opened("repository/${aws:username}/*")
    'repository/*/*'
    """
    return re.sub(_NEARLY, "*", text)


def malformed_variable(text: str) -> str:
    """Why a policy variable in the text is none, or `""`.

    >>> malformed_variable("${aws:username")
    "'${aws:username' has a policy variable that is not well formed"
    """
    if "${" not in text:
        return ""
    parts = list(parts_of(text))
    plain = "".join(part if isinstance(part, str) else " " for part in parts)
    if "${" in plain or any(isinstance(part, Variable) and part.malformed for part in parts):
        return f"'{text}' has a policy variable that is not well formed"
    return ""


# What only these tools make a variable of:
# https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences-1
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
_ESCAPES = (("$${", "Terraform"), ("${!", "CloudFormation"))


def foreign_escape(text: str) -> str:
    """Why the text holds another tool's escape in the place of a variable, or `""`.

    >>> foreign_escape("$${aws:username}")
    "'$${aws:username}' has $${, which Terraform makes a variable of, and IAM does not"
    """
    for escape, tool in _ESCAPES:
        if escape in text:
            return f"'{text}' has {escape}, which {tool} makes a variable of, and IAM does not"
    return ""


def unescaped(text: str) -> str:
    """The text with a variable in the place of what another tool would have made one of.

    >>> unescaped("$${aws:username}-${!aws:username}")
    '${aws:username}-${aws:username}'
    """
    for escape, _ in _ESCAPES:
        text = text.replace(escape, "${")
    return text
