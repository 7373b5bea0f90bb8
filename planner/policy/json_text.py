"""JSON text to a tree that knows where each value stands.

The standard library's parser gives neither positions nor duplicate keys, stops at the first
mistake and recurses as deep as the text tells it to. A policy file is written by hand, so
its mistakes are reported together, each at its line and column: comments, trailing commas
and duplicate keys are reported and stepped over; what cannot be stepped over ends the parse.
"""

from __future__ import annotations

import codecs
import json
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

MAX_BYTES = 1_048_576
"""The largest text read at all, in bytes: a hundred times what ECR takes."""

MAX_DEPTH = 32
"""The deepest nesting read. A policy needs six levels."""

NodeKind = Literal["object", "array", "string", "number", "boolean", "null"]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A half-open range of a text. Lines and columns count from 1, columns in characters."""

    line: int
    column: int
    end_line: int
    end_column: int


START = Location(1, 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document.

    `rule` is `json` where the text is no JSON, `placeholder` where a `{{name}}` has no value,
    `grammar` where the document breaks IAM's grammar, `not-a-policy` where it is something
    else. `pointer` is a JSON Pointer (RFC 6901), empty for the whole document. `hint` says how
    to mend it, where one can say.
    """

    rule: str
    message: str
    hint: str
    pointer: str
    place: Location

    @property
    def line(self) -> int:
        """The line where it begins."""
        return self.place.line

    @property
    def column(self) -> int:
        """The column where it begins."""
        return self.place.column


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON value and the half-open range of characters where it stands.

    `value` is a list of `Member` for an object, a list of `Node` for an array, a `str` for a
    string, a `bool` for a boolean, the literal's own text for a number, and None for null.
    """

    kind: NodeKind
    value: Any
    start: int
    end: int

    def member(self, key: str) -> Node | None:
        """The value of an object's member, the last one where the key is repeated."""
        if self.kind != "object":
            return None
        found = [member.value for member in self.value if member.key == key]
        return found[-1] if found else None

    def keys(self) -> list[str]:
        """The keys of an object, in order; empty for anything else."""
        return [member.key for member in self.value] if self.kind == "object" else []

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


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object; `start` and `end` are the range of its key."""

    key: str
    start: int
    end: int
    value: Node


class Text:
    """Decoded text that can say on which line and column a character stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._line_starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at `offset`."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def place(self, start: int, end: int) -> Location:
        """The range of the characters from `start` up to `end`."""
        last = len(self.text)
        return Location(*self.position(min(start, last)), *self.position(min(end, last)))


def pointer_to(parent: str, key: str | int) -> str:
    """The JSON Pointer of a member or an item (RFC 6901, section 3)."""
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"


def decode(data: bytes) -> tuple[str, Problem | None]:
    """UTF-8 to text, a leading byte-order mark dropped; with the problem if it is not UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "the file is UTF-16, not UTF-8"
        return "", Problem("json", message, "Save it as UTF-8.", "", START)
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        before = Text(data[: error.start].decode())
        place = before.place(len(before.text), len(before.text))
        message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        return "", Problem("json", message, "Save the file as UTF-8.", "", place)


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

Fill = Callable[[str], tuple[str, str]]
"""Rewrites a decoded string; the second value is a message if that cannot be done."""


class _Parser:
    """One pass over one text. `problems` grows as mistakes are met."""

    def __init__(self, text: str, fill: Fill | None) -> None:
        self.source = Text(text)
        self.text = text
        self.at = 0
        self.fill = fill
        self.problems: list[Problem] = []

    def note(  # noqa: PLR0913 - where, what, and what to do
        self,
        start: int,
        pointer: str,
        message: str,
        hint: str = "",
        *,
        end: int | None = None,
        rule: str = "json",
    ) -> None:
        place = self.source.place(start, start + 1 if end is None else end)
        self.problems.append(Problem(rule, message, hint, pointer, place))

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
            return Node("string", self.string(pointer), start, self.at)
        return self.literal(pointer)

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
            key, key_end = self.string(pointer), self.at
            inner = pointer_to(pointer, key)
            if key in seen:
                message = f"the name {json.dumps(key)} stands twice in one object"
                self.note(key_start, inner, message, end=key_end)
            seen.add(key)
            if self.skip(inner) != ":":
                raise self.stop(self.at, inner, f"expected ':' after the name {json.dumps(key)}")
            self.at += 1
            members.append(Member(key, key_start, key_end, self.value(inner, depth + 1)))
        return Node("object", members, start, self.at)

    def array(self, pointer: str, depth: int) -> Node:
        start = self.at
        items: list[Node] = []
        self.at += 1
        while self.more("]", pointer, start, first=not items):
            items.append(self.value(pointer_to(pointer, len(items)), depth + 1))
        return Node("array", items, start, self.at)

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
            line, column = self.source.position(start)
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
        if self.fill is None:
            return text
        text, message = self.fill(text)
        if message:
            hint = "Give it under [vars] in planner.toml, or by --var NAME=VALUE."
            self.note(start, pointer, message, hint, end=self.at, rule="placeholder")
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
            return Node("number", number.group(), start, self.at)
        match = _WORD.match(self.text, start)
        word = match.group() if match else self.text[start : start + 1]
        if word in _WORDS:
            self.at = start + len(word)
            kind, value = _WORDS[word]
            return Node(kind, value, start, self.at)
        shown = json.dumps(word[:40], ensure_ascii=False)
        hint = "Write strings in double quotes."
        if self.text.startswith("{{", start):
            hint = 'A placeholder stands inside a string: "{{name}}".'
        raise self.stop(start, pointer, f"expected a JSON value, found {shown}", hint)


def parse_json(text: str, fill: Fill | None = None) -> tuple[Node | None, list[Problem], Text]:
    """Parses JSON text (RFC 8259); None for the tree where it could not be read to its end.

    The problems come in the order of their positions. With problems and a tree, the tree is
    what the text most likely meant. `fill` rewrites every decoded string, names too.
    """
    parser = _Parser(text, fill)
    try:
        tree: Node | None = parser.document()
    except _FatalError:
        tree = None
    return tree, parser.problems, parser.source
