"""A tree to JSON text: in planner's style, or into a text whose other characters all stay.

What is put into a text is laid out as its neighbour is: its line ends, its indentation, its
colons and whether its lists stand on one line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from planner.policy.source_text import Lines
from planner.policy.tree import Member, Node

_LINE_END = re.compile(r"\r\n|\r|\n")
_INDENT = re.compile(r"[ \t]*")


def write_json(root: Node) -> str:
    """The JSON text of a tree, indented by two spaces."""
    return _Style().dump(root) + "\n"


def append_json(text: str, root: Node, pointer: str, value: Node) -> str:
    """The text with `value` behind the last item of the list at `pointer`, which is not empty.

    A single value there becomes the first of a list. `root` is the tree of `text`.
    """
    layout = Layout(text)
    whole = root.at(pointer)
    items: list[Node] = whole.value if whole.kind == "array" else [whole]
    start, end = layout.lines.span(items[-1].location)
    style, outer = layout.style_of(items[-1])
    written = style.dump(value, outer)
    if whole.kind != "array":
        return f"{text[:start]}[{text[start:end]}{style.comma}{written}]{text[end:]}"
    if len(items) > 1:
        between = text[layout.lines.span(items[-2].location)[1] : start]
    else:
        space = text[layout.lines.span(whole.location)[0] + 1 : start]
        between = "," + space if space else style.comma
    return text[:end] + between + written + text[end:]


def replace_json(text: str, root: Node, pointer: str, value: Node) -> str:
    """The text with `value` in the place of what is at `pointer`. `root` is the tree of `text`."""
    layout = Layout(text)
    old = root.at(pointer)
    start, end = layout.lines.span(old.location)
    style, outer = layout.style_of(old)
    return text[:start] + style.dump(value, outer) + text[end:]


def remove_json(text: str, root: Node, pointer: str) -> str:
    """The text without the item at `pointer` of a list that has more. `root` is its tree."""
    parent, _, index = pointer.rpartition("/")
    items, at = root.at(parent).value, int(index)
    spans = [Lines(text).span(each.location) for each in items]
    if at:
        return text[: spans[at - 1][1]] + text[spans[at][1] :]
    return text[: spans[0][0]] + text[spans[1][0] :]


@dataclass(frozen=True, slots=True)
class _Style:
    """How values are laid out.

    `unit` indents what is nested, None where all stands on one line. With `flat`, what is
    nested in the outermost value stands on one line each.
    """

    colon: str = ": "
    unit: str | None = "  "
    flat: bool = False
    line_end: str = "\n"

    @property
    def comma(self) -> str:
        """What separates the values of one line."""
        return ", " if self.colon.endswith(" ") else ","

    def dump(self, node: Node, outer: str = "") -> str:
        """The text of a value; `outer` indents the line on which it begins."""
        if node.kind == "number":
            return str(node.value)
        if node.kind not in ("object", "array"):
            return json.dumps(node.value, ensure_ascii=False)
        opening, closing = "{}" if node.kind == "object" else "[]"
        inner = outer + (self.unit or "")
        nested = replace(self, unit=None) if self.flat else self
        entries = [nested.entry(each, inner) for each in node.value]
        if self.unit is None or not entries:
            return opening + self.comma.join(entries) + closing
        body = f",{self.line_end}".join(inner + each for each in entries)
        return f"{opening}{self.line_end}{body}{self.line_end}{outer}{closing}"

    def entry(self, entry: Member | Node, inner: str) -> str:
        """The text of a member of an object or an item of a list."""
        if isinstance(entry, Node):
            return self.dump(entry, inner)
        key = json.dumps(entry.key, ensure_ascii=False)
        return f"{key}{self.colon}{self.dump(entry.value, inner)}"


class Layout:
    """How the values of a text are laid out, for others to look like them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)

    def style_of(self, node: Node) -> tuple[_Style, str]:
        """The style of a value, and what indents its last line."""
        colon = self.colon(node)
        start, end = self.lines.span(node.location)
        if not (self.is_broken(node) and node.value):
            return _Style(colon, unit=None), ""
        first = self.lines.span(node.value[0].location)[0]
        inner, outer = self.indent_at(first), self.indent_at(end - 1)
        unit = inner[len(outer) :] or "  "
        ended = _LINE_END.search(self.text, start)
        return _Style(colon, unit, self.is_flat(node), ended.group() if ended else "\n"), outer

    def colon(self, node: Node) -> str:
        """What stands between a key and its value, such as `: `."""
        if node.kind != "object" or not node.value:
            return ": "
        first = node.value[0]
        key_end = self.lines.span(first.location)[1]
        between = self.text[key_end : self.lines.span(first.value.location)[0]]
        return ": " if _LINE_END.search(between) else between

    def is_flat(self, node: Node) -> bool:
        """Whether lists and blocks in the value stand on one line, as far as there are any."""
        values = [each.value if isinstance(each, Member) else each for each in node.value]
        nested = [value for value in values if value.kind in ("object", "array")]
        return bool(nested) and not any(map(self.is_broken, nested))

    def is_broken(self, node: Node) -> bool:
        """Whether the value goes over more than one line."""
        return node.location.line != node.location.end_line

    def indent_at(self, offset: int) -> str:
        """The white space at the beginning of the line on which a character stands."""
        line, _ = self.lines.position(offset)
        space = _INDENT.match(self.text, self.lines.offset(line, 1))
        return space.group() if space else ""
