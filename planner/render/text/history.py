"""What was recorded of a registry, as text for people."""

from __future__ import annotations

from planner.plans.plan_id import SHORT_ID
from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, line
from planner.text import clean

_HEADERS = ("Serial", "When", "Who", "Owner", "Plan", "Verdict", "Changes")


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
    told = (record["at"], record["by"], record["owner"] or "-", record["plan_id"][:SHORT_ID])
    return (
        str(record["serial"]),
        *map(clean, told),
        clean(record["verdict"] or "-"),
        _changes(record["summary"]),
    )


def _changes(summary: JsonObject | None) -> str:
    """How many statements were added, changed and destroyed."""
    if summary is None:
        return "-"
    return f"+{summary['add']} ~{summary['change']} -{summary['destroy']}"
