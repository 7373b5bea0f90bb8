"""Text that others wrote, made safe to compare and to show."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Any

# Letters and symbols by their category, and yet nothing that one sees.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BARE = re.compile(r"[A-Za-z0-9*/?$_.@+-][A-Za-z0-9*/?$_.@+:{}=-]*")
_NOT_PLAIN = re.compile(r"[^ -~]")
_STYLE = r"\x1b\[[0-9]{1,2}m"
_NOT_PLAIN_IN_LINES = re.compile(r"[^\n -~]")
_NEITHER_PLAIN_NOR_STYLE = re.compile(rf"(?!{_STYLE})[^\n -~]")
_COMMAND = re.compile(rf"#((?:{_STYLE})*)#(?=(?:{_STYLE}|[\w.-])*\[)")
_COMMAND_AT_START = re.compile(rf"^((?: |{_STYLE})*):(?=(?:{_STYLE})*:)", re.MULTILINE)
MAX_DEPTH = 64
"""The deepest nesting of a document that is read: more is damage, or harm."""


def fold(text: str) -> str:
    """Lower case of the ASCII letters alone: other letters have no case to IAM.

    >>> fold("ECR:PutImage"), fold("\N{KELVIN SIGN}") == "\N{KELVIN SIGN}"
    ('ecr:putimage', True)
    """
    if text.isascii():
        return text.lower()
    return "".join(char.lower() if char.isascii() else char for char in text)


def clean(text: str) -> str:
    r"""The text with everything invisible written as an escape.

    A name in a policy is anybody's text: a control or direction character in it could
    rewrite what a reviewer sees on the terminal.

    >>> print(clean("Admin\u202enimdA\x1b[2K"))
    Admin\u202enimdA\u001b[2K
    """
    return _NOT_PLAIN.sub(_shown, text)


def inert(text: str, *, styled: bool = False, commands: bool = False) -> str:
    r"""Lines of text as neither a terminal nor the runner of a CI service obeys them.

    What is invisible is written as an escape; so is one character of what a runner takes for
    a command: `##[group]` and its like anywhere, `::error::` where a line begins. The escapes
    are those of JSON, where either stands in strings alone, so that JSON means the same after
    it. `styled` text keeps the styles that planner has given it, `commands` are kept where
    the text is made of planner's own.

    >>> print(inert("a ##[group]\n ::error::b\rc"))
    a #\u0023[group]
     \u003a:error::b\u000dc

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands
    """
    unseen = _NEITHER_PLAIN_NOR_STYLE if styled else _NOT_PLAIN_IN_LINES
    text = _COMMAND.sub(r"#\1\\u0023", unseen.sub(_shown, text))
    return text if commands else _COMMAND_AT_START.sub(r"\1\\u003a", text)


def word(text: str) -> str:
    """The text as one word: bare if it cannot be mistaken, else in quotes, all ASCII.

    A bare word has no space, comma or quotation mark and does not begin with a colon, so two
    values never look like one, and no value like a command of a CI runner.

    >>> print(word("repository/prod-*"), word("two words"), word("::error::"), word(""))
    repository/prod-* "two words" "::error::" ""
    """
    return text if _BARE.fullmatch(text) else json.dumps(text)


def counted(number: int, noun: str) -> str:
    """A number and its noun, for nouns whose plural ends in `s`.

    >>> counted(1, "file"), counted(2_000, "file")
    ('1 file', '2,000 files')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _is_visible(char: str) -> bool:
    if char == " " or "!" <= char <= "~":
        return True
    category = unicodedata.category(char)
    return category[0] not in "CZ" and category != "Mn" and char not in _UNSEEN


def _shown(match: re.Match[str]) -> str:
    return match[0] if _is_visible(match[0]) else _escape(match[0])


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1] if char > "\x7e" else f"\\u{ord(char):04x}"


def json_text(value: object) -> str:
    r"""JSON for people and tools: readable, in its own order, and `inert`.

    >>> print(json_text({"Sid": "café" + chr(0x202E)}), end="")
    {
      "Sid": "café\u202e"
    }
    """
    return inert(json.dumps(value, indent=2, ensure_ascii=False)) + "\n"


def json_value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value that a JSON text writes, as RFC 8259 has it, with no name twice in one object.

    Raises ValueError, also for numbers that are none and for nesting of more than MAX_DEPTH.

    >>> json_value('{"a": {"b": 1, "b": 2}}')
    Traceback (most recent call last):
    ValueError: a name stands twice in one object
    >>> json_value("[Infinity]")
    Traceback (most recent call last):
    ValueError: Infinity is no number
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_members, parse_constant=_no_number, parse_float=_finite
        )
    except RecursionError:
        raise _too_deep() from None
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return value
    raise _too_deep()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return members


def _no_number(name: str) -> Any:  # noqa: ANN401 - it gives nothing
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> ValueError:
    return ValueError(f"it is nested deeper than {MAX_DEPTH} levels")
