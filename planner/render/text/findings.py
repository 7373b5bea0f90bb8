"""Findings as text for people, from their public view."""

from __future__ import annotations

import textwrap

from planner.policy.document import JsonObject
from planner.render.text.terminal import WIDTH, Line, Span, Style, line
from planner.text import clean

_STYLES: dict[str, Style] = {"error": "remove", "warning": "warn", "note": "dim"}


def report_lines(findings: list[JsonObject], summary: dict[str, int], files: int) -> list[Line]:
    """The screen of `planner validate`: every finding at its place, and how many there are."""
    lines: list[Line] = []
    for finding in findings:
        where = f"{clean(finding['file'])}:{finding['line']}:{finding['column']}: "
        lines += _finding(finding, where, "    ")
    if lines:
        lines.append(line())
    what = "1 file" if files == 1 else f"{files} files"
    if not findings:
        return [line(("bold", "No findings"), f" in {what}.")]
    counts = ", ".join(_count(number, name[:-1]) for name, number in summary.items())
    return [*lines, line(f"{counts} in {what}.")]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def finding_text(finding: JsonObject) -> str:
    """What is wrong and how to mend it, in one paragraph."""
    message = finding["message"]
    stop = "" if message.endswith("?") else "."
    return " ".join(filter(None, (f"{message}{stop}", finding["hint"])))


def finding_lines(findings: list[JsonObject]) -> list[Line]:
    """The findings of a plan, each with its line in the policy file."""
    lines: list[Line] = []
    for finding in findings:
        where = f"  {clean(finding['file'])}:{finding['line']}:{finding['column']}: "
        lines += _finding(finding, where, "      ")
    return lines


def _finding(finding: JsonObject, where: str, indent: str) -> list[Line]:
    severity = finding["severity"]
    rule: Span = ("dim", f" [{finding['rule']}]")
    message = f": {clean(finding['message'])}"
    first = line(where, (_STYLES[severity], severity), message, rule)
    hint = textwrap.wrap(clean(finding["hint"]), WIDTH - len(indent), break_on_hyphens=False)
    return [first, *(line(indent, each) for each in hint)]
