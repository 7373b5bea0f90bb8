"""The table of formats: which there are, what each of them draws, and where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import get_args

from planner.errors import UsageError
from planner.render.interface import Look, Render, View, ViewKind

ALL_KINDS: tuple[ViewKind, ...] = get_args(ViewKind)


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name, the module whose `render` draws it, and the kinds that it draws.

    The module is loaded when it is first used. A format `of_commands` is there for the runner of
    a CI service to obey; no other is.
    """

    name: str
    module: str
    kinds: tuple[ViewKind, ...]
    of_commands: bool = False


FORMATS = (
    Format("text", "planner.render.text.screen", ALL_KINDS),
    Format("json", "planner.render.json_format", ALL_KINDS),
    Format("sarif", "planner.render.sarif", ("findings",)),
    Format(
        "github", "planner.render.github", ("findings", "assertions", "drift"), of_commands=True
    ),
    Format("csv", "planner.render.csv_format", ("access",)),
    Format("markdown", "planner.render.markdown", ("access",)),
)


def format_names(kind: ViewKind) -> tuple[str, ...]:
    """The names of the formats that draw a kind of view, the usual one first.

    >>> format_names("decision")
    ('text', 'json')
    """
    return tuple(each.name for each in FORMATS if kind in each.kinds)


def is_of_commands(name: str) -> bool:
    """Whether the format of this name is made of commands to a runner."""
    return any(each.of_commands for each in FORMATS if each.name == name)


def render(view: View, name: str, look: Look) -> str:
    """The view in the format of this name.

    Raises UsageError unless it is one of `format_names(view.kind)`.
    """
    chosen = next((each for each in FORMATS if each.name == name and view.kind in each.kinds), None)
    if chosen is None:
        names = ", ".join(format_names(view.kind))
        raise UsageError(f"--format {name} cannot print this.", "", f"It can be one of {names}.")
    draw: Render = import_module(chosen.module).render
    return draw(view, look)
