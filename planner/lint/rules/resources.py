"""Rules about where a statement holds. ECR takes any Resource and lets it fail later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.automata.pattern import matches, overlap
from planner.lint.rule import Hit, Located, Subject, rule
from planner.lint.rules.actions import expand, redundant
from planner.lint.rules.document import VARIABLE
from planner.policy.ecr_rules import is_unfilled
from planner.registry import Registry

_REPOSITORY_ARN = ("arn", "aws*", "ecr", "?*", "????????????", "repository/?*")
_FIELDS = len(_REPOSITORY_ARN)
_REPOSITORY_CHARACTERS = re.compile(r"[a-z0-9._/*?${}:-]*")


def _open(resource: str) -> str:
    """The pattern with policy variables as wildcards."""
    return VARIABLE.sub("*", resource)


def _right_form(registry: Registry | None, partition: str) -> str:
    region, account = (registry.region, registry.account_id) if registry else ("REGION", "ACCOUNT")
    return f"arn:{partition}:ecr:{region}:{account}:repository/NAME"


def _is_ecr(resource: str) -> bool:
    """Whether some repository of some registry has an ARN that the pattern matches.

    A `*` may stand for several fields of the ARN; those before it are compared one by one.
    """
    fields = _open(resource).split(":", _FIELDS - 1)
    for index, field in enumerate(fields):
        if "*" in field:
            return overlap(":".join(fields[index:]), ":".join(_REPOSITORY_ARN[index:]))
        if not overlap(field, _REPOSITORY_ARN[index]):
            return False
    return len(fields) == _FIELDS


@rule("malformed-resource", "error", "A Resource that no ECR repository has as its ARN")
def malformed_resource(subject: Subject) -> Iterator[Hit]:
    """ECR takes it, and whatever it was meant to allow fails.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/security_iam_service-with-iam.html
    """
    for place in subject.places:
        for pointer, resource in place.resources():
            if not is_unfilled(resource) and not _is_ecr(resource):
                message = f"'{resource}' is the ARN of no ECR repository"
                hint = f"Write {_right_form(subject.registry, subject.partition)}, or *."
                yield Hit(pointer, message, hint)


@rule("foreign-resource", "error", "A Resource of another registry")
def foreign_resource(subject: Subject) -> Iterator[Hit]:
    """A registry's policy decides on that registry's own repositories alone.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    registry = subject.registry
    if registry is None:
        return
    own = f"arn:{registry.partition}:ecr:{registry.region}:{registry.account_id}:repository/*"
    for place in subject.places:
        for pointer, resource in place.resources():
            if is_unfilled(resource) or not _is_ecr(resource) or overlap(_open(resource), own):
                continue
            message = f"'{resource}' is not in the registry {registry}"
            hint = f"Write {_right_form(registry, registry.partition)}."
            yield Hit(pointer, message, hint)


@rule("repository-name", "error", "A Resource that no repository name can match")
def repository_name(subject: Subject) -> Iterator[Hit]:
    """Names have lower case letters, digits, and . _ - / between them.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    """
    for place in subject.places:
        for pointer, resource in place.resources():
            fields = _open(resource).split(":", _FIELDS - 1)
            if len(fields) < _FIELDS or not _is_ecr(resource) or is_unfilled(resource):
                continue
            name = fields[-1].partition("/")[2]
            if not _REPOSITORY_CHARACTERS.fullmatch(name) or name.startswith("/") or "//" in name:
                message = f"no repository is named like '{name}'"
                hint = "Names have lower case letters, digits, and . _ - / between them."
                yield Hit(pointer, message, hint)


@rule("action-needs-star", "error", "An action without resources on anything but *")
def action_needs_star(subject: Subject) -> Iterator[Hit]:
    """Actions that have no resource type match Resource `*` alone.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    for place in subject.places:
        resource = place.statement.resource
        if resource is None or resource.negated or place.statement.action.negated:
            continue
        if not resource.values or any(matches(each, "*") for each in resource.values):
            continue
        for pointer, action in place.actions():
            meant = expand(action)
            if meant and not any(each.resource_types for each in meant):
                message = f"'{action}' has no resource: it works on Resource * alone"
                yield Hit(pointer, message, 'Move it to a statement with "Resource": "*".')


@rule("wide-resource", "note", "A wildcard where the registry's own Region or account could stand")
def wide_resource(subject: Subject) -> Iterator[Hit]:
    """The policy is for one registry, so the wildcard says nothing and looks like much.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    for place in subject.places:
        for pointer, resource in place.resources():
            fields = resource.split(":", _FIELDS - 1)
            if len(fields) == _FIELDS and _is_ecr(resource) and "*" in "".join(fields[:5]):
                message = f"'{resource}' has a wildcard where only one registry can be meant"
                hint = f"Write {_right_form(subject.registry, subject.partition)}."
                yield Hit(pointer, message, hint)


@rule("redundant-resource", "warning", "A resource that the others of the list include")
def redundant_resource(subject: Subject) -> Iterator[Hit]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    for place in subject.places:
        listed = [(pointer, each, each) for pointer, each in place.resources()]
        yield from redundant(listed)


@rule("placeholder", "error", "A placeholder that nobody has filled in")
def placeholder(subject: Subject) -> Iterator[Hit]:
    """Examples have `<account>`, `your_account_id` and the like where one's own values belong."""
    hint = "Write the value, or {{name}} and give it in [vars] or by --var."
    yield from subject.refused("placeholder", hint)
    for place in subject.places:
        yield from _unfilled(place, hint)


def _unfilled(place: Located, hint: str) -> Iterator[Hit]:
    for pointer, resource in place.resources():
        if is_unfilled(resource):
            yield Hit(pointer, f"'{resource}' is a placeholder that nobody has filled in", hint)
