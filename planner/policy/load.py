"""The policy in a file that somebody hands in, whatever it is wrapped in.

The file is the policy itself, or a document of another tool with the policy inside; `wrapped` knows
them. What is read here is never written back: planner changes files that hold the policy alone.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import NamedTuple

from planner.policy import template
from planner.policy.relocate import relocated
from planner.policy.source_text import MAX_DENSE
from planner.policy.syntax import (
    JSON,
    TERRAFORM_SHOW,
    Syntax,
    larger_than_any,
    read_text,
    syntax_of,
    text_of,
)
from planner.policy.tree import Location, Member, Node, Problem, Tree, beginning_of, pointer_to
from planner.policy.wrapped import CONFIGURATION, TEMPLATE, Wrapped, wrapped

_MARK = re.compile(r"policyText|Resources|terraform_version|\bresource\b")
_INTERPOLATION = re.compile(r"(?<!\$)\$\{[^}]*\}?|(?<!%)%\{[^}]*\}?")
_ESCAPED = re.compile(r"\$(\$\{)|%(%\{)")


class Loaded(NamedTuple):
    """The tree of a policy, and the account id where the document around it tells one.

    `kind` is what `wrapped` calls that document, empty where the file is the policy itself.
    """

    tree: Tree
    account_id: str | None = None
    kind: str = ""

    @property
    def is_template(self) -> bool:
        """Whether placeholders are in it that the registry fills."""
        return self.kind == TEMPLATE


def load_policy(data: bytes | str, file: str, *, filled: bool = True) -> Loaded:
    """The policy in the content of `file`; its syntax is told by the name, else by the text.

    `filled` says that placeholders in it are filled later: in what another tool has written `{{`
    is then a problem, since it means something else there.
    """
    text = text_of(data, file)
    if isinstance(text, Problem):
        return Loaded(Tree(file, None, (text,)))
    syntax = syntax_of(file, text)
    if not _MARK.search(text):
        return Loaded(read_text(text, file, syntax))
    tree = syntax.read(text, file)
    if tree.root is None:
        return Loaded(tree)
    document = wrapped(tree.root)
    if document is None:
        is_large = tree.root.size() > MAX_DENSE
        problem = larger_than_any(file, tree.root.size())
        return Loaded(Tree(file, None, (problem,)) if is_large else tree)
    return _unwrapped(tree, document, text, syntax, filled=filled)


def _refused(file: str, message: str, hint: str, location: Location) -> Loaded:
    return Loaded(Tree(file, None, (Problem("not-a-policy", message, hint, "", location),)))


def _unwrapped(tree: Tree, document: Wrapped, text: str, syntax: Syntax, *, filled: bool) -> Loaded:
    """The one policy in a document."""
    file, location = tree.file, tree.root.location if tree.root else beginning_of(tree.file)
    if len(document.policies) != 1:
        names = ", ".join(each.name for each in document.policies)
        if names:
            message = f"this {document.kind} has more than one {document.wants}: {names}"
            return _refused(file, message, "Hand in a document with one of them.", location)
        message = f"this {document.kind} has no {document.wants}"
        return _refused(file, message, "Hand in the policy itself, or another document.", location)
    (inside,) = document.policies
    if inside.node is None or inside.node.kind == "null":
        message = f"{inside.name} in this {document.kind} has no policy yet"
        hint = "Terraform may know it only after apply; hand in the policy itself."
        return _refused(file, message, hint, location)
    is_template = document.kind == TEMPLATE
    read = _policy_of(inside.node, document, text, syntax)
    problems = list(tree.problems + read.problems)
    if filled and read.root and not is_template:
        problems += _braces(read.root, "", document.kind)
    if read.root and (size := read.root.size()) > MAX_DENSE:
        problems, read = [larger_than_any(file, size)], replace(read, root=None)
    where = f", {inside.name}" if inside.name != "policyText" else ""
    wrapping = f"the {document.kind} in {file}{where}"
    found = replace(read, problems=tuple(problems), wrapping=wrapping)
    return Loaded(found, inside.account_id, document.kind)


def _policy_of(node: Node, document: Wrapped, text: str, syntax: Syntax) -> Tree:
    """The tree of a policy that is written as a text or as values."""
    file = node.location.file
    problems: list[Problem] = []
    if document.kind == TEMPLATE:
        node, problems = template.resolve(node)
    elif document.kind == CONFIGURATION:
        problems = _interpolations(node, "")
    if problems:
        return Tree(file, None, tuple(problems))
    if node.kind != "string":
        tree = Tree(file, node)
    else:
        tree = relocated(read_text(node.value, file, JSON), node, text, is_json=syntax is JSON)
    if document.kind == CONFIGURATION and tree.root:
        tree = replace(tree, root=_unescaped(tree.root))
    return tree


def _interpolations(node: Node, pointer: str) -> list[Problem]:
    """What Terraform would fill in."""
    found = []
    for text, inner, here in _texts(node, pointer):
        if match := _INTERPOLATION.search(text):
            message = f"Terraform fills {match.group()[:60]}, and planner cannot"
            found.append(Problem("placeholder", message, TERRAFORM_SHOW, here, inner))
    return found


def _braces(node: Node, pointer: str, kind: str) -> list[Problem]:
    message = f"{{{{ in a {kind} is text, and planner would take it for a placeholder"
    hint = "Keep the policy in a file of its own, with another text there."
    return [
        Problem("placeholder", message, hint, here, location)
        for text, location, here in _texts(node, pointer)
        if "{{" in text
    ]


def _texts(node: Node, pointer: str) -> list[tuple[str, Location, str]]:
    """Every text in the value, names too, where it stands, and its pointer."""
    if node.kind == "object":
        return [
            found
            for each in node.value
            for here in (pointer_to(pointer, each.key),)
            for found in [(each.key, each.location, here), *_texts(each.value, here)]
        ]
    if node.kind == "array":
        return [
            found
            for index, each in enumerate(node.value)
            for found in _texts(each, pointer_to(pointer, index))
        ]
    return [(node.value, node.location, pointer)] if node.kind == "string" else []


def _unescaped(node: Node) -> Node:
    """The value as Terraform reads it: `$${` stands for `${`.

    https://developer.hashicorp.com/terraform/language/expressions/strings
    """
    if node.kind == "object":
        members = [
            Member(_plain(each.key), _unescaped(each.value), each.location) for each in node.value
        ]
        return replace(node, value=members)
    if node.kind == "array":
        return replace(node, value=[_unescaped(each) for each in node.value])
    return replace(node, value=_plain(node.value)) if node.kind == "string" else node


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: match[1] or match[2], text)
