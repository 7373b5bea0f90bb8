"""Where a plan crosses a limit, as text, from its public view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.text.access import witness_text
from planner.render.text.terminal import Line, line
from planner.text import clean

_CAN = {"removes-deny": "was denied"}
_ANSWER = {"ask": "asks for a reason", "refuse": "refuses"}
_NONE: Mapping[str, str] = {}


def stop_lines(
    stops: Sequence[JsonObject],
    registry: Registry | None = None,
    accounts: Mapping[str, str] = _NONE,
) -> list[Line]:
    """A line for each stop, and one for its proof."""
    lines: list[Line] = []
    for stop in stops:
        where = f"{clean(stop['statement'])}: " if stop["statement"] else ""
        answer = f"The guard {_ANSWER[stop['answer']]} ({stop['check']}): "
        lines.append(line(("warn", answer), f"{where}{stop['message']}."))
        if stop["witness"]:
            can = _CAN.get(stop["check"], "can now")
            lines.append(line(f"  For one, {witness_text(stop, registry, accounts, can=can)}."))
    return lines
