"""A policy file after statements of it were changed elsewhere, as in the console.

What did not change stays as it is written: the other statements, and in a changed one the elements
and values that still hold, with their order and their placeholders.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planner.errors import PlannerError
from planner.policy.action import parse_action
from planner.policy.document import JsonObject, Statement, statement_json
from planner.policy.parse import parse_policy
from planner.policy.placeholders import Placeholders
from planner.policy.principal import parse_principal
from planner.policy.source_text import decode
from planner.policy.syntax import syntax_of
from planner.policy.tree import Member, Node, Tree, node_of, scalar_text
from planner.text import fold, word


@dataclass(frozen=True, slots=True)
class Revision:
    """What becomes of the statements of one file, by their places in it, counted from 0.

    The statements are canonical.
    """

    replaced: Mapping[int, Statement] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    added: Sequence[Statement] = ()

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.replaced or self.removed or self.added)


def revise(data: bytes, name: str, revision: Revision, placeholders: Placeholders) -> bytes:
    """The policy file `name` after the revision.

    Raises InvalidPolicyError for data that is no policy, PlannerError where no statement would be
    left and where one value of the file stands for several, of which some are gone.
    """
    syntax, (text, _) = syntax_of(name), decode(data, name)
    root = parse_policy(data, name).root
    count = len(root.at("/Statement").value) if root.at("/Statement").kind == "array" else 1
    if len(revision.removed) == count and not revision.added:
        raise PlannerError(
            f"{name} would have no statement left.",
            "A policy has at least one.",
            "Take the file away by hand. For a registry without a policy: planner plan --destroy",
        )
    merge = _Merge(name, placeholders)
    for at, statement in revision.replaced.items():
        pointer = f"/Statement/{at}"
        value = merge.object(root.at(pointer), statement_json(statement), ())
        text = syntax.replace(text, root, pointer, value)
        root = parse_policy(text, name).root
    for statement in revision.added:
        text = syntax.append(text, root, "/Statement", node_of(statement_json(statement)))
        root = parse_policy(text, name).root
    for at in sorted(revision.removed, reverse=True):
        text = syntax.remove(text, root, f"/Statement/{at}")
        root = parse_policy(text, name).root
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return mark + text.encode()


@dataclass(frozen=True, slots=True)
class _Merge:
    """Lays what is wanted over what is written, and keeps of that whatever still holds."""

    name: str
    placeholders: Placeholders

    def object(self, written: Node, wanted: JsonObject, path: tuple[str, ...]) -> Node:
        """An object with the wanted members: those written first, in their order."""
        left = dict(wanted)
        members: list[Member] = []
        for member in written.value:
            key = self._key(member.key, left, path)
            if key is not None:
                value = self._value(member.value, left.pop(key), (*path, key))
                members.append(Member(member.key, value, member.location))
        members += [Member(key, node_of(each), written.location) for key, each in left.items()]
        return Node("object", members, written.location)

    def _key(self, written: str, wanted: JsonObject, path: tuple[str, ...]) -> str | None:
        """The wanted name that a written one means; in a Condition names have no case."""
        filled = self.placeholders.fill_text(written).text
        if path[:1] == ("Condition",):
            return next((each for each in wanted if fold(each) == fold(filled)), None)
        return filled if filled in wanted else None

    def _value(self, written: Node, wanted: Any, path: tuple[str, ...]) -> Node:  # noqa: ANN401
        """What stands for a wanted value: text, list or object."""
        if isinstance(wanted, dict):
            is_object = written.kind == "object"
            return self.object(written, wanted, path) if is_object else node_of(wanted)
        if written.kind == "object":
            return node_of(wanted)
        texts = [wanted] if isinstance(wanted, str) else wanted
        items: list[Node] = written.value if written.kind == "array" else [written]
        kept: list[Node] = []
        covered: set[str] = set()
        for item in items:
            values = {_spelled(each, path) for each in self._filled(item)}
            if values <= set(texts):
                kept.append(item)
                covered |= values
            elif values & set(texts):
                raise self._ambiguous(item, values - set(texts))
        kept += [node_of(each) for each in texts if each not in covered]
        return kept[0] if len(kept) == 1 and written.kind != "array" else node_list(kept, written)

    def _filled(self, item: Node) -> list[str]:
        """What a written value stands for: one text, or those of a variable that is a list."""
        tree = Tree(self.name, Node("array", [item], item.location))
        filled = self.placeholders.fill(tree).tree.root
        return [scalar_text(each) for each in filled.value] if filled else []

    def _ambiguous(self, item: Node, gone: set[str]) -> PlannerError:
        line = f"{self.name}:{item.location.line}"
        return PlannerError(
            f"{line}: {word(item.value)} stands for several values, and some of them are gone.",
            f"ECR no longer has {', '.join(map(word, sorted(gone)))}.",
            "Change the variable in planner.toml, or write the values into the file, by hand.",
        )


def node_list(items: list[Node], written: Node) -> Node:
    """A list in the place of what is written."""
    return Node("array", items, written.location)


def _spelled(text: str, path: tuple[str, ...]) -> str:
    """A value as the canonical form has it."""
    if path[0] in ("Action", "NotAction"):
        return parse_action(text).spelled().text
    if path[0] in ("Principal", "NotPrincipal"):
        named = parse_principal("AWS", text)
        return named.account if named.kind == "account" and path[-1] == "AWS" else text
    return text
