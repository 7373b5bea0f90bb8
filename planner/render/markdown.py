"""Access as a table in Markdown, for a page or a comment."""

from __future__ import annotations

from planner.render.interface import Look, View
from planner.render.text.access import grants_lines
from planner.render.text.terminal import to_text


def render(view: View, _look: Look) -> str:
    """The table, and what is not known."""
    return to_text(grants_lines(view.document, form="pipe"))
