"""Access as comma-separated values, for a spreadsheet."""

from __future__ import annotations

import csv
import io

from planner.policy.document import JsonObject
from planner.render.interface import Look, View
from planner.text import clean

_COLUMNS = ("kind", "principal", "actions", "resource", "condition", "public", "cross_account")


def render(view: View, _look: Look) -> str:
    """A head and one line for each row of access. A cell never begins like a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in view.document["access"]:
        cells = map(clean, _texts(row))
        writer.writerow([f"'{each}" if each[:1] in "=+-@" and each else each for each in cells])
    return stream.getvalue()


def _texts(row: JsonObject) -> tuple[str, ...]:
    return (
        row["principal"]["kind"],
        row["principal"]["id"],
        " ".join(row["actions"]),
        row["resource"],
        "; ".join(row["condition"] or ()),
        str(row["public"]).lower(),
        str(row["cross_account"]).lower(),
    )
