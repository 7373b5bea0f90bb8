"""What a renderer is: a view and a look in, text out. It words what the view says.

A view is plain JSON that the rest of planner computes: counts, what comes next, whether a plan
is refused, how rows are grouped. A renderer computes nothing, so a terminal, a comment and a
page cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from planner.policy.document import JsonObject

ViewKind = Literal[
    "plan",
    "drift",
    "findings",
    "rules",
    "access",
    "decision",
    "comparison",
    "snapshot",
    "history",
    "recorded_diff",
    "addresses",
    "locks",
    "import",
    "owners",
    "assertions",
    "scope",
]


@dataclass(frozen=True, slots=True)
class View:
    """Something that people and tools read; `document` is what `--format json` prints."""

    kind: ViewKind
    document: JsonObject


@dataclass(frozen=True, slots=True)
class Look:
    """How a view is to look.

    `width` counts the characters of a line. `saved_as` is the file that the view is saved in,
    None where it is not. `again` are the options of the command line that made it. `every` asks
    for all that a short form leaves out.
    """

    width: int = 80
    colour: bool = False
    saved_as: str | None = None
    again: tuple[str, ...] = ()
    every: bool = False


Render = Callable[[View, Look], str]
"""Draws a view; the text ends in a newline."""
