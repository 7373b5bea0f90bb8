"""Policy text to a `Policy`: all problems of a text in one report, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from planner.errors import InvalidPolicyError
from planner.policy.address import StatementPlace, place_name
from planner.policy.document import Policy
from planner.policy.ecr_rules import MAX_JUDGED, SIZE_HINT, size_refusal
from planner.policy.grammar import Dialect, read_policy
from planner.policy.syntax import read_source
from planner.policy.tree import UNREADABLE, Location, Node, Problem, Tree, pointer_in_file
from planner.policy.wrong_document import recognise
from planner.text import counted


@dataclass(frozen=True)
class ParsedPolicy:
    """A policy, and the root of the tree that it was read from, which knows its places.

    `places` tells where each statement stands, None for one that is in no file. Of a policy in
    several files, `labels` are what these are called in names of statements; they are empty for
    a single file.
    """

    policy: Policy
    root: Node
    places: tuple[StatementPlace | None, ...]
    labels: tuple[str, ...] = ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What its statements are called."""
        named = zip(self.policy.statements, self.places, strict=True)
        return tuple(place_name(each, place, self.labels) for each, place in named)

    def locate(self, pointer: str) -> Location:
        """Where the value at `pointer` stands, or the nearest one above it."""
        return self.root.at(pointer).location

    def locate_statement(self, index: int) -> Location:
        """Where a statement stands, also one that stands alone, without a list."""
        return _statement_node(self.root, index).location

    def in_file(self, pointer: str) -> str:
        """A JSON Pointer into the whole policy as one into the file that the value stands in."""
        return pointer_in_file(self.root, pointer)


def _statement_node(root: Node, index: int) -> Node:
    node = root.member("Statement")
    is_alone = node is not None and node.kind == "object"
    return root.at("/Statement" if is_alone else f"/Statement/{index}")


def policy_or_problems(tree: Tree, dialect: Dialect = "registry") -> ParsedPolicy | list[Problem]:
    """The policy in a tree or, if anything is wrong with it, every problem in order of place.

    A policy for a registry that is far too large is a problem too, and not to be judged further.
    """
    if tree.root is None:
        return list(tree.problems)
    if other := recognise(tree.root, of_registry=dialect == "registry"):
        return [*tree.problems, Problem("not-a-policy", *other, "", tree.root.location)]
    written = [*tree.problems, *tree.in_policies]
    known = {each.pointer for each in tree.in_policies}
    policy, departures = read_policy(tree.root, dialect)
    root = tree.root
    departed = (replace(each, pointer=pointer_in_file(root, each.pointer)) for each in departures)
    found = [*written, *(each for each in departed if each.pointer not in known)]
    problems = sorted(found, key=lambda each: each.location)
    if dialect == "registry" and (too_large := size_refusal(policy, MAX_JUDGED)):
        problems.insert(0, Problem("policy-size", too_large, SIZE_HINT, "", tree.root.location))
    if problems:
        return problems
    places = [
        StatementPlace(0, each, _statement_node(tree.root, each).location.line)
        for each in range(len(policy.statements))
    ]
    return ParsedPolicy(policy, tree.root, tuple(places))


def valid_policy(tree: Tree, dialect: Dialect = "registry") -> ParsedPolicy:
    """The policy in a tree.

    Raises InvalidPolicyError with every problem, each with its line, column and JSON Pointer.
    """
    result = policy_or_problems(tree, dialect)
    if isinstance(result, ParsedPolicy):
        return result
    raise invalid_policy(tree.file, result)


def find_problems(
    data: bytes | str, name: str = "policy", *, dialect: Dialect = "registry"
) -> ParsedPolicy | list[Problem]:
    """`policy_or_problems` of the content of the file `name`."""
    return policy_or_problems(read_source(data, name), dialect)


def parse_policy(
    data: bytes | str, name: str = "policy", *, dialect: Dialect = "registry"
) -> ParsedPolicy:
    """`valid_policy` of the content of the file `name`."""
    return valid_policy(read_source(data, name), dialect)


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
    def location(self) -> Location:
        """Where it stands."""


def invalid_policy(name: str, problems: Sequence[Reported]) -> InvalidPolicyError:
    """The error that reports `problems` of the file `name`."""
    found = [
        {
            "file": each.location.file,
            "line": each.location.line,
            "column": each.location.column,
            "pointer": each.pointer,
            "message": each.message,
            "hint": each.hint,
            "rule": each.rule,
        }
        for each in problems
    ]
    again = "Mend the file and run the command again"
    if any(each.rule in UNREADABLE for each in problems):
        again += ": more may be found once it can be read"
    summary = f"{name} is not a valid policy: {counted(len(found), 'problem')}."
    return InvalidPolicyError(summary, found, f"{again}. Nothing was changed.")
