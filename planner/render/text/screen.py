"""Views as text for people: which module words which kind."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from planner.render.interface import Look, View, ViewKind
from planner.render.text.terminal import Line, coloured, to_text

_MODULES: dict[ViewKind, str] = {
    "plan": "planner.render.text.plan",
    "drift": "planner.render.text.drift",
    "findings": "planner.render.text.findings",
    "rules": "planner.render.text.rules",
    "access": "planner.render.text.access",
    "decision": "planner.render.text.decision",
    "comparison": "planner.render.text.comparison",
    "snapshot": "planner.render.text.snapshot",
    "history": "planner.render.text.history",
    "recorded_diff": "planner.render.text.recorded_diff",
    "addresses": "planner.render.text.addresses",
    "locks": "planner.render.text.locks",
    "import": "planner.render.text.importing",
    "owners": "planner.render.text.owners",
    "assertions": "planner.render.text.assertions",
    "scope": "planner.render.text.scope",
}
"""The module whose `lines` words a kind of view, loaded when it is first used."""


def render(view: View, look: Look) -> str:
    """The lines of the view, with their styles as colours where the look asks for them."""
    lines: Callable[[View, Look], list[Line]] = import_module(_MODULES[view.kind]).lines
    found = lines(view, look)
    return coloured(found) if look.colour else to_text(found)
