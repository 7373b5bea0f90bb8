"""What a reader makes of a policy file: a tree of values that know where they stand.

The values are those of JSON, whatever the file is written in. A tree knows lines and columns and
nothing of the text itself, so all that works on trees works for every syntax.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

NodeKind = Literal["object", "array", "string", "number", "boolean", "null"]


class Location(NamedTuple):
    """A half-open range of a file. Lines and columns count from 1, columns in characters."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def beginning_of(file: str) -> Location:
    """The place of what concerns a file before anything in it is read."""
    return Location(file, 1, 1, 1, 1)


UNWRITTEN = Location("", 0, 0, 0, 0)
"""The location of a node that stands in no file yet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document.

    `rule` is `json` or `yaml` where the text is none, `placeholder` where a `{{name}}` has no
    value, `grammar` where the document breaks IAM's grammar, `not-a-policy` where it is something
    else, `fragments` where files contradict each other that together are a policy. `pointer` is
    a JSON Pointer (RFC 6901), empty for the whole document. `hint` says how to mend it, where
    one can say.
    """

    rule: str
    message: str
    hint: str
    pointer: str
    location: Location


UNREADABLE = frozenset(("json", "yaml", "placeholder", "grammar", "fragments"))
"""The rules of problems that keep a policy from being read, and others from being found."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value and where it stands.

    `value` is a list of `Member` for an object, a list of `Node` for an array, a `str` for a
    string, a `bool` for a boolean, the literal's own text for a number, and None for null.
    `place` is that of an item in the list of its file, from 0, where it may be another than here:
    in a list that several files gave their items to, or that the values of a placeholder are in.
    """

    kind: NodeKind
    value: Any
    location: Location
    place: int | None = None

    def member(self, key: str) -> Node | None:
        """The value of an object's member, the last one where the key is repeated."""
        if self.kind != "object":
            return None
        found = [member.value for member in self.value if member.key == key]
        return found[-1] if found else None

    def keys(self) -> list[str]:
        """The keys of an object, in order; empty for anything else."""
        return [member.key for member in self.value] if self.kind == "object" else []

    def size(self) -> int:
        """How many characters the value has in JSON without white space, escapes left out.

        >>> node_of({"Sid": ["a", "b"]}).size()
        17
        """
        if self.kind == "object":
            inner: list[int] = [len(each.key) + 3 + each.value.size() for each in self.value]
        elif self.kind == "array":
            inner = [each.size() for each in self.value]
        else:
            return len(scalar_text(self)) + (2 if self.kind == "string" else 0)
        return sum(inner) + max(len(inner) - 1, 0) + 2

    def at(self, pointer: str) -> Node:
        """The node that a JSON Pointer means, or the nearest one above it.

        A single value counts as a list of one, as it does in a policy.
        """
        node = self
        for step in pointer.split("/")[1:]:
            if node.kind == "array" and step.isdigit() and int(step) < len(node.value):
                node = node.value[int(step)]
            else:
                node = node.member(step.replace("~1", "/").replace("~0", "~")) or node
        return node


def pointer_in_file(root: Node, pointer: str) -> str:
    """A JSON Pointer into a tree as one into the file that the value stands in.

    They differ behind an item that has a `place` of its own.
    """
    node, steps = root, [""]
    for step in pointer.split("/")[1:]:
        node = node.at(f"/{step}")
        steps.append(step if node.place is None or not step.isdigit() else str(node.place))
    return "/".join(steps)


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object; `location` is that of its key."""

    key: str
    value: Node
    location: Location


@dataclass(frozen=True, slots=True)
class Tree:
    """What was read of one file: its values, and what is wrong with it as it is written.

    `root` is None where the file could not be read to its end; there is a problem then. With
    problems and a root, the root is what the text most likely means. `in_policies` are what a
    policy may not hold and the template around one may. `wrapping` says what the policy was read
    from where the file is another document with the policy inside.
    """

    file: str
    root: Node | None
    problems: tuple[Problem, ...] = ()
    in_policies: tuple[Problem, ...] = ()
    wrapping: str = ""


def node_of(value: object) -> Node:
    """The tree of plain JSON values: dictionaries, lists, texts, numbers, booleans and None.

    >>> node_of({"Sid": ["A"]}).at("/Sid/0").value
    'A'
    """
    if isinstance(value, dict):
        members = [Member(key, node_of(each), UNWRITTEN) for key, each in value.items()]
        return Node("object", members, UNWRITTEN)
    if isinstance(value, list):
        return Node("array", [node_of(each) for each in value], UNWRITTEN)
    if isinstance(value, str):
        return Node("string", value, UNWRITTEN)
    if isinstance(value, bool):
        return Node("boolean", value, UNWRITTEN)
    return Node("null", None, UNWRITTEN) if value is None else Node("number", str(value), UNWRITTEN)


def scalar_text(node: Node) -> str:
    """A string, a number or a boolean as a policy counts it: as a text."""
    if node.kind == "boolean":
        return "true" if node.value else "false"
    return str(node.value)


def pointer_to(parent: str, key: str | int) -> str:
    """The JSON Pointer of a member or an item (RFC 6901, section 3).

    >>> pointer_to("/Condition", "a/b")
    '/Condition/a~1b'
    """
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"


def repeated_name(key: str, pointer: str, location: Location) -> Problem:
    """The problem of a name that an object has twice, at the second of them."""
    message = f"the name {json.dumps(key)} stands twice in one object"
    return Problem("json", message, "", pointer, location)
