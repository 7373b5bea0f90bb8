"""`planner validate`: files in, findings out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from planner import __version__
from planner.cli.output import print_lines, say
from planner.cli.project import Project, built_in_values
from planner.errors import InvalidPolicyError
from planner.lint.check import (
    ACCESS_ANALYZER,
    all_rules,
    check,
    finding_at,
    in_order,
    of_problems,
    suppressed,
)
from planner.lint.finding import Finding, Severity
from planner.lint.rule import Rule, Violation
from planner.lint.suppression import Suppression
from planner.plans.plan import as_json
from planner.policy.document import JsonObject, serialize
from planner.policy.parse import ParsedPolicy, find_problems
from planner.policy.placeholders import BUILT_IN
from planner.registry import STAND_IN
from planner.stores.files import read_bounded

_SEVERITY_OF_TYPE: dict[str, Severity] = {
    "ERROR": "error",
    "SECURITY_WARNING": "warning",
    "WARNING": "warning",
    "SUGGESTION": "note",
}
Ask = Callable[[ParsedPolicy, str], list[Finding]]
"""Asks somebody else about the policy in a file."""


def validate_files(
    project: Project, paths: list[Path], output: str, *, analyzer: bool, no_color: bool
) -> int:
    """Prints what the rules find in the files; gives the exit code.

    With `analyzer`, IAM Access Analyzer is asked about each file that parses.
    """
    ask = _access_analyzer(project) if analyzer else None
    findings: list[Finding] = []
    used: set[Suppression] = set()
    for path in paths:
        found, used_here = suppressed(_findings(project, path, ask), project.suppressions)
        findings += found
        used |= used_here
    findings += project.unused_suppressions(used)
    _print([each.to_json() for each in findings], len(paths), output, no_color=no_color)
    failed = any(each.severity == "error" for each in findings)
    return InvalidPolicyError.exit_code if failed else 0


def _findings(project: Project, path: Path, ask: Ask | None) -> list[Finding]:
    name = "standard input" if str(path) == "-" else str(path)
    data = read_bounded(path, "policy file")
    draft = find_problems(data, fill=project.placeholders({}, later=BUILT_IN).fill)
    if not isinstance(draft, ParsedPolicy):
        return of_problems(draft, name)
    registry = project.known_registry([draft.policy])
    values = built_in_values(registry or STAND_IN)
    parsed = find_problems(data, fill=project.placeholders(values).fill)
    if not isinstance(parsed, ParsedPolicy):
        return of_problems(parsed, name)
    found = check(parsed, name, registry, project.scope)
    return in_order([*found, *ask(parsed, name)]) if ask else found


def _access_analyzer(project: Project) -> Ask:
    from planner.aws.access_analyzer import AccessAnalyzer

    service = AccessAnalyzer(project.connection())

    def ask(parsed: ParsedPolicy, name: str) -> list[Finding]:
        return [
            finding_at(
                parsed,
                name,
                ACCESS_ANALYZER,
                _SEVERITY_OF_TYPE[each.type],
                Violation(
                    location, f"{each.details.rstrip('.')} ({each.issue_code})", each.learn_more
                ),
            )
            for each in service.validate(serialize(parsed.policy))
            for location in [where.pointer for where in each.locations] or [""]
        ]

    return ask


def _print(findings: list[JsonObject], files: int, output: str, *, no_color: bool) -> None:
    if output == "json":
        say(as_json({"findings": findings, "summary": _summary(findings)}))
    elif output == "sarif":
        from planner.render.sarif import sarif_log

        say(as_json(sarif_log(findings, [_rule_json(each) for each in all_rules()], __version__)))
    elif output == "github":
        from planner.render.github import workflow_commands

        for line in workflow_commands(findings):
            say(line)
    else:
        from planner.render.text.findings import report_lines

        print_lines(report_lines(findings, _summary(findings), files), no_color=no_color)


def _summary(findings: list[JsonObject]) -> dict[str, int]:
    severities = [each["severity"] for each in findings]
    return {f"{name}s": severities.count(name) for name in ("error", "warning", "note")}


def _rule_json(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "severity": rule.severity, "title": rule.title}


def print_rules(output: str) -> None:
    """Prints the table of rules."""
    rows = [_rule_json(each) for each in all_rules()]
    if output == "json":
        say(as_json(rows))
        return
    from tabulate import tabulate

    table = [(row["id"], row["severity"], row["title"]) for row in rows]
    say(tabulate(table, ("Rule", "Severity", "What it finds"), tablefmt="simple"))
