"""Two texts of one file as a unified diff for people."""

from __future__ import annotations

import difflib

from planner.render.text.terminal import Line, Style, line
from planner.text import clean

_STYLES: dict[str, Style] = {"+": "add", "-": "remove", "@": "dim"}


def diff_lines(name: str, before: str, after: str, how: str = "formatted") -> list[Line]:
    """What changes in the file `name`; `how` says by what."""
    rows = difflib.unified_diff(
        before.splitlines(), after.splitlines(), name, f"{name} ({how})", lineterm=""
    )
    return [line((_STYLES.get(row[:1], "plain"), clean(row))) for row in rows]
