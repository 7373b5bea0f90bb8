"""YAML text to a tree that knows where each value stands: the part of YAML that a policy needs.

Every plain scalar is the text that is written: `2012-10-17` is no date, `012345678901` keeps its
zero and `yes` is a word. What YAML offers beyond values (anchors, aliases, tags, merge keys,
several documents) is refused by name, since a reviewer would have to resolve it in the head.
https://yaml.org/spec/1.2.2/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from planner.policy.json_text import MAX_DEPTH
from planner.policy.source_text import Lines
from planner.policy.tree import Location, Member, Node, Problem, Tree, pointer_to, repeated_name

if TYPE_CHECKING:
    from ruamel.yaml.events import Event, NodeEvent, ScalarEvent

MAX_YAML = 131_072
"""The longest YAML that is read, in characters: its parser takes seconds for more.

The body of a CloudFormation template has at most 51,200 bytes.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

_SHOWN = 40
_NULL = re.compile(r"~|null|Null|NULL")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PLACEHOLDER_HINT = 'YAML takes {{ for its own brackets. Quote the text: "{{name}}".'


class _FatalError(Exception):
    """A mistake that the reader cannot step over; the problem is already noted."""


class _Reader:
    """One pass over the events of one text. The lists grow as mistakes are met."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.lines = Lines(text, file)
        self.problems: list[Problem] = []
        self.in_policies: list[Problem] = []
        self.events = self.parse()

    def problem(self, start: int, pointer: str, message: str, hint: str, end: int = 0) -> Problem:
        location = self.lines.location(start, max(end, start + 1))
        return Problem("yaml", message, hint, pointer, location)

    def stop(self, offset: int, pointer: str, message: str, hint: str = "") -> NoReturn:
        self.problems.append(self.problem(offset, pointer, message, hint))
        raise _FatalError

    def parse(self) -> Iterator[Event]:
        """The events of the text, made as they are asked for."""
        from ruamel.yaml import YAML  # noqa: PLC0415 - nobody waits for it who has no YAML
        from ruamel.yaml.error import YAMLError  # noqa: PLC0415

        try:
            yield from YAML(typ="safe", pure=True).parse(self.text)
        except YAMLError as error:
            self.stop(*self.explain(error))
        except (ValueError, OverflowError):
            self.stop(0, "", "an escape in the text means no character")

    def explain(self, error: Exception) -> tuple[int, str, str, str]:
        """Where the parser of YAML stopped, and why, as `stop` takes it."""
        position = getattr(error, "position", None)
        if position is not None:
            shown = f"U+{ord(self.text[position]):04X}"
            return position, "", f"the character {shown} cannot stand in YAML", "Remove it."
        marks = [getattr(error, each, None) for each in ("problem_mark", "context_mark")]
        at, begun = (min(mark.index, len(self.text)) if mark else 0 for mark in marks)
        context, what = (getattr(error, each, None) or "" for each in ("context", "problem"))
        here = self.text[at : at + 1]
        if "alias" in context:
            word = self.text[begun:].split(maxsplit=1)[0]
            return begun, "", *_alias(word)
        if "{{" in (self.text[at : at + 2], self.text[begun : begun + 2]):
            return at, "", "a placeholder stands outside of quotation marks", _PLACEHOLDER_HINT
        if here == "\t":
            return at, "", "a tab cannot indent YAML", "Indent with spaces."
        if "cannot start any token" in what:
            hint = "Quote the text that begins with it."
            return at, "", f"a text without quotes cannot begin with {json.dumps(here)}", hint
        if "mapping values are not allowed" in what:
            hint = "Quote a text that has a colon and a space in it, and check the indentation."
            return at, "", "a colon stands where no name can end", hint
        if "quoted scalar" in context and "end of stream" in what:
            return begun, "", "the quotation mark is not closed", "Was the file cut off?"
        return at, "", f"{context}: {what}".removeprefix(": "), "Check indentation and brackets."

    def document(self) -> Node:
        from ruamel.yaml.events import StreamEndEvent  # noqa: PLC0415 - as above

        next(self.events)
        start = next(self.events)
        if isinstance(start, StreamEndEvent):
            self.stop(0, "", "the file is empty")
        if getattr(start, "version", None) or getattr(start, "tags", None):
            self.stop(start.start_mark.index, "", "a directive (%) is not read", "Leave it out.")
        first = next(self.events)
        if self.is_missing(first):
            self.stop(0, "", "the file is empty")
        root = self.value(first, "", 0)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, StreamEndEvent):
            hint = "Put each policy into a file of its own."
            self.stop(after.start_mark.index, "", "a second document begins here", hint)
        return root

    @staticmethod
    def is_missing(event: Event) -> bool:
        """Whether nothing stands where a value could."""
        is_plain = getattr(event, "implicit", None) == (True, False) and not event.tag  # type: ignore[attr-defined]
        return is_plain and getattr(event, "value", None) == ""

    def value(self, event: Event, pointer: str, depth: int) -> Node:
        from ruamel.yaml import events  # noqa: PLC0415 - as above

        start = event.start_mark.index
        if depth > MAX_DEPTH:
            self.stop(start, pointer, f"nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, events.AliasEvent):
            self.stop(start, pointer, *_alias(f"*{event.anchor}"))
        assert isinstance(event, events.NodeEvent)
        if event.anchor:
            hint = "Write the value out wherever it is meant."
            shown = f"&{event.anchor}"[:_SHOWN]
            self.stop(start, pointer, f"an anchor ({shown}) is not read", hint)
        if isinstance(event, events.MappingStartEvent):
            node = self.object(event, pointer, depth)
        elif isinstance(event, events.SequenceStartEvent):
            node = self.array(event, pointer, depth)
        else:
            assert isinstance(event, events.ScalarEvent)
            node = self.scalar(event, pointer)
        return self.tagged(str(event.tag), node, pointer) if event.tag else node

    def tagged(self, tag: str, node: Node, pointer: str) -> Node:
        """The value of a tag as CloudFormation means it: `!Sub text` is `{"Fn::Sub": text}`.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
        """
        hint = "Leave it out: plain values are text here."
        shown = tag.replace("tag:yaml.org,2002:", "!!")[:_SHOWN]
        message = f"a tag ({shown}) is not read in a policy"
        self.in_policies.append(Problem("yaml", message, hint, pointer, node.location))
        name = tag.removeprefix("!")
        if name == tag or not name:
            return node
        long = name if name in {"Ref", "Condition"} else f"Fn::{name}"
        return Node("object", [Member(long, node, node.location)], node.location)

    def object(self, event: NodeEvent, pointer: str, depth: int) -> Node:
        from ruamel.yaml.events import MappingEndEvent  # noqa: PLC0415 - as above

        start = event.start_mark.index
        if self.text.startswith("{{", start):
            message = "a placeholder stands outside of quotation marks"
            self.stop(start, pointer, message, _PLACEHOLDER_HINT)
        members: list[Member] = []
        seen: set[str] = set()
        while not isinstance(event := next(self.events), MappingEndEvent):  # type: ignore[assignment]
            key, begun, ended = self.name(event, pointer)
            location = self.lines.location(begun, ended)
            inner = pointer_to(pointer, key)
            if key in seen:
                self.problems.append(replace(repeated_name(key, inner, location), rule="yaml"))
            seen.add(key)
            event = next(self.events)  # type: ignore[assignment]
            # The parser finds what is missing only at the next value.
            value = (
                self.nothing("", inner, self.lines.location(ended, ended))
                if self.is_missing(event)
                else self.value(event, inner, depth + 1)
            )
            members.append(Member(key, value, location))
        return self.collection("object", start, event, members)

    def name(self, event: Event, pointer: str) -> tuple[str, int, int]:
        """The name of a member, and where it begins and ends."""
        from ruamel.yaml.events import ScalarEvent  # noqa: PLC0415 - as above

        start = event.start_mark.index
        if self.text.startswith("{{", start):
            message = "a placeholder stands outside of quotation marks"
            self.stop(start, pointer, message, _PLACEHOLDER_HINT)
        if not isinstance(event, ScalarEvent) or event.tag or event.anchor:
            self.stop(start, pointer, "a name must be a text", "Quote the name.")
        if self.is_missing(event):
            self.stop(start, pointer, "a name is missing before ':'")
        if event.value == "<<" and event.implicit[0]:
            hint = "Write the members out."
            self.stop(start, pointer, "a merge key (<<) is not read", hint)
        return self.checked(event, pointer), start, event.end_mark.index

    def array(self, event: NodeEvent, pointer: str, depth: int) -> Node:
        from ruamel.yaml.events import SequenceEndEvent  # noqa: PLC0415 - as above

        start = event.start_mark.index
        items: list[Node] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):  # type: ignore[assignment]
            items.append(self.value(event, pointer_to(pointer, len(items)), depth + 1))
        return self.collection("array", start, event, items)

    def collection(
        self, kind: str, start: int, end: Event, entries: list[Member] | list[Node]
    ) -> Node:
        """An object or a list; one without brackets ends where its last value does."""
        stop = end.end_mark.index
        if self.text[stop - 1 : stop] not in ("}", "]") or end.start_mark.index == stop:
            last = entries[-1].value if isinstance(entries[-1], Member) else entries[-1]
            stop = self.lines.span(last.location)[1]
        location = self.lines.location(start, stop)
        return Node("object" if kind == "object" else "array", entries, location)

    def scalar(self, event: ScalarEvent, pointer: str) -> Node:
        start, end = event.start_mark.index, event.end_mark.index
        if event.style in ("|", ">"):
            # The parser ends it behind the line breaks that follow.
            end = start + len(self.text[start:end].rstrip())
        location = self.lines.location(start, end)
        text = self.checked(event, pointer)
        if self.is_missing(event) or (
            event.implicit[0] and not event.tag and _NULL.fullmatch(text)
        ):
            return self.nothing(text, pointer, location)
        return Node("string", text, location)

    def nothing(self, text: str, pointer: str, location: Location) -> Node:
        """A null; `text` is how it is written."""
        name = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        named = "an item of the list" if name.isdigit() else name
        message = f"{named} is {text}, no value" if text else f"{named} has no value"
        hint = f'Write one; the word is "{text}", in quotes.' if text else "Write one."
        self.in_policies.append(Problem("yaml", message, hint, pointer, location))
        return Node("null", None, location)

    def checked(self, event: ScalarEvent, pointer: str) -> str:
        """The text of a scalar."""
        text = str(event.value)
        if _SURROGATE.search(text):
            message = "the text holds half a surrogate pair (\\ud800...)"
            self.stop(event.start_mark.index, pointer, message)
        return text


def _alias(word: str) -> tuple[str, str]:
    """What is wrong with a word that begins with `*`, and how to mend it."""
    word = word[:_SHOWN]
    if word == "*":
        return "* alone is an alias in YAML", 'Quote it: "*".'
    hint = f"Quote the text if it is one: {json.dumps(word)}. Else write the value out."
    return f"an alias ({word}) is not read", hint


def read_yaml(text: str, file: str) -> Tree:
    """Reads YAML text (YAML 1.2), the content of `file`.

    >>> read_yaml("Version: 2012-10-17", "p.yaml").root.at("/Version").value
    '2012-10-17'
    """
    if len(text) > MAX_YAML:
        location = Lines(text, file).location(0, 0)
        message = f"the file has more than {MAX_YAML:,} characters"
        hint = "Write a file of that size in JSON."
        return Tree(file, None, (Problem("yaml", message, hint, "", location),))
    reader = _Reader(text, file)
    try:
        root: Node | None = reader.document()
    except _FatalError:
        root = None
    problems = sorted(reader.problems, key=lambda each: each.location)
    return Tree(file, root, tuple(problems), tuple(reader.in_policies))
