"""A snapshot as text for people."""

from __future__ import annotations

import json

from planner.plans.plan_id import SHORT_ID
from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, line
from planner.render.words import recorded_text
from planner.text import clean, counted


def lines(view: View, _look: Look) -> list[Line]:
    """What is recorded, by whom and when, who owns what, and what was recorded before."""
    snapshot = view.document
    name = str(Registry(**snapshot["registry"]))
    approved = snapshot["approved"]
    as_of = snapshot["as_of"]
    found = [
        line(("bold", f"# {name}"), f" · serial {snapshot['serial']}"),
        *([line(f"# {recorded_text(snapshot, as_of)}")] if as_of else []),
        line(f"# {_how(snapshot)} {clean(snapshot['at'])}"),
        line(f"# by {clean(snapshot['by'])}, with {clean(snapshot['tool'])}"),
        *([line(f"# approved: {clean(approved)}")] if approved else []),
        line(f"# lineage {clean(snapshot['lineage'])}"),
        *(_held(name, owned) for name, owned in snapshot["owners"].items()),
    ]
    if snapshot["policy"] is None:
        found.append(line("# no policy: it was deleted"))
    else:
        text = json.dumps(snapshot["policy"], indent=2, ensure_ascii=False)
        found += [line(clean(each)) for each in text.splitlines()]
    if snapshot["predecessor"]:
        found.append(line(("dim", "# `planner history` lists what was recorded before.")))
    return found + [_earlier(record) for record in snapshot["history"]]


def _held(name: str, owned: JsonObject) -> Line:
    count = counted(len(owned["statements"]), "statement")
    return line(f"# {count} of {name}, since serial {owned['serial']}")


def _earlier(record: JsonObject) -> Line:
    who = f"{clean(record['at'])} by {clean(record['by'])}"
    return line(("dim", f"# before: serial {record['serial']}, {_how(record)} {who}"))


def _how(record: JsonObject) -> str:
    """What was done, in words that a time can follow."""
    if record["act"]:
        return f"{clean(record['act'])},"
    return f"plan {clean(record['plan_id'][:SHORT_ID])}, applied"
