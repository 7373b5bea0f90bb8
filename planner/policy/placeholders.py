"""`{{name}}` in a policy file, filled in the tree that was read of it.

Only strings are filled, so a value can never change the structure of the document: at most it
is a list, in the place of a string or among the items of a list. IAM's own policy variables
(`${aws:...}`) are another syntax and stay as they are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from planner.errors import PlannerError, UsageError
from planner.policy.tree import Location, Member, Node, Problem, Tree, pointer_to, repeated_name

BUILT_IN = ("account_id", "region", "partition", "url_suffix")
"""The names that the registry itself gives a value to."""

Value = str | tuple[str, ...]
"""What fills a placeholder: a text, or several for a list."""

MOST_FILLED = 20_480
"""The most values that lists fill into one file: twice as many as ECR takes characters."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_HINT = "Give it under [vars] in planner.toml, or by --var NAME=VALUE."
_LIST_HINT = "Let the placeholder be the whole string, or give it a text."


class FilledText(NamedTuple):
    """A text with its placeholders filled, the names in it, and why some are not, or `""`."""

    text: str
    used: frozenset[str] = frozenset()
    message: str = ""


class FilledTree(NamedTuple):
    """A tree with its placeholders filled, and the names in it."""

    tree: Tree
    used: frozenset[str]


