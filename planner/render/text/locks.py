"""The locks that are held, as text for people."""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.records.lock import SHORT_ID
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, line
from planner.text import clean

_HEADERS = ("Id", "Registry", "Owner", "Host", "For", "Since", "Until")


def lines(view: View, _look: Look) -> list[Line]:
    """A table of the locks, or the sentence that there are none."""
    rows = [_row(each) for each in view.document["locks"]]
    if not rows:
        return [line("No lock is held.")]
    from tabulate import tabulate  # noqa: PLC0415 - loaded only where a table is shown

    table = tabulate(rows, _HEADERS, tablefmt="simple", disable_numparse=True)
    return [line(each) for each in table.splitlines()]


def _row(lock: JsonObject) -> tuple[str, ...]:
    if lock["damage"] is not None:
        return ("-", clean(lock["registry"]), "damaged", "-", "-", "-", "-")
    told = (lock["id"][:SHORT_ID], lock["registry"], lock["by"], lock["host"], lock["operation"])
    over = " (over)" if lock["is_over"] else ""
    return (*map(clean, told), lock["since"], lock["until"] + over)
