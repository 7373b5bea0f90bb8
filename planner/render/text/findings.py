"""Findings as text for people, from their view."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from planner.policy.document import JsonObject
from planner.render.interface import Look, View
from planner.render.text.assertions import test_lines
from planner.render.text.terminal import WIDTH, Line, Span, Style, line
from planner.render.words import place_text
from planner.text import clean, counted

_STYLES: dict[str, Style] = {"error": "remove", "warning": "warn", "note": "dim"}


def lines(view: View, _look: Look) -> list[Line]:
    """The screen of `planner validate`: every finding at its place, and how many there are.

    Below them stands what planner.toml asserts and does not hold.
    """
    findings, files = view.document["findings"], counted(view.document["files"], "file")
    told = [each for one in view.document["assertions"] for each in test_lines(one)]
    if not findings:
        return [line(("bold", "No findings"), f" in {files}."), *told]
    summary = view.document["summary"]
    counts = ", ".join(counted(number, name[:-1]) for name, number in summary.items())
    unread = ", ".join(map(clean, view.document["unread"]))
    more = [line(f"More may be found in {unread} once it can be read.")] if unread else []
    ending = [line(), line(f"{counts} in {files}."), *more, *told]
    return [*finding_lines(findings, indent=""), *ending]


def finding_lines(findings: Sequence[JsonObject], *, indent: str = "  ") -> list[Line]:
    """Findings, each with its place in its file and how to mend it."""
    found: list[Line] = []
    for each in findings:
        severity = each["severity"]
        found.append(line(indent, *finding_line(each, (_STYLES[severity], severity))))
        hint = textwrap.wrap(clean(each["hint"]), WIDTH - len(indent) - 4, break_on_hyphens=False)
        found += [line(indent, "    ", part) for part in hint]
    return found


def finding_line(finding: Mapping[str, Any], label: str | Span) -> Line:
    """What is wrong, at its place, by which rule; `label` says what kind of thing it is."""
    rule: Span = ("dim", f" [{finding['rule']}]")
    return line(f"{place_text(finding)}: ", label, f": {clean(finding['message'])}", rule)


def finding_text(finding: JsonObject) -> str:
    """What is wrong and how to mend it, in one paragraph."""
    message = finding["message"]
    stop = "" if message.endswith("?") else "."
    return " ".join(filter(None, (f"{message}{stop}", finding["hint"])))
