"""Drift as text for people, from its view."""

from __future__ import annotations

import textwrap

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.access import access_lines
from planner.render.text.plan import author_lines, moved_line, reached_lines, whole_lines
from planner.render.text.terminal import WIDTH, Line, line
from planner.text import clean


def lines(view: View, _look: Look) -> list[Line]:
    """The screen of `planner drift`: one line where all is well."""
    drift = view.document
    registry, serial = Registry(**drift["registry"]), drift["state"]["serial"]
    if not drift["drifted"]:
        return [line(("bold", "No drift."), f" {registry} holds what serial {serial} recorded.")]
    name = f" · {registry.account_id} / {registry.region} · state serial {serial}"
    found = [line(("bold", "planner drift"), name), *reached_lines(drift), line()]
    if drift["unreadable"]:
        found += _unreadable(drift)
    else:
        found += [*_changes(drift), line()]
        found += [*access_lines(drift["access"], registry, drift["accounts"]), line()]
    for note in drift["notes"]:
        first, *rest = textwrap.wrap(clean(note), WIDTH - 6) or [""]
        found += [line(("warn", "Note: "), first), *(line("      ", each) for each in rest)]
    if drift["notes"]:
        found.append(line())
    return [*found, *_ending(drift)]


def _unreadable(drift: JsonObject) -> list[Line]:
    return [
        line(("warn", "The live policy is one that this planner cannot read:")),
        line(f"  {clean(drift['unreadable'])}."),
        line(),
    ]


def _changes(drift: JsonObject) -> list[Line]:
    state = drift["state"]
    found = [line(("warn", f"Changed outside planner since serial {state['serial']}:"))]
    found.append(line(("dim", f"  recorded {clean(state['at'])} by {clean(state['by'])}")))
    for change in drift["changes"]:
        owners = ", ".join(map(clean, change["owners"]))
        found += moved_line(change, f"  ({owners})" if owners else "")
        if change["action"] != "update":
            found += whole_lines(change, "      ")
        found += author_lines(change)
    return found


def _ending(drift: JsonObject) -> list[Line]:
    count = drift["summary"]
    counts = ", ".join(f"{number} {name}" for name, number in count.items())
    found = [line(("bold", "Drift:"), f" {counts}.")] if not drift["unreadable"] else []
    whose = drift["whose"]
    it = "what is yours" if whose["nobodys"] or whose["others"] else "it"
    if whose["own"]:
        found += [
            line(f"To undo {it}: planner plan, then planner apply."),
            line(f"To keep {it}: planner drift --write --accept; nothing changes at AWS."),
        ]
    if whose["nobodys"]:
        found.append(line("To keep what nobody owns: planner import, or planner drift --accept."))
    if whose["others"]:
        others = ", ".join(map(clean, whose["others"]))
        found.append(line(f"What others own is theirs to undo or to keep: {others}."))
    return found
