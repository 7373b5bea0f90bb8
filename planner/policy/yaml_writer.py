"""A tree to YAML: in planner's style, or into a text whose other characters all stay.

What is written anew has blocks and no brackets, and quotes only where a text could be taken for
something else: `"111122223333"` and `"*"`, but `ecr:BatchGetImage`. Comments stay with their entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.policy.json_writer import Layout, replace_json
from planner.policy.source_text import Lines
from planner.policy.tree import UNWRITTEN, Location, Member, Node, scalar_text
from planner.policy.yaml_comments import Comment, comments_of, entries_of, without_comments

_PLAIN = re.compile(r"(?:[A-Za-z/][A-Za-z0-9_./*?$@{}=,:-]*)?[A-Za-z0-9_./*?$@{}=,-]")
_STARTS_PLAIN = re.compile(r"[A-Za-z/]")
_WORDS = frozenset("true false yes no on off y n null".split())
_LINE_END = re.compile(r"\r\n|\r|\n")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_MAX_NAME = 1_000


def write_yaml(root: Node) -> str:
    """The YAML text of a tree, indented by two spaces."""
    return _text(_Writer(()).lines(root, ""))


def rewrite_yaml(text: str, root: Node, changed: Node) -> str:
    """The text of `changed`, which is made of the nodes of `root`, with the comments of `text`.

    What the comments stand with is known by its location. A comment whose entry is gone goes to
    the entry before it.
    """
    comments = comments_of(text, root)
    begins = Lines(text).span(root.location)[0]
    opening = [each for each in comments if each.start < begins]
    # What a blank line parts from the first entry is about the whole file.
    blanks = [index for index, each in enumerate(opening) if not each.text]
    head = opening[: blanks[-1] + 1] if blanks else []
    lines = _Writer(_kept(comments[len(head) :], changed)).lines(changed, "")
    return _text([*(each.text for each in head), *lines])


def _text(lines: Sequence[str]) -> str:
    """Lines without blank ones at either end, and never two of them."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).strip("\n")) + "\n"


def _kept(comments: Sequence[Comment], node: Node) -> list[Comment]:
    """The comments, each with an entry that is in the tree."""
    owners = sorted(each for each in _owners(node) if each != UNWRITTEN)
    known, kept = set(owners), []
    for each in comments:
        if each.owner in known:
            kept.append(each)
        elif each.text and owners:
            above = [one for one in owners if one[:3] <= each.owner[:3]] or owners[:1]
            placed = each if each.place == "after" else each._replace(place="before")
            kept.append(placed._replace(owner=above[-1]))
    return kept


def _owners(node: Node) -> Iterable[Location]:
    """Where the writer looks for comments: at members, items, and the values of members."""
    for each in node.value if _is_nested(node) else ():
        value = each.value if isinstance(each, Member) else each
        yield each.location
        if not _is_nested(value):
            yield value.location
        yield from _owners(value)


def _is_nested(node: Node) -> bool:
    return node.kind in ("object", "array") and bool(node.value)


class _Writer:
    """Writes trees with these comments. What comes out are lines without their ends."""

    def __init__(self, comments: Iterable[Comment]) -> None:
        self.comments: dict[tuple[Location, str], list[str]] = {}
        for each in comments:
            self.comments.setdefault((each.owner, each.place), []).append(each.text)

    def lines(self, node: Node, indent: str) -> list[str]:
        """The lines of a value that begins on a line of its own."""
        if not _is_nested(node):
            return [indent + _scalar(node)]
        return [
            line
            for each in node.value
            for line in (
                self.member(each, indent) if isinstance(each, Member) else self.item(each, indent)
            )
        ]

    def around(self, indent: str, *owners: Location) -> tuple[list[str], str, list[str]]:
        """What stands above, on and below the line of an entry."""
        places = [
            [text for owner in owners for text in self.comments.pop((owner, place), ())]
            for place in ("before", "beside", "after")
        ]
        above, beside, below = places
        # One line has room for one comment.
        above += beside[:-1]
        on = f"  {beside[-1]}" if beside else ""
        return (
            [indent + each if each else "" for each in above],
            on,
            [indent + each if each else "" for each in below],
        )

    def member(self, member: Member, indent: str) -> list[str]:
        value = member.value
        is_nested = _is_nested(value)
        owners = [member.location] if is_nested else [member.location, value.location]
        above, on, below = self.around(indent, *owners)
        name = _quoted(member.key)
        head = f"{indent}{name}:" if len(name) <= _MAX_NAME else f"{indent}? {name}\n{indent}:"
        if not is_nested:
            return [*above, f"{head} {_scalar(value)}{on}", *below]
        return [*above, head + on, *self.lines(value, indent + "  "), *below]

    def item(self, item: Node, indent: str) -> list[str]:
        above, on, below = self.around(indent, item.location)
        inner = self.lines(item, indent + "  ")
        if not _is_nested(item):
            inner[0] += on
        elif on:
            above.append(indent + on.strip())
        # Nothing stands between the dash and what follows it.
        while not inner[0].strip() or inner[0].lstrip().startswith("#"):
            line = inner.pop(0)
            above.append(indent + line.strip() if line.strip() else "")
        inner[0] = f"{indent}- {inner[0][len(indent) + 2 :]}"
        return [*above, *inner, *below]


