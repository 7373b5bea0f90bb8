"""Printing: the one place where styles become colours and errors become text."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from planner.config.target import Target
from planner.errors import PlannerError
from planner.render.formats import is_of_commands, render
from planner.render.interface import Look, View
from planner.render.text.terminal import WIDTH, Line, coloured, line, to_text
from planner.text import inert


@dataclass(frozen=True, slots=True)
class Output:
    """How a command is asked to print its answer: `--format` (`--json`) and `--no-color`."""

    format: str = "text"
    no_color: bool = False


def show(
    view: View,
    output: Output,
    *,
    saved_as: str | None = None,
    again: tuple[str, ...] = (),
    every: bool = False,
) -> None:
    """Prints a view to standard output."""
    colour = wants_colour(sys.stdout, no_color=output.no_color)
    text = render(view, output.format, Look(WIDTH, colour, saved_as, again, every))
    _write(sys.stdout, text, styled=colour, commands=is_of_commands(output.format))


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
    _write_lines(sys.stdout, lines, no_color=no_color)


def say(text: str, end: str = "\n") -> None:
    """Prints text to standard output."""
    _write(sys.stdout, text + end)


def progress(text: str) -> None:
    """Tells of a step that was taken. Nobody listening is no reason to stop half-way."""
    with contextlib.suppress(OSError):
        say(text)


def notice(text: str, end: str = "\n") -> None:
    """Tells of something beside the result, on standard error, if anybody listens."""
    with _whether_or_not_heard():
        _write(sys.stderr, text + end)


def warn(text: str) -> None:
    """Tells of something to look after, on standard error."""
    first, *rest = text.split("\n")
    with _whether_or_not_heard():
        _write_lines(sys.stderr, [line(("warn", "Warning:"), f" {first}"), *map(line, rest)])


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


def print_error(error: PlannerError, *, no_color: bool = False) -> None:
    """Prints a failure to standard error."""
    from planner.render.errors import error_lines

    with _whether_or_not_heard():
        _write_lines(sys.stderr, error_lines(error), no_color=no_color)


def silence(stream: IO[str]) -> None:
    """Lets what is written to a stream go nowhere: what it still holds would fail at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def _whether_or_not_heard() -> Iterator[None]:
    """For what is told on standard error: where that cannot be written, the rest counts."""
    try:
        yield
    except OSError:
        silence(sys.stderr)


def _write_lines(stream: IO[str], lines: list[Line], *, no_color: bool = False) -> None:
    colour = wants_colour(stream, no_color=no_color)
    _write(stream, coloured(lines) if colour else to_text(lines), styled=colour)


def _write(stream: IO[str], text: str, *, styled: bool = False, commands: bool = False) -> None:
    """Where all that planner prints goes through, whoever wrote what it is made of."""
    stream.write(inert(text, styled=styled, commands=commands))
    stream.flush()
