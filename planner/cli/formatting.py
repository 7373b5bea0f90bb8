"""`planner fmt`: files in, files out, nothing half written."""

from __future__ import annotations

import difflib
from pathlib import Path

from planner.cli.output import print_lines, say
from planner.policy.formatter import format_policy
from planner.render.text.terminal import Line, Style, line
from planner.stores.files import read_bounded, write_atomically
from planner.text import clean

_STYLES: dict[str, Style] = {"+": "add", "-": "remove", "@": "dim"}


def format_files(paths: list[Path], *, write: bool, diff: bool, no_color: bool) -> int:
    """Formats the files, or tells what would change; gives the number that differ.

    All are read and formatted before the first is written, so one mistake spares them all.
    """
    changes = []
    for path in paths:
        data = read_bounded(path, "policy file")
        text = format_policy(data, str(path))
        if str(path) == "-" and write:
            say(text, end="")
        elif text.encode() != data:
            changes.append((path, data.decode("utf-8-sig"), text))
    for path, before, after in changes:
        if write:
            write_atomically(path, after.encode(), "policy file")
        if diff:
            print_lines(_diff(path, before, after), no_color=no_color)
        else:
            say(clean(str(path)))
    return len(changes)


def _diff(path: Path, before: str, after: str) -> list[Line]:
    name = str(path)
    rows = difflib.unified_diff(
        before.splitlines(), after.splitlines(), name, f"{name} (formatted)", lineterm=""
    )
    return [line((_STYLES.get(row[:1], "plain"), clean(row))) for row in rows]