def _scalar(node: Node) -> str:
    if node.kind in ("object", "array"):
        return "{}" if node.kind == "object" else "[]"
    if node.kind == "string":
        return _quoted(node.value)
    return "null" if node.kind == "null" else scalar_text(node)


def _quoted(text: str) -> str:
    """A text as YAML writes it, in quotes where it could be taken for something else.

    >>> print(_quoted("ecr:Get*"), _quoted("*"), _quoted("2012-10-17"), _quoted("yes"))
    ecr:Get* "*" "2012-10-17" "yes"
    """
    is_plain = _PLAIN.fullmatch(text) and _STARTS_PLAIN.match(text)
    if is_plain and text.lower() not in _WORDS:
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - Unicode's


def append_yaml(text: str, root: Node, pointer: str, value: Node) -> str:
    """The text with `value` behind the last item of the list at `pointer`, which is not empty.

    A single value there becomes the first of a list. `root` is the tree of `text`.
    """
    whole = root.at(pointer)
    items: list[Node] = whole.value if whole.kind == "array" else [whole]
    lines = Lines(text)
    start = lines.span(whole.location)[0]
    bare = without_comments(text, root)
    if text[start] in "[{":
        return _append_in_brackets(text, bare, whole, value)
    end_of_line = _LINE_END.search(text, lines.span(items[-1].location)[1])
    end = end_of_line.end() if end_of_line else len(text)
    column = lines.position(start)[1] - 1
    body = text[start:end]
    if whole.kind != "array":
        body = "- " + re.sub(r"(\r\n|\r|\n)(?=[^\r\n])", r"\1  ", body)
    else:
        end = _end_of_item(text, end, column)
        body = text[start:end]
    if not _LINE_END.search(body[-1:]):
        body += _line_end(text)
    written = _Writer(()).item(value, " " * column)
    if len(items) > 1 and _is_apart(text, bare, root, items[-1]):
        written.insert(0, "")
    new = "\n".join([*written, ""]).replace("\n", _line_end(text))
    return text[:start] + body + new + text[end:]


def _line_end(text: str) -> str:
    found = _LINE_END.search(text)
    return found.group() if found else "\n"


def _end_of_item(text: str, end: int, column: int) -> int:
    """Behind the comments that follow an item and are indented deeper than its dash."""
    inside = re.compile(rf" {{{column + 1},}}#[^\r\n]*(?:\r\n|\r|\n|\Z)")
    while found := inside.match(text, end):
        end = found.end()
    return end


