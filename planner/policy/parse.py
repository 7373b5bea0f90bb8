"""Policy text to a `Policy`: all problems of a text in one report, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from planner.errors import InvalidPolicyError
from planner.policy import json_text
from planner.policy import wrong_document as mistaken
from planner.policy.document import Policy
from planner.policy.grammar import Dialect, read_policy
from planner.policy.json_text import START, Fill, Location, Node, Problem, Text
from planner.text import counted


@dataclass(frozen=True, slots=True)
class ParsedPolicy:
    """A policy together with the text it came from, whose positions `tree` knows."""

    policy: Policy
    tree: Node
    source: Text

    def place(self, pointer: str) -> Location:
        """Where the value at `pointer` stands, or the nearest one above it."""
        node = self.tree.at(pointer)
        return self.source.place(node.start, node.end)


def find_problems(
    data: bytes | str, *, dialect: Dialect = "registry", fill: Fill | None = None
) -> ParsedPolicy | list[Problem]:
    """The parsed policy or, if anything is wrong with it, every problem in order of place."""
    if len(data) > json_text.MAX_BYTES:
        size = f"more than {json_text.MAX_BYTES:,} bytes are no policy: ECR takes 10,240 characters"
        return [Problem("not-a-policy", size, "", "", START)]
    text, undecodable = (data, None) if isinstance(data, str) else json_text.decode(data)
    if undecodable is not None:
        return [undecodable]
    tree, problems, source = json_text.parse_json(text.removeprefix("\ufeff"), fill)
    if tree is None:
        return problems
    if other := mistaken.recognise(tree):
        place = source.place(tree.start, tree.end)
        return [*problems, Problem("not-a-policy", *other, "", place)]
    policy, departures = read_policy(tree, source, dialect)
    problems = sorted([*problems, *departures], key=lambda each: each.place)
    return problems or ParsedPolicy(policy, tree, source)


def parse_policy(
    data: bytes | str,
    name: str = "policy",
    *,
    dialect: Dialect = "registry",
    fill: Fill | None = None,
) -> ParsedPolicy:
    """Parses UTF-8 JSON. `name` is the file's name in messages.

    Raises InvalidPolicyError with every problem, each with its line, column and JSON Pointer.
    """
    result = find_problems(data, dialect=dialect, fill=fill)
    if isinstance(result, ParsedPolicy):
        return result
    raise invalid_policy(name, result)


class Reported(Protocol):
    """What an error report tells of one problem, as `Problem` describes it."""

    @property
    def rule(self) -> str:
        """The id of the rule that is broken."""

    @property
    def message(self) -> str:
        """What is wrong."""

    @property
    def hint(self) -> str:
        """How to mend it, or `""`."""

    @property
    def pointer(self) -> str:
        """The JSON Pointer of what is wrong."""

    @property
    def place(self) -> Location:
        """Where it stands."""


def invalid_policy(name: str, problems: Sequence[Reported]) -> InvalidPolicyError:
    """The error that reports `problems` of the file `name`."""
    found = [
        {
            "file": name,
            "line": each.place.line,
            "column": each.place.column,
            "pointer": each.pointer,
            "message": each.message,
            "hint": each.hint,
            "rule": each.rule,
        }
        for each in problems
    ]
    return InvalidPolicyError(
        f"{name} is not a valid policy: {counted(len(found), 'problem')}.",
        found,
        "Mend the file and run the command again. Nothing was changed.",
    )
