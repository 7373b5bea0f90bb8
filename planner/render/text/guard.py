"""Where a plan crosses a limit, as text, from its public view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.text.access import witness_text
from planner.render.text.terminal import Line, line
from planner.render.words import SIDES, for_one, guard_text
from planner.text import clean

_VERBS = {"removes-deny": "was denied", "own-access": "can no longer"}
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
        answer = f"{guard_text(stop['answer'])} ({stop['check']}): "
        lines.append(line(("warn", answer), f"{where}{stop['message']}."))
        if stop["witness"]:
            verb = _VERBS.get(stop["check"], SIDES["gained"].verb)
            said = witness_text(stop, registry, accounts, verb=verb)
            lines.append(line(f"  {for_one(said)}"))
    return lines
