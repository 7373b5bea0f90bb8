"""Documents of other tools with a registry's policy inside: which they are, and the way to it.

Each kind has a function that gives the policies in a document, None where it is another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from planner.policy.tree import Node

RESOURCE = "aws_ecr_registry_policy"
CLOUDFORMATION = "AWS::ECR::RegistryPolicy"
ANSWER = "answer of ECR"
TEMPLATE = "CloudFormation template"
CONFIGURATION = "Terraform configuration"


class Inside(NamedTuple):
    """One policy in a document: the name of the resource, and the node of it, None without one.

    `account_id` is that of its registry where the document tells it.
    """

    name: str
    node: Node | None
    account_id: str | None = None


class Wrapped(NamedTuple):
    """A document of a kind, in words (`CloudFormation template`), with the policies in it."""

    kind: str
    policies: list[Inside]
    wants: str = RESOURCE


def wrapped(root: Node) -> Wrapped | None:
    """What the document is, where it is one with policies inside."""
    for kind in (_answer, _template, _state, _shown, _configuration):
        if found := kind(root):
            return found
    return None


def _answer(root: Node) -> Wrapped | None:
    """https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetRegistryPolicy.html"""
    text = root.member("policyText")
    if text is None or text.kind != "string" or root.member("repositoryName"):
        return None
    return Wrapped(ANSWER, [Inside("policyText", text, _text(root, "registryId"))])


def _template(root: Node) -> Wrapped | None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-registrypolicy.html"""
    resources = root.member("Resources")
    if resources is None or resources.kind != "object":
        return None
    found = [
        Inside(name, _at(each, "Properties", "PolicyText"))
        for name, each in _members(resources)
        if _text(each, "Type") == CLOUDFORMATION
    ]
    is_template = root.member("AWSTemplateFormatVersion") or any(
        _text(each, "Type") for _, each in _members(resources)
    )
    return Wrapped(TEMPLATE, found, CLOUDFORMATION) if is_template else None


def _state(root: Node) -> Wrapped | None:
    """A state of Terraform or OpenTofu, of version 4."""
    if root.member("terraform_version") is None or root.member("serial") is None:
        return None
    found = [
        Inside(_address(resource, instance), *_attributes(_at(instance, "attributes")))
        for resource in _items(root.member("resources"))
        if _text(resource, "type") == RESOURCE and _text(resource, "mode") != "data"
        for instance in _items(resource.member("instances"))
    ]
    return Wrapped("Terraform state", found)


def _address(resource: Node, instance: Node) -> str:
    parts = [_text(resource, "module"), RESOURCE, _text(resource, "name")]
    index = instance.member("index_key")
    return ".".join(filter(None, parts)) + (f"[{index.value}]" if index else "")


def _shown(root: Node) -> Wrapped | None:
    """https://developer.hashicorp.com/terraform/internals/json-format"""
    if root.member("terraform_version") is None or root.member("format_version") is None:
        return None
    planned = root.member("planned_values")
    kind = "Terraform plan" if planned else "Terraform state"
    module = _at(planned or root.member("values"), "root_module")
    found = [
        Inside(_text(each, "address") or RESOURCE, *_attributes(each.member("values")))
        for each in _resources(module)
        if _text(each, "type") == RESOURCE and _text(each, "mode") != "data"
    ]
    return Wrapped(kind, found)


def _resources(module: Node | None) -> Iterator[Node]:
    """The resources of a module and of those inside it."""
    if module is not None:
        yield from _items(module.member("resources"))
        for each in _items(module.member("child_modules")):
            yield from _resources(each)


def _configuration(root: Node) -> Wrapped | None:
    """https://developer.hashicorp.com/terraform/language/syntax/json"""
    resource = root.member("resource")
    blocks = [each for block in _items(resource) for _, each in _members(block)]
    if not blocks or not all(each.kind in ("object", "array") for each in blocks):
        return None
    found = [
        Inside(f"{RESOURCE}.{name}", body.member("policy"), _text(body, "registry_id"))
        for block in _items(resource)
        for named in _items(block.member(RESOURCE))
        for name, bodies in _members(named)
        for body in _items(bodies)
    ]
    return Wrapped(CONFIGURATION, found)


def _attributes(values: Node | None) -> tuple[Node | None, str | None]:
    if values is None:
        return None, None
    return values.member("policy"), _text(values, "registry_id") or _text(values, "id")


def _at(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.member(key) if node else None
    return node


def _text(node: Node, key: str) -> str | None:
    """The text of a member, None where it has none."""
    found = node.member(key)
    return str(found.value) if found and found.kind == "string" else None


def _members(node: Node) -> Iterable[tuple[str, Node]]:
    return [(each.key, each.value) for each in node.value] if node.kind == "object" else []


def _items(node: Node | None) -> list[Node]:
    """The items of a list; what is none counts as a list of one."""
    if node is None or node.kind == "null":
        return []
    return list(node.value) if node.kind == "array" else [node]
