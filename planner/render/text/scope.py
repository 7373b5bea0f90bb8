"""The registry policy scope as text for people, from its view."""

from __future__ import annotations

import textwrap

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.access import access_lines
from planner.render.text.terminal import WIDTH, Line, line
from planner.render.words import HELD_AGAINST_ALL, place_text
from planner.text import clean, counted, word

_NEXT = {
    "plan": "`planner plan` has the raise in its plan, since planner.toml says raise_scope = true.",
    "set": "To raise it: raise_scope = true in planner.toml, then `planner plan`.",
}


def lines(view: View, _look: Look) -> list[Line]:
    """The screen of `planner scope`."""
    document = view.document
    registry = Registry(**document["registry"])
    found = [line(f"{registry} has registry policy scope ", ("bold", document["scope"]), ".")]
    if document["told"] not in (None, document["scope"]) and document["next"] != "plan":
        told = f' planner.toml says scope = "{document["told"]}", and planner goes by it.'
        found.append(line(("warn", "Warning:"), told))
    found += [line(), *_needs(document)]
    if document["raising"]:
        found += [line(), *_raising(document, registry)]
    if document["next"] in _NEXT:
        found += [line(), line(_NEXT[document["next"]])]
    return found


def _needs(document: JsonObject) -> list[Line]:
    """What needs V2, each action at its place."""
    if document["policy"] is None:
        return [line("The registry has no policy.")]
    name, needs = clean(document["policy"]), document["needs_v2"]
    if not needs:
        return [line(f"Nothing in {name} needs V2.")]
    verb = "needs" if len(needs) == 1 else "need"
    return [
        line(f"{counted(len(needs), 'action')} of {name} {verb} V2:"),
        *(
            line(f"  {place_text(each)}: {clean(each['statement'])}: {word(each['action'])}")
            for each in needs
        ),
    ]


def _raising(document: JsonObject, registry: Registry) -> list[Line]:
    """What the raise does at once, to the policy that is live."""
    told = textwrap.wrap(f"Raised to V2: {HELD_AGAINST_ALL}", WIDTH)
    table = access_lines(document["raising"], registry, document["accounts"])
    return [*map(line, told), line(), line("For the live policy that means:"), line(), *table]
