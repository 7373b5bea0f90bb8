"""A decision about one request as text for people."""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.render.text.terminal import Line, Style, line
from planner.text import clean

_OUTCOMES: dict[str, tuple[Style, str]] = {
    "allowed": ("add", "Allowed"),
    "denied": ("remove", "Denied"),
    "not allowed": ("remove", "Not allowed"),
    "unknown": ("warn", "Not known"),
}
_SHOWN = 5
"""So many statements that nearly allow a request are told."""


def decision_lines(view: JsonObject) -> list[Line]:
    """The answer, the statements that decide, and of those that nearly do what is missing."""
    style, answer = _OUTCOMES[view["outcome"]]
    deciding = [f"{clean(each['name'])}{_place(each)}" for each in view["deciding"]]
    by = f" by {', '.join(deciding)}" if deciding else ""
    nothing = "" if deciding else ": no statement allows it"
    lines = [line((style, answer), f"{by}{nothing}.")]
    if view["cross_account"] and view["outcome"] == "allowed":
        lines.append(line("Allowed here; the IAM of the caller's account must allow it too."))
    if view["outcome"] == "not allowed":
        near = view["near"]
        for each in near[:_SHOWN]:
            missing = ", ".join(map(clean, each["missing"]))
            lines.append(line(f"  {clean(each['name'])}{_place(each)} does not match: {missing}"))
        if len(near) > _SHOWN:
            lines.append(line(f"  and {len(near) - _SHOWN} more"))
    return lines


def _place(statement: JsonObject) -> str:
    return f" ({clean(statement['file'])}:{statement['line']})"
