"""A policy that this planner cannot read: a grammar of tomorrow, known by its text alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

from planner.policy.canonical import canonicalise
from planner.policy.document import Policy
from planner.policy.json_writer import write_json
from planner.policy.parse import ParsedPolicy, policy_or_problems
from planner.policy.syntax import read_source
from planner.policy.tree import Member, Node
from planner.text import clean

_PRINCIPALS = ("Principal", "NotPrincipal")


@dataclass(frozen=True, slots=True)
class OpaquePolicy:
    """The text of a policy that cannot be read, and in one sentence why.

    Equal are those of one text. It is laid out in planner's style and its principals are
    sorted, since ECR prints them in another order each time; all else is as ECR holds it.
    """

    text: str
    reason: str = field(compare=False)

    @property
    def digest(self) -> str:
        """The sha256 of the text in hexadecimal."""
        return hashlib.sha256(self.text.encode(errors="surrogatepass")).hexdigest()


AnyPolicy = Policy | OpaquePolicy | None
"""What a registry may hold: a policy, one that cannot be read, or none."""


def read_any(text: str, name: str) -> Policy | OpaquePolicy:
    """The policy in a text that ECR holds, as parsed; opaque where it cannot be read.

    >>> read_any('{"Grade": 5, "Statement": []}', "it").reason
    '/Grade: a policy has no element "Grade"'
    """
    tree = read_source(text, name)
    result = policy_or_problems(tree)
    if isinstance(result, ParsedPolicy):
        return result.policy
    first = result[0]
    # Its keys are anybody's text, in the pointer as they are.
    reason = clean(f"{first.pointer}: {first.message}" if first.pointer else first.message)
    if tree.root is None or tree.problems:
        # A text that is no JSON may hold more than its tree does.
        return OpaquePolicy(text, reason)
    return OpaquePolicy(write_json(_in_order(tree.root)), reason)


def canonical(policy: AnyPolicy, partition: str) -> AnyPolicy:
    """The canonical form of what can be read; an opaque policy as it is."""
    return canonicalise(policy, partition) if isinstance(policy, Policy) else policy


def readable(policy: AnyPolicy) -> Policy | None:
    """The policy; None where there is none, and where it cannot be read."""
    return policy if isinstance(policy, Policy) else None


def _in_order(node: Node, *, principals: bool = False) -> Node:
    """The tree with its lists of principals sorted."""
    if node.kind == "object":
        members: list[Member] = [
            replace(
                each, value=_in_order(each.value, principals=principals or each.key in _PRINCIPALS)
            )
            for each in node.value
        ]
        return replace(node, value=members)
    if node.kind != "array":
        return node
    items = [_in_order(each) for each in node.value]
    if principals and all(each.kind == "string" for each in items):
        items.sort(key=lambda each: str(each.value))
    return replace(node, value=items)
