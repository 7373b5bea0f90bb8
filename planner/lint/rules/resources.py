"""Rules about where a statement holds. ECR takes any Resource and lets it fail later."""

from __future__ import annotations

from collections.abc import Iterator

from planner.automata.pattern import intersects, matches
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, statement_rule
from planner.lint.rules.actions import redundant
from planner.policy.arn import fields_of
from planner.policy.resource import repository_arn, repository_prefix
from planner.registry import Registry


def _right_form(registry: Registry | None, partition: str) -> str:
    region, account = (registry.region, registry.account_id) if registry else ("REGION", "ACCOUNT")
    return repository_arn(partition, region, account, "NAME")


@statement_rule("malformed-resource", "error", "A Resource that is neither an ARN nor *")
def malformed_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ECR takes it, and whatever it was meant to allow fails.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    for pointer, resource in located.resources():
        if resource.malformed:
            hint = f"Write {_right_form(context.registry, context.partition)}, or *."
            yield Violation(pointer, resource.malformed, resource.mend or hint)


@statement_rule("unsupported-resource", "error", "A Resource that no ECR repository has as its ARN")
def unsupported_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ECR takes it, and whatever it was meant to allow fails.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_service-with-iam.html
    """
    for pointer, resource in located.resources():
        if not resource.malformed and not resource.is_repository:
            message = f"'{resource.text}' is the ARN of no ECR repository"
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
    own = f"{repository_prefix(registry)}*"
    for located in context.statements:
        for pointer, resource in located.resources():
            if not resource.is_repository or intersects(resource.opened, own):
                continue
            message = f"'{resource.text}' is not in the registry {registry}"
            hint = f"Write {_right_form(registry, registry.partition)}."
            yield Violation(pointer, message, hint)


_NAMES = "Names have lower case letters and digits, and single . _ - / between them."


@statement_rule("repository-name", "error", "A Resource with characters that no repository has")
def repository_name(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Names have lower case letters, digits, and . _ - / between them.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    """
    for pointer, resource in located.resources():
        name = resource.repository
        if name and name.has_other_characters:
            yield Violation(pointer, name.malformed, _NAMES)


@statement_rule("repository-name-form", "warning", "A Resource that no repository can be named as")
def repository_name_form(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """A name begins and ends with a letter or digit and has 2 to 256 characters.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    """
    for pointer, resource in located.resources():
        name = resource.repository
        if name and name.malformed and not name.has_other_characters:
            yield Violation(pointer, name.malformed, _NAMES)


@statement_rule("action-needs-star", "error", "An action without resources on anything but *")
def action_needs_star(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Actions that have no resource type match Resource `*` alone.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    resource = located.statement.resource
    if resource is None or resource.negated or located.statement.action.negated:
        return
    if not resource.values or any(matches(each, "*") for each in resource.texts):
        return
    for pointer, action in located.actions():
        meant = action.expand()
        if meant and not any(each.resource_types for each in meant):
            message = f"'{action.text}' has no resource: it works on Resource * alone"
            yield Violation(pointer, message, 'Move it to a statement with "Resource": "*".')


@statement_rule(
    "wide-resource", "note", "A wildcard where the registry's own Region or account could stand"
)
def wide_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """The policy is for one registry, so the wildcard says nothing and looks like much.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    for pointer, resource in located.resources():
        *place, _ = fields_of(resource.text)
        if resource.repository and "*" in "".join(place):
            message = f"'{resource.text}' has a wildcard where only one registry can be meant"
            hint = f"Write {_right_form(context.registry, context.partition)}."
            yield Violation(pointer, message, hint)


@statement_rule("redundant-resource", "warning", "A resource that the others of the list include")
def redundant_resource(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    listed = [(pointer, each.text, each.text) for pointer, each in located.resources()]
    yield from redundant(listed)
