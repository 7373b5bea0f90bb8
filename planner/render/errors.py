"""Failures as text for people: the three parts of each, and the data that some carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.errors import (
    AssertionsError,
    ConflictError,
    GuardError,
    InvalidPolicyError,
    Moved,
    PlannerError,
    StalePlanError,
)
from planner.render.text.assertions import judged_lines
from planner.render.text.findings import finding_line
from planner.render.text.guard import stop_lines
from planner.render.text.plan import moved_lines
from planner.render.text.terminal import Line, line
from planner.render.words import registry_text
from planner.text import clean

SHOWN_PROBLEMS = 20
"""So many problems are shown one by one; more of them hide more than they tell."""


def error_lines(error: PlannerError) -> list[Line]:
    """What failed; indented below it why, with what the error carries; and what to do."""
    lines = [line(("error", "Error:"), f" {clean(error.summary)}")]
    for part in ([*_text_lines(error.detail), *_data_lines(error)], _text_lines(error.hint)):
        if part:
            lines += [line(), *(line("  ", *each) for each in part)]
    return lines


def _text_lines(text: str) -> list[Line]:
    return [line(clean(each)) for each in text.split("\n")] if text else []


def _data_lines(error: PlannerError) -> list[Line]:
    """What an error carries, by its type."""
    match error:
        case GuardError(stops=stops):
            return stop_lines(stops)
        case AssertionsError(judged=broken):
            return judged_lines(broken)
        case StalePlanError(moved=moved):
            return [each for one in moved for each in _moved_lines(one)]
        case ConflictError(moved=moved, saved=saved):
            lines = [each for one in moved for each in _moved_lines(one)]
            return [*lines, *_text_lines(f"Saved: {', '.join(saved)}" if saved else "")]
        case InvalidPolicyError(problems=problems, registry=registry, origins=origins):
            judged = registry_text(registry, origins) if registry else ""
            return [*_problem_lines(problems), *_text_lines(judged)]
        case _:
            return []


def _moved_lines(moved: Moved) -> list[Line]:
    return [*_text_lines(moved.words), *moved_lines(moved.changes)]


def _problem_lines(problems: Sequence[Mapping[str, Any]]) -> list[Line]:
    """The problems of a policy, each with its place in the file and in the document."""
    lines: list[Line] = []
    for each in problems[:SHOWN_PROBLEMS]:
        lines.append(finding_line(each, clean(each["pointer"] or "(document)")))
        if each["hint"]:
            lines.append(line(f"    {clean(each['hint'])}"))
    if len(problems) > SHOWN_PROBLEMS:
        lines.append(line(f"... and {len(problems) - SHOWN_PROBLEMS:,} more"))
    return lines
