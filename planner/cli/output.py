"""Printing: the one place where styles become colours and errors become text."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import IO

from planner.config.target import Target
from planner.errors import PlannerError
from planner.render.formats import render
from planner.render.interface import Look, View
from planner.render.text.terminal import WIDTH, Line, coloured, styled, to_text
from planner.text import clean


@dataclass(frozen=True, slots=True)
class Output:
    """How a command is asked to print its answer: `--format` (`--json`) and `--no-color`."""

    format: str = "text"
    no_color: bool = False


def show(view: View, output: Output, *, saved_as: str | None = None, every: bool = False) -> None:
    """Prints a view to standard output."""
    colour = wants_colour(sys.stdout, no_color=output.no_color)
    say(render(view, output.format, Look(WIDTH, colour, saved_as, every)), end="")


def wants_colour(stream: IO[str], *, no_color: bool) -> bool:
    """Whether to colour: the flag, then NO_COLOR, then FORCE_COLOR, then a terminal.

    https://no-color.org and https://force-color.org describe the variables.
    """
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0", "false"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def print_lines(lines: list[Line], *, no_color: bool = False) -> None:
    """Prints styled lines to standard output."""
    colour = wants_colour(sys.stdout, no_color=no_color)
    say(coloured(lines) if colour else to_text(lines), end="")


def say(text: str, end: str = "\n") -> None:
    """Prints text to standard output."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def progress(text: str) -> None:
    """Tells of a step that was taken. Nobody listening is no reason to stop half-way."""
    with contextlib.suppress(OSError):
        say(clean_lines(text))


def notice(text: str) -> None:
    """Tells of something beside the result, on standard error, if anybody listens."""
    with contextlib.suppress(OSError):
        sys.stderr.write(clean_lines(text) + "\n")
        sys.stderr.flush()


def warn(text: str) -> None:
    """Tells of something to look after, on standard error."""
    label = "Warning:"
    if wants_colour(sys.stderr, no_color=False):
        label = styled("warn", label)
    sys.stderr.write(f"{label} {clean_lines(text)}\n")


def tell_origins(*targets: Target) -> None:
    """Says on standard error where account and Region come from, if from no flag or setting."""
    from planner.render.words import registry_text

    said = {
        registry_text(str(each.registry), each.origins): None
        for each in targets
        if each.registry and each.origins
    }
    for sentence in said:
        notice(sentence)


def clean_lines(text: str) -> str:
    """The text with everything invisible but line ends written as an escape."""
    return "\n".join(clean(each) for each in text.split("\n"))


def print_error(error: PlannerError, *, no_color: bool = False) -> None:
    """Prints a failure to standard error."""
    from planner.render.errors import error_lines

    lines = error_lines(error)
    colour = wants_colour(sys.stderr, no_color=no_color)
    sys.stderr.write(coloured(lines) if colour else to_text(lines))
