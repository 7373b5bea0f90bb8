"""JSON text to a tree that knows where each value stands.

The standard library's parser gives neither positions nor duplicate keys, stops at the first
mistake and recurses as deep as the text tells it to. A policy file is written by hand, so
its mistakes are reported together, each at its line and column: comments, trailing commas
and duplicate keys are reported and stepped over; what cannot be stepped over ends the parse.
"""

from __future__ import annotations

import json
import re

from planner.policy.source_text import Lines
from planner.policy.tree import Member, Node, NodeKind, Problem, Tree, pointer_to, repeated_name

MAX_DEPTH = 32
"""The deepest nesting read. A policy needs six levels."""


class _FatalError(Exception):
    """A mistake that the parser cannot step over; the problem is already noted."""


_SPACE = re.compile(r"[ \t\r\n]*")
_COMMENT = re.compile(r"//[^\r\n]*|#[^\r\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
# Possessive, so that a string without its end costs one pass and no backtracking.
_CHARACTERS = re.compile(r'(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+')
_STRING = re.compile(f'"{_CHARACTERS.pattern}"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z_.])")
_WORD = re.compile(r"[^\s,:\[\]{}\"]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WORDS: dict[str, tuple[NodeKind, bool | None]] = {
    "true": ("boolean", True),
    "false": ("boolean", False),
    "null": ("null", None),
}


class _Parser:
    """One pass over one text. `problems` grows as mistakes are met."""

    def __init__(self, text: str, file: str) -> None:
        self.lines = Lines(text, file)
        self.text = text
        self.at = 0
        self.problems: list[Problem] = []

    def note(
        self, start: int, pointer: str, message: str, hint: str = "", *, end: int | None = None
    ) -> None:
        location = self.lines.location(start, start + 1 if end is None else end)
        self.problems.append(Problem("json", message, hint, pointer, location))

    def stop(self, offset: int, pointer: str, message: str, hint: str = "") -> _FatalError:
        self.note(offset, pointer, message, hint)
        return _FatalError()

    def skip(self, pointer: str) -> str:
        """Steps over white space and comments; gives the next character, or `""` at the end."""
        while True:
            space = _SPACE.match(self.text, self.at)
            self.at = space.end() if space else self.at
            comment = _COMMENT.match(self.text, self.at)
            if comment is None:
                return self.text[self.at : self.at + 1]
            message, hint = "JSON has no comments", "Remove the comment."
            self.note(self.at, pointer, message, hint, end=comment.end())
            self.at = comment.end()

    def document(self) -> Node:
        if not self.skip(""):
            raise self.stop(self.at, "", "the file is empty")
        node = self.value("", 0)
        if self.skip(""):
            raise self.stop(self.at, "", "there is more text after the end of the document")
        return node

    def value(self, pointer: str, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.stop(self.at, pointer, f"nested deeper than {MAX_DEPTH} levels")
        head = self.skip(pointer)
        if head == "{":
            return self.object(pointer, depth)
        if head == "[":
            return self.array(pointer, depth)
        if head == '"':
            start = self.at
            return self.node("string", self.string(pointer), start)
        return self.literal(pointer)

    def node(self, kind: NodeKind, value: object, start: int) -> Node:
        """The node of what stands between `start` and here."""
        return Node(kind, value, self.lines.location(start, self.at))

    def object(self, pointer: str, depth: int) -> Node:
        start = self.at
        members: list[Member] = []
        seen: set[str] = set()
        self.at += 1
        while self.more("}", pointer, start, first=not members):
            key_start = self.at
            if self.text[key_start] != '"':
                hint = "Write every name in double quotes."
                raise self.stop(key_start, pointer, "expected a name in double quotes", hint)
            key = self.string(pointer)
            location = self.lines.location(key_start, self.at)
            inner = pointer_to(pointer, key)
            if key in seen:
                self.problems.append(repeated_name(key, inner, location))
            seen.add(key)
            if self.skip(inner) != ":":
                raise self.stop(self.at, inner, f"expected ':' after the name {json.dumps(key)}")
            self.at += 1
            members.append(Member(key, self.value(inner, depth + 1), location))
        return self.node("object", members, start)

    def array(self, pointer: str, depth: int) -> Node:
        start = self.at
        items: list[Node] = []
        self.at += 1
        while self.more("]", pointer, start, first=not items):
            items.append(self.value(pointer_to(pointer, len(items)), depth + 1))
        return self.node("array", items, start)

    def more(self, closing: str, pointer: str, start: int, *, first: bool) -> bool:
        """Steps to the next entry of an object or array, or over its closing bracket."""
        head = self.skip(pointer)
        if not first and head == ",":
            comma = self.at
            self.at += 1
            head = self.skip(pointer)
            if head == closing:
                hint = "Remove the comma before the closing bracket."
                self.note(comma, pointer, "JSON allows no trailing comma", hint)
        elif not first and head not in (closing, ""):
            hint = "Is a comma or a quotation mark missing?"
            raise self.stop(self.at, pointer, f"expected ',' or '{closing}'", hint)
        if head == closing:
            self.at += 1
            return False
        if not head:
            line, column = self.lines.position(start)
            opened = f"opened at line {line}, column {column}"
            message = f"the file ends before the '{closing}' of what was {opened}"
            raise self.stop(self.at, pointer, message, "Was the file cut off?")
        return True

    def string(self, pointer: str) -> str:
        match = _STRING.match(self.text, self.at)
        if match is None:
            raise self.broken_string(pointer)
        start, self.at = self.at, match.end()
        text: str = json.loads(match.group())
        if _SURROGATE.search(text):
            raise self.stop(start, pointer, "the string holds half a surrogate pair (\\ud800...)")
        return text

    def broken_string(self, pointer: str) -> _FatalError:
        match = _CHARACTERS.match(self.text, self.at + 1)
        at = match.end() if match else self.at + 1
        if self.text[at : at + 1] == "\\":
            return self.stop(at, pointer, "no such escape in a JSON string", "Write \\\\ for \\.")
        if "\x00" <= self.text[at : at + 1] < " " and self.text[at] not in "\r\n":
            shown = json.dumps(self.text[at])
            message = "a control character stands in a string"
            return self.stop(at, pointer, message, f"Write it as {shown}.")
        hint = "Is a closing quotation mark missing?"
        return self.stop(at, pointer, "the string is not closed on its line", hint)

    def literal(self, pointer: str) -> Node:
        start = self.at
        number = _NUMBER.match(self.text, start)
        if number:
            self.at = number.end()
            return self.node("number", number.group(), start)
        match = _WORD.match(self.text, start)
        word = match.group() if match else self.text[start : start + 1]
        if word in _WORDS:
            self.at = start + len(word)
            kind, value = _WORDS[word]
            return self.node(kind, value, start)
        shown = json.dumps(word[:40], ensure_ascii=False)
        hint = "Write strings in double quotes."
        if self.text.startswith("{{", start):
            hint = 'A placeholder stands inside a string: "{{name}}".'
        raise self.stop(start, pointer, f"expected a JSON value, found {shown}", hint)


def read_json(text: str, file: str) -> Tree:
    """Reads JSON text (RFC 8259), the content of `file`.

    The problems come in the order of their positions.
    """
    parser = _Parser(text, file)
    try:
        root: Node | None = parser.document()
    except _FatalError:
        root = None
    return Tree(file, root, tuple(parser.problems))
