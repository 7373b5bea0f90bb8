"""Styled text as data: what to say and how, without a terminal in sight."""

from __future__ import annotations

from typing import Literal

WIDTH = 80
"""Characters that a line of running text takes at the most."""

Style = Literal["plain", "bold", "dim", "add", "remove", "change", "warn"]
Span = tuple[Style, str]
Line = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line of spans; a bare string is plain."""
    return tuple(("plain", part) if isinstance(part, str) else part for part in parts)


def to_text(lines: list[Line]) -> str:
    """The lines without their styles, each ended by a newline."""
    return "".join("".join(text for _, text in spans).rstrip() + "\n" for spans in lines)
