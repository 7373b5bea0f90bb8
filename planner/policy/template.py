"""The functions of a CloudFormation template, as far as a registry alone can fill them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from planner.policy.tree import Location, Member, Node, Problem, pointer_to

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "{{account_id}}",
    "AWS::Region": "{{region}}",
    "AWS::Partition": "{{partition}}",
    "AWS::URLSuffix": "{{url_suffix}}",
}
"""The placeholders that stand for them in the tree of a policy."""

_KNOWN = f"{', '.join(PSEUDO_PARAMETERS)} are what it fills"
_HINT = "Write the value out, or keep the policy in a file of its own."
_VARIABLE = re.compile(r"\$\{([^}]*)\}")


def resolve(node: Node) -> tuple[Node, list[Problem]]:
    """The value with its functions replaced by texts, and why some cannot be."""
    resolver = _Resolver()
    return resolver.value(node, ""), resolver.problems


def _function(node: Node) -> Member | None:
    """The function that an object is: its name, and what it takes."""
    if node.kind != "object" or len(node.value) != 1:
        return None
    (only,) = node.value
    is_one = only.key in {"Ref", "Condition"} or only.key.startswith("Fn::")
    return only if is_one and isinstance(only, Member) else None


class _Resolver:
    """One pass over one policy. `problems` grows as functions are met."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, what: str, pointer: str, location: Location) -> str:
        message = f"planner does not resolve {what}: {_KNOWN}"
        self.problems.append(Problem("placeholder", message, _HINT, pointer, location))
        return ""

    def value(self, node: Node, pointer: str) -> Node:
        if node.kind == "string" or _function(node):
            return Node("string", self.text(node, pointer), node.location)
        if node.kind == "array":
            items = enumerate(node.value)
            filled = [self.value(each, pointer_to(pointer, index)) for index, each in items]
            return Node("array", filled, node.location)
        if node.kind == "object":
            members = [
                Member(
                    each.key, self.value(each.value, pointer_to(pointer, each.key)), each.location
                )
                for each in node.value
            ]
            return Node("object", members, node.location)
        return node

    def text(self, node: Node, pointer: str) -> str:
        """The text of a string or of a function."""
        if node.kind == "string":
            if "{{" in node.value:
                return self.refuse("{{...}}", pointer, node.location)
            return str(node.value)
        function = _function(node)
        if function is None:
            return self.refuse("what is no text here", pointer, node.location)
        argument = function.value
        if function.key == "Ref" and argument.kind == "string":
            if argument.value in PSEUDO_PARAMETERS:
                return PSEUDO_PARAMETERS[argument.value]
            return self.refuse(f"Ref of {argument.value}", pointer, node.location)
        if function.key == "Fn::Sub":
            return self.substituted(argument, pointer, node.location)
        if function.key == "Fn::Join" and argument.kind == "array" and len(argument.value) == 2:  # noqa: PLR2004 - a separator and a list
            separator, parts = argument.value
            if parts.kind == "array":
                return self.text(separator, pointer).join(
                    self.text(each, pointer) for each in parts.value
                )
        return self.refuse(function.key, pointer, node.location)

    def substituted(self, argument: Node, pointer: str, location: Location) -> str:
        """The text of `Fn::Sub`, which takes a text, or a text and its variables."""
        values: Mapping[str, Node] = {}
        if argument.kind == "array" and len(argument.value) == 2:  # noqa: PLR2004 - as said
            argument, variables = argument.value
            members = variables.value if variables.kind == "object" else ()
            values = {each.key: each.value for each in members}
        if argument.kind != "string":
            return self.refuse("Fn::Sub", pointer, location)

        def value_of(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in values:
                return self.text(values[name], pointer)
            if name in PSEUDO_PARAMETERS:
                return PSEUDO_PARAMETERS[name]
            return self.refuse(f"${{{name}}} in Fn::Sub", pointer, location)

        return _VARIABLE.sub(value_of, self.text(argument, pointer))
