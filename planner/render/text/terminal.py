"""Styled text as data: what to say and how, without a terminal in sight."""

from __future__ import annotations

from itertools import starmap
from typing import Literal

from planner.text import clean

WIDTH = 80
"""Characters that a line of running text takes at the most."""

Style = Literal["plain", "bold", "dim", "add", "remove", "change", "warn", "error"]
Span = tuple[Style, str]
Line = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line of spans; a bare string is plain."""
    return tuple(("plain", part) if isinstance(part, str) else part for part in parts)


def to_text(lines: list[Line]) -> str:
    """The lines without their styles, each ended by a newline."""
    return "".join("".join(text for _, text in spans).rstrip() + "\n" for spans in lines)


_CODES: dict[Style, str] = {
    "bold": "\x1b[1m",
    "dim": "\x1b[2m",
    "add": "\x1b[32m",
    "remove": "\x1b[31m",
    "change": "\x1b[33m",
    "warn": "\x1b[33m\x1b[1m",
    "error": "\x1b[31m\x1b[1m",
}
"""The control sequences of the styles (ECMA-48, SGR)."""
_PLAIN = "\x1b[0m"


def coloured(lines: list[Line]) -> str:
    """The lines with their styles as a terminal shows them, each ended by a newline."""
    return "".join("".join(starmap(styled, spans)) + "\n" for spans in lines)


def styled(style: Style, text: str) -> str:
    """The text in a style as a terminal shows it; it can have no style of its own."""
    text = clean(text)
    return f"{_CODES[style]}{text}{_PLAIN}" if style in _CODES else text
