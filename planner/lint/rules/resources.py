"""Rules about where a statement holds. ECR takes any Resource and lets it fail later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.automata.pattern import matches, overlap
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, statement_rule
from planner.lint.rules.actions import expand, redundant
from planner.policy.ecr_rules import is_unfilled
from planner.policy.variables import opened
from planner.registry import Registry

_REPOSITORY_ARN = ("arn", "aws*", "ecr", "?*", "????????????", "repository/?*")
_FIELDS = len(_REPOSITORY_ARN)
_REPOSITORY_CHARACTERS = re.compile(r"[a-z0-9._/*?${}:-]*")


def _right_form(registry: Registry | None, partition: str) -> str:
    region, account = (registry.region, registry.account_id) if registry else ("REGION", "ACCOUNT")
    return f"arn:{partition}:ecr:{region}:{account}:repository/NAME"


def _is_ecr(resource: str) -> bool:
    """Whether some repository of some registry has an ARN that the pattern matches.

    A `*` may stand for several fields of the ARN; those before it are compared one by one.
    """
    fields = opened(resource).split(":", _FIELDS - 1)
    for index, field in enumerate(fields):
        if "*" in field:
            return overlap(":".join(fields[index:]), ":".join(_REPOSITORY_ARN[index:]))
        if not overlap(field, _REPOSITORY_ARN[index]):
            return False
    return len(fields) == _FIELDS


@statement_rule("malformed-resource", "error", "A Resource that no ECR repository has as its ARN")
def malformed_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ECR takes it, and whatever it was meant to allow fails.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_service-with-iam.html
    """
    for pointer, resource in located.resources():
        if not is_unfilled(resource) and not _is_ecr(resource):
            message = f"'{resource}' is the ARN of no ECR repository"
            hint = f"Write {_right_form(context.registry, context.partition)}, or *."
            yield Violation(pointer, message, hint)


@rule("foreign-resource", "error", "A Resource of another registry")
def foreign_resource(context: LintContext) -> Iterator[Violation]:
    """A registry's policy decides on that registry's own repositories alone.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    registry = context.registry
    if registry is None:
        return
    own = f"arn:{registry.partition}:ecr:{registry.region}:{registry.account_id}:repository/*"
    for located in context.statements:
        for pointer, resource in located.resources():
            if is_unfilled(resource) or not _is_ecr(resource) or overlap(opened(resource), own):
                continue
            message = f"'{resource}' is not in the registry {registry}"
            hint = f"Write {_right_form(registry, registry.partition)}."
            yield Violation(pointer, message, hint)


@statement_rule("repository-name", "error", "A Resource that no repository name can match")
def repository_name(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Names have lower case letters, digits, and . _ - / between them.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    """
    for pointer, resource in located.resources():
        fields = opened(resource).split(":", _FIELDS - 1)
        if len(fields) < _FIELDS or not _is_ecr(resource) or is_unfilled(resource):
            continue
        name = fields[-1].partition("/")[2]
        if not _REPOSITORY_CHARACTERS.fullmatch(name) or name.startswith("/") or "//" in name:
            message = f"no repository is named like '{name}'"
            hint = "Names have lower case letters, digits, and . _ - / between them."
            yield Violation(pointer, message, hint)


@statement_rule("action-needs-star", "error", "An action without resources on anything but *")
def action_needs_star(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Actions that have no resource type match Resource `*` alone.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    resource = located.statement.resource
    if resource is None or resource.negated or located.statement.action.negated:
        return
    if not resource.values or any(matches(each, "*") for each in resource.values):
        return
    for pointer, action in located.actions():
        meant = expand(action)
        if meant and not any(each.resource_types for each in meant):
            message = f"'{action}' has no resource: it works on Resource * alone"
            yield Violation(pointer, message, 'Move it to a statement with "Resource": "*".')


@statement_rule(
    "wide-resource", "note", "A wildcard where the registry's own Region or account could stand"
)
def wide_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """The policy is for one registry, so the wildcard says nothing and looks like much.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    for pointer, resource in located.resources():
        fields = resource.split(":", _FIELDS - 1)
        if len(fields) == _FIELDS and _is_ecr(resource) and "*" in "".join(fields[:5]):
            message = f"'{resource}' has a wildcard where only one registry can be meant"
            hint = f"Write {_right_form(context.registry, context.partition)}."
            yield Violation(pointer, message, hint)


@statement_rule("redundant-resource", "warning", "A resource that the others of the list include")
def redundant_resource(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    listed = [(pointer, each, each) for pointer, each in located.resources()]
    yield from redundant(listed)


@rule("placeholder", "error", "A placeholder that nobody has filled in")
def placeholder(context: LintContext) -> Iterator[Violation]:
    """Examples have `<account>`, `your_account_id` and the like where one's own values belong."""
    hint = "Write the value, or {{name}} and give it in [vars] or by --var."
    yield from context.refused("placeholder", hint)
    for located in context.statements:
        yield from _unfilled(located, hint)


def _unfilled(located: LocatedStatement, hint: str) -> Iterator[Violation]:
    for pointer, resource in located.resources():
        if is_unfilled(resource):
            yield Violation(
                pointer, f"'{resource}' is a placeholder that nobody has filled in", hint
            )
