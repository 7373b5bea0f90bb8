"""Rules about where a statement holds. ECR takes any Resource and lets it fail later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.automata.pattern import intersects, matches
from planner.lint.rule import (
    LintContext,
    LocatedStatement,
    Violation,
    rule,
    some,
    statement_rule,
)
from planner.lint.rules.actions import redundant
from planner.policy.arn import fields_of
from planner.policy.resource import ResourcePattern, repository_arn, repository_prefix


def _right_form(context: LintContext, name: str = "NAME") -> str:
    """The ARN of a repository of the registry, as far as that is known."""
    registry = context.registry
    region, account = (registry.region, registry.account_id) if registry else ("REGION", "ACCOUNT")
    return repository_arn(context.partition, region, account, name)


def _in_registry(context: LintContext, resource: ResourcePattern) -> str:
    """The Resource as one of the registry, its repositories kept."""
    kind, _, name = fields_of(resource.text)[-1].partition("/")
    return _right_form(context, name if kind == "repository" else "NAME")


@statement_rule("malformed-resource", "error", "A Resource that is neither an ARN nor *")
def malformed_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ECR takes it, and whatever it was meant to allow fails.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    for pointer, resource in located.resources():
        if resource.malformed:
            hint = f"Write {_right_form(context)}."
            yield Violation(pointer, resource.malformed, resource.mend or hint)


@statement_rule("unsupported-resource", "error", "A Resource that no ECR repository has as its ARN")
def unsupported_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ECR takes it, and whatever it was meant to allow fails.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_service-with-iam.html
    """
    for pointer, resource in located.resources():
        if not resource.malformed and not resource.is_repository:
            message = f"'{resource.text}' is the ARN of no ECR repository"
            hint = f"Write {_right_form(context)}."
            yield Violation(pointer, message, hint)


@statement_rule("foreign-resource", "error", "A statement for another registry alone")
def foreign_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """A registry's policy decides on that registry's own repositories alone.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    foreign = _foreign(context, located)
    if foreign and len(foreign) == len(list(located.resources())):
        yield _of_another(context, located, foreign)


@statement_rule("partly-foreign-resource", "warning", "Some resources are of another registry")
def partly_foreign_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """They say nothing here; `foreign_resource` names the page."""
    foreign = _foreign(context, located)
    if foreign and len(foreign) < len(list(located.resources())):
        yield _of_another(context, located, foreign)


def _foreign(context: LintContext, located: LocatedStatement) -> list[tuple[str, ResourcePattern]]:
    if context.registry is None:
        return []
    own = f"{repository_prefix(context.registry)}*"
    return [
        (pointer, each)
        for pointer, each in located.resources()
        if each.is_repository and not intersects(each.opened, own)
    ]


def _of_another(
    context: LintContext, located: LocatedStatement, foreign: list[tuple[str, ResourcePattern]]
) -> Violation:
    """What is said of the resources of a statement that are of another registry."""
    pointer, first = foreign[0]
    names = some([f"'{each.text}'" for _, each in foreign])
    what = f"{names} {'is' if len(foreign) == 1 else 'are'} not in the registry {context.registry}"
    account = first.registry.account_id if first.registry else ""
    if account and any(each.account == account for _, each in located.principals()):
        message = f"{what}: the Resource is the destination, and not {account}, which is let in"
        return Violation(pointer, message, f"Write {_in_registry(context, first)}.")
    where = f"the policy of {first.registry}" if first.registry else "that registry's policy"
    hint = f"Put it into {where}; for this registry write {_in_registry(context, first)}."
    return Violation(pointer, what, hint)


@rule("several-registries", "error", "Resources of several registries")
def several_registries(context: LintContext) -> Iterator[Violation]:
    """A policy is for one account in one Region; said where nothing tells which one is meant.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    if context.registry is not None:
        return
    registries: dict[str, str] = {}
    partitions: dict[str, str] = {}
    for located in context.statements:
        for pointer, each in located.resources():
            if each.partition:
                partitions.setdefault(f"partition {each.partition}", pointer)
            if each.registry:
                registries.setdefault(str(each.registry), pointer)
    for found in (partitions, registries):
        if len(found) > 1:
            message = f"the resources are of {some(list(found))}, and a policy is for one registry"
            hint = "Write a policy for each registry: it is one account in one Region."
            yield Violation(list(found.values())[1], message, hint)
            return


@statement_rule("source-in-resource", "error", "The Resource names the account that is let in")
def source_in_resource(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Images come from the account of the Principal to the registry of the Resource.

    Said where nothing but the Resource tells which registry the policy is for; where something
    does, it is a `foreign_resource`.
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    account = context.registry.account_id if context.registry and context.is_assumed else ""
    named = [each for _, each in located.principals() if each.account != account]
    if not account or named or "ecr:ReplicateImage" not in located.action_names:
        return
    for pointer, resource in located.resources():
        if located.allows and resource.registry == context.registry:
            message = f"the Resource names the registry of {account}, whose images are let in"
            hint = "Write the account id of the registry that the images come to."
            yield Violation(pointer, message, hint)
            return


_NAMES = "Names have lower case letters and digits, and single . _ - / between them."


@statement_rule("repository-name", "error", "A Resource with characters that no repository has")
def repository_name(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Names have lower case letters, digits, and . _ - / between them.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    """
    for pointer, resource in located.resources():
        name = resource.repository
        if not name or not name.has_other_characters or "$" in resource.text:
            continue  # a `$` is for `variable-syntax`
        message, hint = name.malformed, _NAMES
        repository, *image = re.split("([:@])", name.text, maxsplit=1)
        if image:
            what = "tag" if image[0] == ":" else "digest"
            message = f"a Resource names a repository, and '{image[1]}' is the {what} of an image"
            hint = (
                f"A policy is for all images of a repository: '{repository}' would mean them all."
            )
        yield Violation(pointer, message, hint)


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
            yield Violation(pointer, message, f"Write {_in_registry(context, resource)}.")


@statement_rule("redundant-resource", "warning", "A resource that the others of the list include")
def redundant_resource(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    listed = [(pointer, each.text, each.text) for pointer, each in located.resources()]
    yield from redundant(listed)
