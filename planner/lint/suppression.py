"""Findings that somebody has decided to live with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from planner.lint.finding import Finding


@dataclass(frozen=True, slots=True)
class Suppression:
    """Turns a rule off, for one statement (its Sid, or `statement[2]`) or for all of them.

    `line` is where it stands in its settings file.
    """

    rule: str
    statement: str | None = None
    reason: str = ""
    line: int = field(default=1, compare=False)

    def covers(self, finding: Finding) -> bool:
        """Whether it turns this finding off."""
        names = (None, finding.statement, _sid(finding.statement))
        return finding.rule == self.rule and self.statement in names

    def __str__(self) -> str:
        return f"{self.rule} for {self.statement}" if self.statement else self.rule


def _sid(name: str) -> str:
    """The Sid in `statement["Sid"]`."""
    return name.removeprefix('statement["').removesuffix('"]')
