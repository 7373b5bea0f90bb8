"""Trees of policy files as plain values."""

from __future__ import annotations

from planner.policy.tree import Node


def value_of(node: Node) -> object:
    """The plain Python value of a tree."""
    if node.kind == "object":
        return {member.key: value_of(member.value) for member in node.value}
    if node.kind == "array":
        return [value_of(item) for item in node.value]
    return int(node.value) if node.kind == "number" else node.value
