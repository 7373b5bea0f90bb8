"""What lies between two recorded policies of a registry, as text for people."""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.access import access_lines
from planner.render.text.plan import change_lines
from planner.render.text.terminal import Line, Span, line
from planner.render.words import UNDER_V2
from planner.text import clean

_BECAME: dict[str, Span] = {
    "create": ("add", "added"),
    "update": ("change", "changed"),
    "delete": ("remove", "destroyed"),
}


def lines(view: View, _look: Look) -> list[Line]:
    """The statements that differ, and who has gained and lost access by that."""
    document = view.document
    registry = Registry(**document["registry"])
    found = [
        line(("bold", f"# {registry}")),
        line(f"# from {_told(document['before'])}"),
        line(f"# to {_told(document['after'])}"),
        line("# What was changed outside planner between two serials is not in them."),
        line(),
    ]
    for change in document["changes"]:
        address = clean(change["address"])
        found.append(line("  ", ("bold", f"# {address} was "), _BECAME[change["action"]]))
        found += [*change_lines(change), line()]
    if not document["changes"]:
        found += [line("The two policies are the same."), line()]
    found += access_lines(document["access"], registry, document["accounts"])
    if document["assumes_v2"]:
        found.append(line(("dim", UNDER_V2)))
    return found


def _told(record: JsonObject) -> str:
    return f"serial {record['serial']}, applied {clean(record['at'])} by {clean(record['by'])}"
