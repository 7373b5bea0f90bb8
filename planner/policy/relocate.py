"""Where in a file the values stand of a policy that is written there inside of a string."""

from __future__ import annotations

import re
from dataclasses import replace

from planner.policy.source_text import Lines
from planner.policy.tree import Location, Member, Node, Tree

_SURROGATES = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_CHARACTER = re.compile(rf"{_SURROGATES}|\\u[0-9a-fA-F]{{4}}|\\.|.", re.DOTALL)
_HEADER = re.compile(r"\|[^\r\n]*(?:\r\n|\r|\n)")
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")


def relocated(tree: Tree, outer: Node, text: str, *, is_json: bool) -> Tree:
    """The tree of the text of the string `outer`, with places in the file that has the `text`.

    They are exact in a JSON string and in a block of lines of YAML; elsewhere all is where the
    string is.
    """
    lines = Lines(text, outer.location.file)
    begin, end = lines.span(outer.location)
    offsets = _in_json(text, begin, end) if is_json else _in_block(text, begin, end)
    places = _Places(Lines(str(outer.value)), lines, outer, offsets)
    problems = [replace(each, location=places.of(each.location)) for each in tree.problems]
    root = places.inside(tree.root) if tree.root else None
    return replace(tree, root=root, problems=tuple(problems))


def _in_json(text: str, begin: int, end: int) -> list[int]:
    """The offset in the file of each character of a JSON string, and of its end."""
    if text[begin : begin + 1] != '"':
        return []
    found = [each.start() for each in _CHARACTER.finditer(text, begin + 1, end - 1)]
    return [*found, end - 1]


def _in_block(text: str, begin: int, end: int) -> list[int]:
    """The same for the lines behind a `|` of YAML."""
    header = _HEADER.match(text, begin)
    if header is None:
        return []
    at = header.end()
    indent = len(text[at:]) - len(text[at:].lstrip(" "))
    offsets: list[int] = []
    while at < end and (line := _LINE.match(text, at)):
        offsets += [*range(min(at + indent, line.end(1)), line.end(1)), line.end(1)]
        at = line.end()
    return [*offsets, end]


class _Places:
    """Places in a string to places in the file around it."""

    def __init__(self, inner: Lines, outer: Lines, node: Node, offsets: list[int]) -> None:
        self.inner, self.outer, self.node, self.offsets = inner, outer, node, offsets
        # A string that was put together, as by Fn::Join, has no places of its own.
        self.known = len(offsets) > len(str(node.value))

    def of(self, location: Location) -> Location:
        """The place in the file."""
        if not self.known:
            return self.node.location
        start, end = self.inner.span(location)
        last = len(self.offsets) - 1
        return self.outer.location(self.offsets[min(start, last)], self.offsets[min(end, last)])

    def inside(self, node: Node) -> Node:
        """The value with the places of all that is in it."""
        value = node.value
        if node.kind == "object":
            value = [
                Member(each.key, self.inside(each.value), self.of(each.location)) for each in value
            ]
        elif node.kind == "array":
            value = [self.inside(each) for each in value]
        return Node(node.kind, value, self.of(node.location))
