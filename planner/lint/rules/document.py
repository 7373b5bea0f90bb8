"""Rules about the policy as a whole: its size, its version, its Sids."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, statement_rule
from planner.policy.canonical import CURRENT_VERSION
from planner.policy.document import POLICY_SIZE_LIMIT, serialize
from planner.policy.ecr_rules import SIZE_HINT, size_refusal
from planner.policy.variables import has_variable

_NEAR = 0.9
_SID_AS_USUAL = re.compile(r"[A-Za-z0-9-]*")
_SID_SEEN_IN_ECR = re.compile(r"[A-Za-z0-9 ._-]*")


@rule("policy-size", "error", "The policy is larger than ECR takes")
def policy_size(context: LintContext) -> Iterator[Violation]:
    """`policyText` has at most 10,240 characters.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryPolicy.html
    """
    if too_large := size_refusal(context.written):
        yield Violation("", too_large, SIZE_HINT)


@rule("size-near-limit", "warning", "The policy takes more than 90 % of the size ECR takes")
def size_near_limit(context: LintContext) -> Iterator[Violation]:
    """The next few statements will not fit: `policy_size` names the limit."""
    size = len(serialize(context.written))
    if _NEAR * POLICY_SIZE_LIMIT < size <= POLICY_SIZE_LIMIT:
        yield Violation(
            "", f"the policy has {size:,} of {POLICY_SIZE_LIMIT:,} characters", SIZE_HINT
        )


@rule("missing-version", "warning", "The policy has no Version")
def missing_version(context: LintContext) -> Iterator[Violation]:
    """A missing Version means 2008-10-17.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    if context.policy.version is None and not any(_variables(context)):
        message = "the policy has no Version, and so the one of 2008"
        yield Violation("", message, f'Add "Version": "{CURRENT_VERSION}".')


@rule("old-version", "note", "The policy has the Version of 2008")
def old_version(context: LintContext) -> Iterator[Violation]:
    """The older version knows no policy variables; `missing_version` names the page."""
    if context.policy.version not in (None, CURRENT_VERSION) and not any(_variables(context)):
        message = f"Version {context.policy.version} is the older one"
        yield Violation(
            "/Version", message, f'Write "{CURRENT_VERSION}": it means the same and more.'
        )


@rule("variable-version", "warning", "A policy variable in a policy without Version 2012-10-17")
def variable_version(context: LintContext) -> Iterator[Violation]:
    """Without that Version `${aws:username}` is just these characters.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if context.policy.version == CURRENT_VERSION:
        return
    if pointer := next(_variables(context), ""):
        message = "without Version 2012-10-17 a policy variable is plain text"
        what = "Write" if context.policy.version else "Add"
        yield Violation(pointer, message, f'{what} "Version": "{CURRENT_VERSION}".')


def _variables(context: LintContext) -> Iterator[str]:
    """The pointers of all values with a policy variable."""
    for located in context.statements:
        for pointer, resource in located.resources():
            if has_variable(resource.text):
                yield pointer
        for condition in located.statement.conditions:
            if any(map(has_variable, condition.texts)):
                yield located.condition(condition)


@rule("duplicate-sid", "error", "Two statements have the same Sid")
def duplicate_sid(context: LintContext) -> Iterator[Violation]:
    """IAM wants Sids unique in a policy, and the console's generator replaces by Sid.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """
    first: dict[str, LocatedStatement] = {}
    for located in context.statements:
        sid = located.statement.sid
        if not sid:
            continue
        if sid in first:
            message = f"{first[sid].nameless} has the Sid '{sid}' too"
            yield Violation(
                located.element("Sid"), message, "Give each statement a Sid of its own."
            )
        first.setdefault(sid, located)


@statement_rule("malformed-sid", "error", "A Sid has characters that no Sid has")
def malformed_sid(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Neither IAM's grammar nor any registry seen has them; `sid_characters` names the page."""
    if not _SID_SEEN_IN_ECR.fullmatch(located.statement.sid or ""):
        message = f"'{located.statement.sid}' is no Sid"
        yield Violation(located.element("Sid"), message, "Use letters and digits only.")


@statement_rule("sid-characters", "warning", "A Sid has more than letters, digits and hyphens")
def sid_characters(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """IAM's grammar has A-Z, a-z and 0-9; ECR has been seen to take hyphens, and spaces too.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    """
    sid = located.statement.sid or ""
    if _SID_SEEN_IN_ECR.fullmatch(sid) and not _SID_AS_USUAL.fullmatch(sid):
        message = f"the Sid '{sid}' has more than letters, digits and hyphens"
        yield Violation(located.element("Sid"), message, "Use letters and digits only.")
