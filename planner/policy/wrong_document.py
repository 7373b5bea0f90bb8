"""Recognises documents that are handed in as a policy by mistake, and says what they are."""

from __future__ import annotations

import json

from planner.policy.grammar import STATEMENT_ELEMENTS, describe
from planner.policy.tree import Node
from planner.policy.wrapped import ANSWER, wrapped

TERRAFORM_HINT = (
    "planner begins with what is live: `planner init`, and the first apply records it. Terraform\n"
    "lets go of the policy by `terraform state rm aws_ecr_registry_policy.NAME`; it stays in ECR."
)

_UNWRAPPED = {
    ANSWER: (
        "`aws ecr get-registry-policy --query policyText --output text` prints "
        "the policy alone; from a saved file, `jq -r .policyText FILE` does."
    ),
}


def is_terraform_state(document: object) -> bool:
    """Whether a JSON document is a state of Terraform or OpenTofu, which planner's is not."""
    return isinstance(document, dict) and "terraform_version" in document


def recognise(root: Node, *, of_registry: bool = False) -> tuple[str, str] | None:
    """What the document is instead of a policy, and what to do; None if it may be a policy.

    With `of_registry` the policy of one repository is another document too.
    """
    if root.kind == "array":
        return "the document is a list", 'Wrap it: {"Version": "2012-10-17", "Statement": [...]}.'
    if root.kind != "object":
        return f"a policy is a JSON object, not {describe(root)}", ""
    keys = set(root.keys())
    if keys & {"Statement", "Version"}:
        return _of_repository(root) if of_registry else None
    return _wrapped(root) or _registry_settings(root) or _own_files(keys) or _bare(keys)


def _wrapped(root: Node) -> tuple[str, str] | None:
    """A document with a policy inside, where the policy alone is wanted."""
    if root.member("policyText") and root.member("repositoryName"):
        what = "this is the policy of a repository, as `aws ecr get-repository-policy` answers"
        return what, "Fetch the registry's: aws ecr get-registry-policy > FILE"
    document = wrapped(root)
    if document and not document.policies:
        return f"this {document.kind} has no {document.wants}", ""
    if document:
        what = f"the policy is wrapped in this {document.kind}, and wanted is a file of it alone"
        return what, _UNWRAPPED.get(document.kind, "Copy what is inside into a file of its own.")
    for name in ("PolicyText", "policyText", "policy", "Policy"):
        if inner := root.member(name):
            raw = "-r " if inner.kind == "string" else ""
            what = f'the policy is wrapped as {{"{name}": ...}}'
            return what, f"Keep the inner document alone: `jq {raw}.{name} FILE` prints it."
    return None


def _of_repository(root: Node) -> tuple[str, str] | None:
    """A policy whose statements all say who and what, and none where: it lies at one repository.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
    """
    found = root.member("Statement")
    statements = found.value if found and found.kind == "array" else [found]
    elements = [
        set(each.keys()) if each and each.kind == "object" else set() for each in statements
    ]
    if not all(each & {"Principal", "NotPrincipal"} for each in elements):
        return None
    if not elements or any(each & {"Resource", "NotResource"} for each in elements):
        return None
    what = "no statement has a Resource: this reads as the policy of one repository"
    mend = (
        "`aws ecr set-repository-policy` is for that. In a registry's policy each statement names "
        'its repositories: "Resource": "arn:aws:ecr:REGION:ACCOUNT:repository/NAME".'
    )
    return what, mend


def _registry_settings(root: Node) -> tuple[str, str] | None:
    def is_another(what: str, command: str) -> tuple[str, str]:
        return f"this is {what}, not a permission policy", f"It belongs to `aws ecr {command}`."

    replication = is_another("a replication configuration", "put-replication-configuration")
    scanning = is_another("a scanning configuration", "put-registry-scanning-configuration")
    keys = set(root.keys())
    if "replicationConfiguration" in keys:
        return replication
    if keys & {"scanType", "scanningConfiguration"}:
        return scanning
    rules = root.member("rules")
    if rules is None:
        return None
    inside: set[str] = set()
    for rule in rules.value if rules.kind == "array" else ():
        inside.update(rule.keys())
    if "destinations" in inside:
        return replication
    if "scanFrequency" in inside:
        return scanning
    return is_another("a list of lifecycle rules", "put-lifecycle-policy")


def _own_files(keys: set[str]) -> tuple[str, str] | None:
    if {"format_version", "plan_id"} <= keys:
        return "this is a saved plan, not a policy", "Run `planner show` or `planner apply` on it."
    if is_terraform_state(dict.fromkeys(keys)):
        return "this is Terraform's state, not a policy", TERRAFORM_HINT.replace("\n", " ")
    if {"lineage", "serial"} <= keys:
        return "this is a state snapshot, not a policy", "Name the policy file instead."
    return None


def _bare(keys: set[str]) -> tuple[str, str] | None:
    if keys and keys <= set(STATEMENT_ELEMENTS):
        wrapped = json.dumps({"Version": "2012-10-17", "Statement": ["..."]})
        return "this is a single statement, not a policy", f"Wrap it: {wrapped}."
    return None
