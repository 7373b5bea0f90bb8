"""The rules of `planner validate` as a table for people."""

from __future__ import annotations

from planner.render.interface import Look, View
from planner.render.text.terminal import Line, line


def lines(view: View, _look: Look) -> list[Line]:
    """A row for each rule."""
    from tabulate import tabulate  # noqa: PLC0415 - loaded only where a table is shown

    rows = [(each["id"], each["severity"], each["title"]) for each in view.document["rules"]]
    table = tabulate(rows, ("Rule", "Severity", "What it finds"), tablefmt="simple")
    return [line(each) for each in table.splitlines()]
