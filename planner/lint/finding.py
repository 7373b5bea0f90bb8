"""One thing that a reader of a policy file should know, at its place in the file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planner.policy.document import JsonObject
from planner.policy.tree import Location

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The worst first. An error stops a plan, a warning wants an answer, a note is to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found. `rule` is its stable id; `hint` says how to mend it.

    `pointer` is a JSON Pointer into the file, where a single value may count as a list of
    one; `statement` names the statement, empty for what concerns the whole file.
    """

    rule: str
    severity: Severity
    message: str
    hint: str
    statement: str
    pointer: str
    location: Location

    def to_json(self) -> JsonObject:
        """The public view, as plan, `--format json` and the renderers have it."""
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "hint": self.hint,
            "file": self.location.file,
            "statement": self.statement,
            "pointer": self.pointer,
            "line": self.location.line,
            "column": self.location.column,
            "end_line": self.location.end_line,
            "end_column": self.location.end_column,
        }


def finding_from(document: JsonObject) -> Finding:
    """The finding that `to_json` gave. Raises KeyError, TypeError or ValueError for another."""
    words = ("rule", "message", "hint", "statement", "pointer", "file")
    rule, message, hint, statement, pointer, file = (str(document[each]) for each in words)
    severity = SEVERITIES[SEVERITIES.index(document["severity"])]
    numbers = (int(document[each]) for each in ("line", "column", "end_line", "end_column"))
    location = Location(file, *numbers)
    return Finding(rule, severity, message, hint, statement, pointer, location)
