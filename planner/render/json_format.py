"""A view as the JSON that it is."""

from __future__ import annotations

from planner.render.interface import Look, View
from planner.text import json_text


def render(view: View, _look: Look) -> str:
    """The document of the view."""
    return json_text(view.document)
