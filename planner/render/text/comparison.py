"""A comparison of two policies as text for people."""

from __future__ import annotations

from planner.render.interface import Look, View
from planner.render.text.access import access_lines, registry_of
from planner.render.text.terminal import Line


def lines(view: View, _look: Look) -> list[Line]:
    """The screen of `planner compare`: what is gained and lost, with a request for each row."""
    return access_lines(view.document, registry_of(view.document), every_witness=True)
