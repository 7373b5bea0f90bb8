"""Text that others wrote, made safe to compare and to show."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_BMP = 0xFFFF
# Letters and symbols by their category, and yet nothing that one sees.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_BARE = re.compile(r"[A-Za-z0-9*/?$_.@+-][A-Za-z0-9*/?$_.@+:{}=-]*")


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
    return "".join(char if _is_visible(char) else _escape(char) for char in text)


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


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= _BMP else f"\\U{code:08x}"


def json_text(value: object) -> str:
    r"""JSON for people and tools: readable, in its own order, the invisible as escapes.

    >>> print(json_text({"Sid": "café" + chr(0x202E)}), end="")
    {
      "Sid": "café\u202e"
    }
    """
    text = json.dumps(value, indent=2, ensure_ascii=False)
    if text.isascii():
        return text + "\n"
    shown = (char if char == "\n" or _is_visible(char) else _json_escape(char) for char in text)
    return "".join(shown) + "\n"


def _json_escape(char: str) -> str:
    return json.dumps(char)[1:-1]


def json_value(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value that a JSON text writes, where no name stands twice in one object.

    Raises ValueError.

    >>> json_value('{"a": {"b": 1, "b": 2}}')
    Traceback (most recent call last):
    ValueError: a name stands twice in one object
    """
    return json.loads(text, object_pairs_hook=_members)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return members
