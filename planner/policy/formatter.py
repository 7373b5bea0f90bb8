"""One readable style for policy files, and the guarantee that it changes no meaning."""

from __future__ import annotations

from dataclasses import replace

from planner.errors import PlannerError
from planner.policy.canonical import digest
from planner.policy.grammar import POLICY_ELEMENTS, STATEMENT_ELEMENTS
from planner.policy.parse import invalid_policy, valid_policy
from planner.policy.syntax import read_text, syntax_of, text_of
from planner.policy.tree import Member, Node, Problem, scalar_text


def format_policy(data: bytes | str, name: str = "policy", *, into: str | None = None) -> str:
    """The policy text in planner's style: elements in the order of the grammar, lists sorted
    and without duplicates, a single value without a list around it.

    Statements keep their order and every name its spelling; placeholders (`{{name}}`) and
    comments stay. `into` names the file that it is for, where that is not the file `name`, and
    with it the syntax. Raises InvalidPolicyError for text that is no policy of any AWS service,
    and PlannerError rather than give a text of another meaning.
    """
    text = text_of(data, name)
    if isinstance(text, Problem):
        raise invalid_policy(name, [text])
    source = syntax_of(name, text)
    target = source if into is None else syntax_of(into)
    parsed = valid_policy(read_text(text, name, source), dialect="any")
    tidied = _tidy_elements(parsed.root, POLICY_ELEMENTS)
    if target is source:
        written = target.rewrite(text, parsed.root, tidied)
    else:
        written = target.write(tidied)
    again = valid_policy(read_text(written, into or name, target), dialect="any")
    if digest(again.policy) != digest(parsed.policy):
        raise PlannerError(
            f"{name} cannot be formatted without changing its meaning.",
            "This is a defect of planner; the file is as it was.",
            "Please report it with the file.",
        )
    return written


def _tidy_elements(node: Node, order: tuple[str, ...]) -> Node:
    members = sorted(node.value, key=lambda each: order.index(each.key))
    tidied = [replace(each, value=_tidy_element(each)) for each in members]
    return replace(node, value=[each for each in tidied if not _says_nothing(each)])


def _says_nothing(element: Member) -> bool:
    return element.key in ("Sid", "Id", "Condition") and not element.value.value


def _tidy_element(element: Member) -> Node:
    node = element.value
    if element.key == "Statement":
        statements = node.value if node.kind == "array" else [node]
        tidied = [_tidy_elements(each, STATEMENT_ELEMENTS) for each in statements]
        return Node("array", tidied, node.location)
    if element.key in ("Principal", "NotPrincipal"):
        return _tidy_principal(node)
    if element.key == "Condition":
        blocks = [replace(each, value=_tidy_block(each.value)) for each in node.value]
        return replace(node, value=_by_name([each for each in blocks if each.value.value]))
    if node.kind == "array":
        return _tidy_values(node)
    return node


def _tidy_principal(node: Node) -> Node:
    if node.kind == "string":
        return node
    tidied = _tidy_block(node)
    everyone = tidied.member("AWS")
    if len(tidied.value) == 1 and everyone is not None and everyone.value == "*":
        return everyone
    return tidied


def _tidy_block(node: Node) -> Node:
    """An object of names and their values, both in alphabetical order."""
    members = [replace(each, value=_tidy_values(each.value)) for each in node.value]
    return replace(node, value=_by_name(members))


def _by_name(members: list[Member]) -> list[Member]:
    return sorted(members, key=lambda each: each.key)


def _tidy_values(node: Node) -> Node:
    """A value, or a list of values that has not just one."""
    items = node.value if node.kind == "array" else [node]
    # Of equal ones the first stays.
    texts = {scalar_text(each): each for each in reversed(items)}
    kept = [Node("string", text, texts[text].location) for text in sorted(texts)]
    return kept[0] if len(kept) == 1 else Node("array", kept, node.location)
