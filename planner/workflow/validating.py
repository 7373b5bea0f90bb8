"""Policy files in, findings out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from planner.config.settings import Settings
from planner.config.target import Target
from planner.guard.assertion_checks import Tested
from planner.lint.annotation import Annotations
from planner.lint.check import (
    ACCESS_ANALYZER,
    check,
    check_suppressions,
    finding_at,
    in_order,
    of_problems,
    suppressed,
    unknown,
    unused,
)
from planner.lint.finding import Finding, Severity
from planner.lint.rule import Violation
from planner.lint.suppression import Suppression
from planner.policy.document import serialize
from planner.policy.parse import ParsedPolicy
from planner.ports import FindingType, PolicyAnalyzer
from planner.registry import STAND_IN
from planner.workflow.reading import FindTarget, PolicySource, Subject
from planner.workflow.testing import hold_against

_SEVERITIES: dict[FindingType, Severity] = {
    "ERROR": "error",
    "SECURITY_WARNING": "warning",
    "WARNING": "warning",
    "SUGGESTION": "note",
}


@dataclass(slots=True)
class Validation:
    """What the rules find in policies, and what each of these was taken to be for.

    `tested` has the assertions, if there are any, held against each policy without errors.
    """

    findings: list[Finding] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    tested: list[Tested] = field(default_factory=list)


def validate_policies(
    sources: Sequence[PolicySource],
    settings: Settings,
    find_target: FindTarget,
    today: date,
    analyzer: PolicyAnalyzer | None = None,
) -> Validation:
    """What the rules find in policies, but for what planner.toml suppresses; its assertions.

    Assertions are left to plans where the project owns a part alone. `today` is the day in UTC. An
    `analyzer` is asked as well about each that is a policy. Raises PlannerError for a suppression
    of a rule that is none, and where the analyzer cannot be asked.
    """
    suppressions, name = settings.toml.suppressions, str(settings.file)
    # What is asserted is of the whole policy, and an owner's files are a part of it.
    asserted = () if settings.toml.owner else settings.toml.assertions
    check_suppressions(suppressions, name)
    annotations = Annotations(settings.toml.statements, today)
    done = Validation()
    used: set[Suppression] = set()
    for source in sources:
        result, target = source.read(settings, find_target, stand_in=STAND_IN)
        done.targets.append(target)
        if not isinstance(result, ParsedPolicy):
            done.findings += of_problems(result)
            continue
        found = check(
            result,
            target.registry,
            settings.scope_to_be,
            is_assumed=target.is_assumed,
            annotations=annotations,
        )
        if analyzer is not None:
            found = in_order([*found, *_asked(analyzer, result)])
        kept, used_here = suppressed(found, suppressions)
        done.findings += kept
        has_errors = any(each.severity == "error" for each in kept)
        if asserted and not has_errors:
            subject = Subject(result, source.name, target, settings.scope_to_be)
            done.tested.append(hold_against(asserted, subject))
        used |= used_here
        if not source.is_alone:
            gone = annotations.without(each.sid for each in result.policy.statements)
            done.findings += unknown(gone, name)
    done.findings += unused(suppressions, used, name)
    return done


def _asked(analyzer: PolicyAnalyzer, parsed: ParsedPolicy) -> list[Finding]:
    """What the analyzer finds, each at its place in the file."""
    found = []
    for each in analyzer.validate(serialize(parsed.policy)):
        message = f"{each.details.rstrip('.')} ({each.issue_code})"
        for pointer in [where.pointer for where in each.locations] or [""]:
            violation = Violation(pointer, message, each.learn_more)
            severity = _SEVERITIES[each.type]
            found.append(finding_at(parsed, ACCESS_ANALYZER, severity, violation))
    return found
