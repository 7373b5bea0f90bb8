"""What was recorded of a registry, as text for people."""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, line
from planner.text import clean

_HEADERS = ("Serial", "When", "Owner", "Verdict", "Changes", "Plan", "Who")
_DIGITS = 12
"""Digits of a plan id that tell one from another here; they approve nothing."""


def lines(view: View, _look: Look) -> list[Line]:
    """A table of the records, newest first, and where it ends if not at the first."""
    from tabulate import tabulate  # noqa: PLC0415 - loaded only where a table is shown

    document = view.document
    table = tabulate(
        [_row(each) for each in document["entries"]],
        _HEADERS,
        tablefmt="simple",
        disable_numparse=True,
    )
    found = [line(("bold", str(Registry(**document["registry"])))), line()]
    found += [line(each) for each in table.splitlines()]
    if end := document["end"]:
        found += [line(), line(("warn", end["summary"]), f" {clean(end['detail'])}")]
    return found


def _row(record: JsonObject) -> tuple[str, ...]:
    told = (record["at"], record["owner"] or "-", record["verdict"] or "-")
    return (
        str(record["serial"]),
        *map(clean, told),
        _changes(record["summary"]) if record["act"] is None else clean(record["act"]),
        "-" if record["act"] else clean(record["plan_id"][:_DIGITS]),
        clean(record["by"]),
    )


def _changes(summary: JsonObject | None) -> str:
    """How many statements were added, changed and destroyed."""
    if summary is None:
        return "-"
    return f"+{summary['add']} ~{summary['change']} -{summary['destroy']}"
