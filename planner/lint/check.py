"""All rules over one policy file, and the switches that turn single findings off."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

from planner.errors import PlannerError
from planner.lint.annotation import Annotation, Annotations
from planner.lint.finding import SEVERITIES, Finding, Severity
from planner.lint.rule import RULES, LintContext, Rule, Violation

# Each of these modules registers its rules when it is imported.
from planner.lint.rules import (
    actions,
    conditions,
    document,
    incomplete,
    keys,
    lockout,
    principals,
    resources,
    statements,
)
from planner.lint.suppression import Suppression
from planner.policy.document import Policy, Statement
from planner.policy.fragments import beside
from planner.policy.parse import ParsedPolicy
from planner.policy.tree import Location, Problem
from planner.registry import Registry
from planner.text import word

__all__ = [
    "actions",
    "conditions",
    "document",
    "incomplete",
    "keys",
    "lockout",
    "principals",
    "resources",
    "statements",
]

_OF_PARSING = (
    Rule("json", "error", "The file is not JSON"),
    Rule("yaml", "error", "The file is not the YAML of a policy"),
    Rule("not-a-policy", "error", "The file is another document than a policy"),
    Rule("grammar", "error", "The policy breaks IAM's grammar"),
    Rule("placeholder", "error", "A placeholder that nothing fills"),
    Rule("fragments", "error", "Files of one policy that contradict each other"),
)
ACCESS_ANALYZER = "access-analyzer"
"""The rule whose findings are those of AWS's own IAM Access Analyzer."""

_OF_ANALYZER = (Rule(ACCESS_ANALYZER, "note", "What IAM Access Analyzer finds, where it is asked"),)
_OF_SETTINGS = (
    Rule("unused-switch", "warning", "A switch that turns no finding off"),
    Rule("unknown-statement", "warning", "What is said of a statement that is not there"),
)
_FIXED = {each.id for each in (*_OF_PARSING, *_OF_SETTINGS)}


def all_rules() -> list[Rule]:
    """Every rule, the worst first, then by id."""
    rules = (*_OF_PARSING, *RULES.values(), *_OF_ANALYZER, *_OF_SETTINGS)
    return sorted(rules, key=lambda each: (SEVERITIES.index(each.severity), each.id))


def suppression_mistake(rule: str) -> str:
    """Why a switch cannot name this rule, or `""`."""
    if rule in _FIXED:
        return f"the rule '{rule}' cannot be suppressed off"
    if rule in RULES or rule == ACCESS_ANALYZER:
        return ""
    near = difflib.get_close_matches(rule, RULES, n=1)
    return f"there is no rule '{rule}'" + (f"; did you mean '{near[0]}'?" if near else "")


def check_suppressions(suppressions: Iterable[Suppression], file: str) -> None:
    """Raises PlannerError where the settings file `file` suppresses a rule that is none."""
    for suppression in suppressions:
        if mistake := suppression_mistake(suppression.rule):
            hint = "`planner validate --list-rules` lists them."
            raise PlannerError(f"{file}: [lint]: {mistake}.", "", hint)


def check(
    parsed: ParsedPolicy,
    registry: Registry | None = None,
    scope: str | None = None,
    *,
    is_assumed: bool = False,
    annotations: Annotations | None = None,
) -> list[Finding]:
    """What the rules find in a policy file, in order of place.

    `scope` is the registry's policy scope, `V1` or `V2`, None where it is not known.
    `is_assumed` says that nothing but the policy's resources names the registry's account.
    `annotations` are what the settings say of statements.
    """
    subject = LintContext(parsed, registry, scope, is_assumed, annotations)
    return in_order(
        finding_at(parsed, rule.id, rule.severity, violation)
        for rule in RULES.values()
        if rule.check
        for violation in rule.check(subject)
    )


def check_beside(
    own: ParsedPolicy,
    others: Sequence[Statement],
    registry: Registry | None = None,
    scope: str | None = None,
    annotations: Annotations | None = None,
) -> list[Finding]:
    """What the rules find in `own` where statements of others stand in the same policy.

    What is found in these is for their owners to see, and nobody makes one of two statements
    that have different owners.
    """
    alone = check(own, registry, scope, annotations=annotations)
    if not others:
        return alone
    whole = beside(own, Policy(tuple(others)), _OTHERS)
    together = check(whole, registry, scope, annotations=annotations)
    found = [each for each in together if each.location.file != _OTHERS]
    return in_order(
        [each for each in alone if each.rule == _MERGEABLE]
        + [each for each in found if each.rule != _MERGEABLE]
    )


_OTHERS = "the statements of others"
_MERGEABLE = "mergeable-statements"


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by their place, the worst first where they share one."""
    return sorted(
        findings, key=lambda each: (each.location, SEVERITIES.index(each.severity), each.rule)
    )


def finding_at(
    parsed: ParsedPolicy, rule: str, severity: Severity, violation: Violation
) -> Finding:
    """The finding of a rule, with the statement and the place that its pointer means."""
    pointer, location = parsed.in_file(violation.pointer), parsed.locate(violation.pointer)
    match = re.match(r"/Statement/([0-9]+)", violation.pointer)
    statement = parsed.names[int(match[1])] if match else ""
    return Finding(rule, severity, violation.message, violation.hint, statement, pointer, location)


def of_problems(problems: Iterable[Problem]) -> list[Finding]:
    """What kept a file from being parsed."""
    return [
        Finding(p.rule, "error", p.message, p.hint, "", p.pointer, p.location) for p in problems
    ]


def suppressed(
    findings: Iterable[Finding], suppressions: Iterable[Suppression]
) -> tuple[list[Finding], set[Suppression]]:
    """The findings that no switch turns off, and the switches that turned one off."""
    kept, used = [], set()
    for finding in findings:
        covering = {suppression for suppression in suppressions if suppression.covers(finding)}
        used |= covering
        if not covering:
            kept.append(finding)
    return kept, used


def unused(suppressions: Iterable[Suppression], used: set[Suppression], file: str) -> list[Finding]:
    """A finding for each switch of the settings file `file` that turned nothing off."""
    return [
        _of_settings(
            "unused-switch",
            f"nothing is found that the switch of {suppression} turns off",
            "Remove the suppression.",
            file,
            suppression.line,
        )
        for suppression in suppressions
        if suppression not in used
    ]


def unknown(annotations: Mapping[str, Annotation], file: str) -> list[Finding]:
    """A finding for each `[statements.SID]` of the settings `file` whose statement is not there."""
    return [
        _of_settings(
            "unknown-statement",
            f"no statement has the Sid {word(sid)}",
            f"Remove [statements.{word(sid)}], or give it the Sid that the statement has now.",
            file,
            each.line,
        )
        for sid, each in annotations.items()
    ]


def _of_settings(rule: str, message: str, hint: str, file: str, line: int) -> Finding:
    return Finding(rule, "warning", message, hint, "", "", Location(file, line, 1, line, 1))
