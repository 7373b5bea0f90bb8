"""A decision about one request as text for people."""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, Style, line
from planner.render.words import CALLER_TOO, place_text
from planner.text import clean

_OUTCOMES: dict[str, tuple[Style, str]] = {
    "allowed": ("add", "Allowed"),
    "denied": ("remove", "Denied"),
    "not said": ("remove", "Not allowed"),
    "unknown": ("warn", "Not known"),
}
_SHOWN = 5
"""So many statements that nearly allow a request are told."""


def lines(view: View, _look: Look) -> list[Line]:
    """The answer, the statements that decide, and of those that nearly do what is missing."""
    document = view.document
    outcome, near = document["outcome"], document["near"]
    style, answer = _OUTCOMES[outcome]
    deciding = ", ".join(map(_named, document["deciding"]))
    found = [line((style, answer), f" by {deciding}." if deciding else ": no statement allows it.")]
    if document["cross_account"] and outcome == "allowed":
        found.append(line(CALLER_TOO))
    if outcome == "not said":
        for each in near[:_SHOWN]:
            missing = ", ".join(map(clean, each["missing"]))
            found.append(line(f"  {_named(each)} does not match: {missing}"))
        if len(near) > _SHOWN:
            found.append(line(f"  and {len(near) - _SHOWN} more"))
    return found


def _named(statement: JsonObject) -> str:
    return f"{clean(statement['name'])} ({place_text(statement)})"
