"""The comments of a text in YAML: which entry of the tree each of them stands with.

A comment on the line of an entry belongs to it, one on a line of its own to the entry below. What
is indented deeper than the entry below closes the block above:

    Action:
      - ecr:BatchGetImage  # with its item
      # closes the list
    # with Resource
    Resource: "*"
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

from planner.policy.source_text import Lines
from planner.policy.tree import Location, Member, Node

_COMMENT = re.compile(r"#[^\r\n]*")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class Comment(NamedTuple):
    """A comment, or a blank line where `text` is empty, at the offset `start`.

    `owner` is where the name of a member or the item of a list stands that it belongs to.
    """

    text: str
    start: int
    owner: Location
    place: Literal["before", "beside", "after"]


class Entry(NamedTuple):
    """A member or an item: the offsets of its first character, a dash included, and of its end."""

    start: int
    end: int
    column: int
    owner: Location


def without_comments(text: str, root: Node) -> str:
    """The text with spaces in the place of its comments."""
    kept, at = [], 0
    for start, end in sorted(_scalars(text, root, Lines(text))):
        kept += [_COMMENT.sub(_spaces, text[at:start]), text[start:end]]
        at = end
    return "".join(kept) + _COMMENT.sub(_spaces, text[at:])


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _scalars(text: str, node: Node, lines: Lines) -> Iterator[tuple[int, int]]:
    """Where texts stand, and names, in which a `#` is none of a comment."""
    if node.kind == "object":
        for member in node.value:
            yield lines.span(member.location)
            yield from _scalars(text, member.value, lines)
    elif node.kind == "array":
        for item in node.value:
            yield from _scalars(text, item, lines)
    else:
        start, end = lines.span(node.location)
        if text[start : start + 1] in ("|", ">"):
            line = _LINE.match(text, start)
            start = line.end() if line else start
        yield start, max(start, end)


def entries_of(text: str, root: Node) -> list[Entry]:
    """The entries of the tree, each before those inside it. `text` has no comments."""
    lines = Lines(text)

    def inside(node: Node) -> Iterator[Entry]:
        start, _ = lines.span(node.location)
        is_block = text[start : start + 1] == "-" and node.kind == "array"
        for each in node.value if node.kind in ("object", "array") else ():
            value = each.value if isinstance(each, Member) else each
            first, end = lines.span(each.location)[0], lines.span(value.location)[1]
            if is_block:
                first = text.rfind("-", start, max(first, start + 1))
            start = end
            yield Entry(first, end, lines.position(first)[1], each.location)
            yield from inside(value)

    return list(inside(root))


def comments_of(text: str, root: Node) -> list[Comment]:
    """The comments of a text and the blank lines between its entries. `root` is its tree."""
    bare = without_comments(text, root)
    lines, entries = Lines(text), entries_of(bare, root)
    if not entries:
        return []
    starts = [each.start for each in entries]
    spans = list(_scalars(text, root, lines))
    found: list[Comment] = []
    is_blank, is_first = False, True
    for line in _LINE.finditer(text):
        content = line.group().rstrip("\r\n")
        where = line.start() + len(bare[line.start() : line.start() + len(content)].rstrip())
        comment = text[where : line.start() + len(content)].strip()
        at = text.find(comment, where)
        below = bisect_right(starts, line.start() - 1)
        following = entries[below] if below < len(entries) else None
        if not content.strip():
            inside = any(start < line.start() < end for start, end in spans)
            is_blank = not inside and not is_first
        elif bare[line.start() : where].strip():
            if is_blank and following and following.start < line.end():
                found.append(Comment("", line.start(), following.owner, "before"))
            is_blank = is_first = False
            if comment:
                found.append(Comment(comment, at, _beside(entries, line.start(), at), "beside"))
        else:
            owner, place = _own_line(entries, at, at - line.start() + 1, following)
            if is_blank:
                found.append(Comment("", line.start(), owner, place))
            found.append(Comment(comment, at, owner, place))
            is_blank = is_first = False
    return found


def _beside(entries: list[Entry], line: int, at: int) -> Location:
    """The entry that a comment behind other text belongs to."""
    here = [each for each in entries if line <= each.start < at]
    return (here or _above(entries, at) or entries[:1])[-1].owner


def _own_line(
    entries: list[Entry], at: int, column: int, following: Entry | None
) -> tuple[Location, Literal["before", "after"]]:
    above = _above(entries, at)
    if following and (column <= following.column or not above):
        return following.owner, "before"
    fitting = [each for each in above if each.column <= column] or above[:1]
    return fitting[-1].owner, "after"


def _above(entries: list[Entry], at: int) -> list[Entry]:
    """The entries that end last before an offset, each before those inside it."""
    ended = [each for each in entries if each.end <= at]
    last = max((each.end for each in ended), default=0)
    return [each for each in ended if each.end == last]
