"""Addresses as text for people: one a line."""

from __future__ import annotations

from planner.render.interface import Look, View
from planner.render.text.terminal import Line, line
from planner.text import clean


def lines(view: View, _look: Look) -> list[Line]:
    """The addresses."""
    return [line(clean(each)) for each in view.document["addresses"]]