@dataclass(frozen=True, slots=True)
class Placeholders:
    """What fills placeholders: `values` by their names.

    A name in `later` is known but has no value yet; its placeholder is left standing. Where
    there is a `stand_in`, every other name gets it, and nothing is wrong with a text.
    """

    values: Mapping[str, Value]
    later: tuple[str, ...] = ()
    stand_in: str | None = None

    def fill(self, tree: Tree) -> FilledTree:
        """The tree with every string and every name in it filled, and the problems of that."""
        if tree.root is None:
            return FilledTree(tree, frozenset())
        filler = _Filler(self)
        root = filler.node(tree.root, "")
        problems = sorted([*tree.problems, *filler.problems], key=lambda each: each.location)
        filled = replace(tree, root=root, problems=tuple(problems))
        return FilledTree(filled, frozenset(filler.used))

    def fill_text(self, text: str) -> FilledText:
        """The filled text.

        >>> Placeholders({"stage": "prod"}).fill_text("{{stage}}-*").text
        'prod-*'
        """
        if "{{" not in text:
            return FilledText(text)
        used, messages = set(), []

        def value_of(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            used.add(name)
            value = self.values.get(name)
            if isinstance(value, str):
                return value
            if value is not None:
                messages.append(f"'{{{{{name}}}}}' is a list, and stands inside of a text")
                return match.group()
            if self.stand_in is not None and name not in self.later:
                return self.stand_in
            if name not in self.later:
                messages.append(self._unknown(name))
            return match.group()

        filled = _PLACEHOLDER.sub(value_of, text)
        if self.stand_in is None and "{{" in _PLACEHOLDER.sub("", text):
            messages.append("a placeholder is opened by '{{' but not closed by '}}'")
        return FilledText(filled, frozenset(used), "; ".join(messages))

    def list_for(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """The list that a text stands for as a whole, its name and its values; else None.

        >>> Placeholders({"both": ("a", "b")}).list_for("{{both}}")
        ('both', ('a', 'b'))
        """
        match = _PLACEHOLDER.fullmatch(text)
        name = match.group(1).strip() if match else ""
        value = self.values.get(name)
        return (name, value) if isinstance(value, tuple) else None

    def _unknown(self, name: str) -> str:
        if not NAME.fullmatch(name):
            return f"'{{{{{name}}}}}' is no placeholder: a name has letters, digits and '_' only"
        near = difflib.get_close_matches(name, [*self.values, *self.later], n=1)
        close = f"; did you mean '{near[0]}'?" if near else ""
        return f"nothing gives a value to '{{{{{name}}}}}', neither --var nor [vars]{close}"


class _Filler:
    """One pass over one tree. `problems` and `used` grow as placeholders are met."""

    def __init__(self, placeholders: Placeholders) -> None:
        self.placeholders = placeholders
        self.problems: list[Problem] = []
        self.used: set[str] = set()
        self.count = 0

    def node(self, node: Node, pointer: str) -> Node:
        if (filled := self.listed(node, pointer, 0)) is not None:
            return Node("array", filled, node.location)
        if node.kind == "string":
            return Node("string", self.text(node.value, pointer, node.location), node.location)
        if node.kind == "array":
            return Node("array", self.items(node.value, pointer), node.location)
        if node.kind == "object":
            return Node("object", self.members(node.value, pointer), node.location)
        return node

    def items(self, items: Iterable[Node], pointer: str) -> list[Node]:
        filled: list[Node] = []
        for at, item in enumerate(items):
            inner = pointer_to(pointer, at)
            values = self.listed(item, inner, at)
            if values is None:
                one = self.node(item, inner)
                values = [one if len(filled) == at else replace(one, place=at)]
            filled += values
        return filled

    def listed(self, node: Node, pointer: str, place: int) -> list[Node] | None:
        """The values of the list that a string stands for, each where the string stands."""
        found = self.placeholders.list_for(node.value) if node.kind == "string" else None
        if found is None:
            return None
        name, values = found
        self.used.add(name)
        self.count += len(values)
        if self.count > MOST_FILLED:
            if self.count - len(values) <= MOST_FILLED:
                message = f"lists fill in more than {MOST_FILLED:,} values"
                hint = "ECR takes 10,240 characters: take some of them out."
                self.problems.append(Problem("placeholder", message, hint, pointer, node.location))
            return []
        return [Node("string", each, node.location, place) for each in values]

    def members(self, members: Iterable[Member], pointer: str) -> list[Member]:
        filled: list[Member] = []
        written: dict[str, str] = {}
        for member in members:
            key = self.text(member.key, pointer, member.location)
            inner = pointer_to(pointer, key)
            # The same name written twice is noted already.
            if written.setdefault(key, member.key) != member.key:
                self.problems.append(repeated_name(key, inner, member.location))
            filled.append(Member(key, self.node(member.value, inner), member.location))
        return filled

    def text(self, text: str, pointer: str, location: Location) -> str:
        if "{{" not in text:
            return text
        filled = self.placeholders.fill_text(text)
        self.used |= filled.used
        if filled.message:
            hint = _LIST_HINT if "is a list" in filled.message else _HINT
            self.problems.append(Problem("placeholder", filled.message, hint, pointer, location))
        return filled.text


def sampling(values: Mapping[str, Value]) -> Placeholders:
    """What fills a text as it may look one day, to judge the form and the size of the rest.

    A name without a value gets twelve digits, which pass for an account id and in most names.
    """
    return Placeholders(values, stand_in="0" * 12)


def sample(text: str, values: Mapping[str, str]) -> str:
    """The text as `sampling` fills it."""
    return sampling(values).fill_text(text).text


def parse_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """`NAME=VALUE` words, as `--var` takes them, to a mapping.

    Raises UsageError for a word without `=` and for a name that is none, twice or built in.
    """
    values: dict[str, str] = {}
    for word in assignments:
        name, equals, value = word.partition("=")
        if not equals or not NAME.fullmatch(name):
            raise UsageError(
                f"--var {word} is not NAME=VALUE.",
                "A name has letters, digits and '_' only, and '=' follows it directly.",
                "For example: --var source_account=111122223333",
            )
        if name in values:
            hint = "Give each variable one value; several of them are a list under [vars]."
            raise UsageError(f"--var {name} is given twice.", hint=hint)
        values[name] = value
    try:
        refuse_built_in(values, "--var")
    except PlannerError as error:
        raise UsageError(error.summary, error.detail, error.hint) from None
    return values


def refuse_built_in(values: Mapping[str, object], where: str) -> None:
    """Raises PlannerError if `values` redefine a name that the registry gives a value to."""
    for name in BUILT_IN:
        if name in values:
            raise PlannerError(
                f"{where} cannot set '{name}'.",
                f"'{name}' always says which registry the plan is for.",
                "Choose another name for your variable.",
            )