def _is_apart(text: str, bare: str, root: Node, item: Node) -> bool:
    """Whether a blank line stands above an item."""
    (start,) = (each.start for each in entries_of(bare, root) if each.owner == item.location)
    return bool(re.search(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)[ \t]*\Z", text[:start]))


def _append_in_brackets(text: str, bare: str, whole: Node, value: Node) -> str:
    """What YAML has in brackets is laid out as JSON is."""
    layout = Layout(bare)
    items: list[Node] = whole.value if whole.kind == "array" else [whole]
    start, end = layout.lines.span(items[-1].location)
    style, outer = layout.style_of(items[-1])
    written = style.dump(value, outer)
    if whole.kind != "array":
        return f"{text[:start]}[{text[start:end]}{style.comma}{written}]{text[end:]}"
    first = layout.lines.span(items[0].location)[0]
    space = bare[layout.lines.span(whole.location)[0] + 1 : first]
    between = f",{space}" if space.strip(" ") else style.comma
    return text[:end] + between + written + text[end:]


def replace_yaml(text: str, root: Node, pointer: str, value: Node) -> str:
    """The text with `value` in the place of what is at `pointer`, and its comments kept there.

    `root` is the tree of `text`.
    """
    lines, old = Lines(text), root.at(pointer)
    start, end = lines.span(old.location)
    inner = _inside(text, root, old, lines)
    if text[start] in "[{":
        after = replace_json(text, root, pointer, value)
        kept = [each.text for each in inner if each.start < end]
        return after[:start] + _above_brackets(text, start, kept) + after[start:]
    new, column = _located(value, old), lines.position(start)[1] - 1
    written = _Writer(_kept(inner, new)).lines(new, " " * column)
    begin = start - column
    dashes = len(text[begin:start]) - len(text[begin:start].lstrip(" "))
    above: list[str] = []
    while written[0].lstrip().startswith("#"):
        above.append(" " * dashes + written.pop(0).strip())
    body = "\n".join([*above, text[begin:start] + written[0].lstrip(" "), *written[1:]])
    end = max([end, *(each.start + len(each.text) for each in inner)])
    return text[:begin] + body.replace("\n", _line_end(text)) + text[end:]


def _inside(text: str, root: Node, old: Node, lines: Lines) -> list[Comment]:
    """The comments inside a value, to the end of its last line."""
    start, end = lines.span(old.location)
    line_end = _LINE_END.search(text, end)
    last = line_end.start() if line_end else len(text)
    return [
        each
        for each in comments_of(text, root)
        if each.text
        and start <= each.start < last
        and start <= lines.span(each.owner)[0]
        and each.owner != old.location
    ]


def _above_brackets(text: str, start: int, comments: list[str]) -> str:
    """Comments to stand before a value in brackets, which begins on a line of its own then."""
    if not comments:
        return ""
    column = Lines(text).position(start)[1] - 1
    lines = [f"{each}{_line_end(text)}{' ' * column}" for each in comments]
    return ("" if text[start - 1].isspace() else " ") + "".join(lines)


def remove_yaml(text: str, root: Node, pointer: str) -> str:
    """The text without the item at `pointer` of a list that has more. `root` is its tree.

    The comments of the item go with it, also those right above.
    """
    parent, _, index = pointer.rpartition("/")
    whole, at, lines = root.at(parent), int(index), Lines(text)
    items: list[Node] = whole.value
    bare = without_comments(text, root)
    if text[lines.span(whole.location)[0]] == "[":
        return _without_in_brackets(text, bare, [lines.span(each.location) for each in items], at)
    starts = {each.owner: each.start for each in entries_of(bare, root)}
    begin = lines.offset(lines.position(starts[items[at].location])[0], 1)
    for line in reversed(text[:begin].splitlines(keepends=True)):
        if not line.lstrip(" ").startswith("#"):
            break
        begin -= len(line)
    end_of_line = _LINE_END.search(text, lines.span(items[at].location)[1])
    end = end_of_line.end() if end_of_line else len(text)
    end = _end_of_item(text, end, lines.position(starts[items[at].location])[1] - 1)
    return text[:begin] + text[end:]


def _without_in_brackets(text: str, bare: str, spans: Sequence[tuple[int, int]], at: int) -> str:
    """The text without one item of a list in brackets, with the comments between items."""
    start, end = (spans[at - 1][1], spans[at][1]) if at else (spans[0][0], spans[1][0])
    between = (start, spans[at][0]) if at else (spans[0][1], end)
    comments = [
        found.group()
        for found in re.finditer(r"#[^\r\n]*", text[slice(*between)])
        if bare[between[0] + found.start()] == " "
    ]
    kept = "".join(f" {each}{_line_end(text)}" for each in comments)
    return text[:start] + kept + text[end:]


def _located(new: Node, old: Node) -> Node:
    """The new value with the locations of what it has in common with the old one."""
    if new.kind == old.kind == "object":
        named = {each.key: each for each in old.value}
        members = [
            Member(each.key, _located(each.value, was.value), was.location)
            if (was := named.get(each.key))
            else each
            for each in new.value
        ]
        return Node("object", members, old.location)
    items = old.value if old.kind == "array" else [old]
    if new.kind == "array":
        places = {str(each.value): each.location for each in items}
        kept = [
            replace(each, location=places.get(str(each.value), each.location)) for each in new.value
        ]
        return Node("array", kept, old.location)
    same = [each.location for each in items if each.value == new.value]
    return replace(new, location=same[0]) if same else new
