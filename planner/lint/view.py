"""The public JSON of findings and of rules, which `--format json` prints and renderers draw."""

from __future__ import annotations

from collections.abc import Sequence

from planner.lint.check import all_rules
from planner.lint.finding import SEVERITIES, Finding
from planner.policy.document import JsonObject
from planner.policy.tree import UNREADABLE

FORMAT_VERSION = 1


def findings_view(
    findings: Sequence[Finding], files: int, assertions: Sequence[JsonObject] = ()
) -> JsonObject:
    """Findings in so many files, and how many there are of each severity.

    `assertions` are views of what was asserted of the files, and `unread` the files at which the
    other rules will look once they can be read.
    """
    severities = [each.severity for each in findings]
    return {
        "kind": "findings",
        "format_version": FORMAT_VERSION,
        "findings": [each.to_json() for each in findings],
        "summary": {f"{severity}s": severities.count(severity) for severity in SEVERITIES},
        "files": files,
        "unread": sorted({each.location.file for each in findings if each.rule in UNREADABLE}),
        "assertions": list(assertions),
    }


def rules_view() -> JsonObject:
    """Every rule, the worst first."""
    return {"kind": "rules", "format_version": FORMAT_VERSION, "rules": rule_rows()}


def rule_rows() -> list[JsonObject]:
    """The id, the severity and the title of every rule."""
    return [{"id": each.id, "severity": each.severity, "title": each.title} for each in all_rules()]
