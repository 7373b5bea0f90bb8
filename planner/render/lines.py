"""Styled text as data: what to say and how, without a terminal in sight."""

from __future__ import annotations

import json
import unicodedata
from typing import Literal

_BMP = 0xFFFF

Style = Literal["plain", "bold", "dim", "add", "remove", "change", "warn"]
Span = tuple[Style, str]
Line = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line of spans; a bare string is plain."""
    return tuple(("plain", part) if isinstance(part, str) else part for part in parts)


def clean(text: str) -> str:
    """The text with everything invisible written as an escape.

    A name in a policy is anybody's text: a control or direction character in it could
    rewrite what a reviewer sees on the terminal.
    """
    return "".join(char if _is_visible(char) else _escape(char) for char in text)


def _is_visible(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] not in "CZ"


def _escape(char: str) -> str:
    """The number of a character as an escape."""
    code = ord(char)
    return f"\\u{code:04x}" if code <= _BMP else f"\\U{code:08x}"


def quoted(text: str) -> str:
    """The text in double quotes, safe to show."""
    return clean(json.dumps(text, ensure_ascii=False))


def to_text(lines: list[Line]) -> str:
    """The lines without their styles, each ended by a newline."""
    return "".join("".join(text for _, text in spans).rstrip() + "\n" for spans in lines)
