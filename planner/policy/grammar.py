"""A tree to a policy, by IAM's grammar, with every departure from it noted.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
Two readings of it are needed: `registry`, where ECR wants Principal and Resource in every
statement, and `any`, for policies of other services, where either may be absent.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable
from typing import Literal

from planner.policy.action import parse_action
from planner.policy.document import (
    EVERYONE,
    Condition,
    Effect,
    Pattern,
    Patterns,
    Policy,
    Principal,
    Statement,
    parse_condition,
)
from planner.policy.keys import parse_key
from planner.policy.operators import parse_operator
from planner.policy.principal import parse_principal, principal_named
from planner.policy.resource import parse_resource
from planner.policy.tree import Member, Node, NodeKind, Problem, pointer_to, scalar_text

Dialect = Literal["registry", "any"]

VERSIONS = ("2008-10-17", "2012-10-17")
POLICY_ELEMENTS = ("Version", "Id", "Statement")
STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
_ADDED = {
    "Principal": 'Name who is meant: "Principal": {"AWS": "ACCOUNT"}.',
    "Action": 'List what is meant: "Action": ["ecr:..."].',
    "Resource": (
        "Name the repositories that are meant: "
        '"Resource": "arn:aws:ecr:REGION:ACCOUNT:repository/NAME".'
    ),
}
PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")


def read_policy(root: Node, dialect: Dialect) -> tuple[Policy, list[Problem]]:
    """The policy that the tree of `root` says, and what in it breaks the grammar.

    With problems the policy is what could be made out, and not to be used.
    """
    reader = _Reader(dialect)
    policy = reader.policy(root)
    return policy, reader.problems


def describe(node: Node) -> str:
    """A JSON value in words: `a string`, `an empty list`."""
    if node.kind in ("object", "array") and not node.value:
        return "an empty object" if node.kind == "object" else "an empty list"
    return {"object": "an object", "array": "a list", "null": "null"}.get(
        node.kind, f"a {node.kind}"
    )


class _Reader:
    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.problems: list[Problem] = []

    def note(self, at: Node | Member, pointer: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem("grammar", message, hint, pointer, at.location))

    def policy(self, root: Node) -> Policy:
        self.known_elements(root.value, POLICY_ELEMENTS, "", "a policy")
        version = self.text(root.member("Version"), "/Version", "Version")
        if version is not None and version not in VERSIONS:
            hint = f"Write {' or '.join(json.dumps(known) for known in reversed(VERSIONS))}."
            node = root.member("Version") or root
            self.note(node, "/Version", f"{json.dumps(version)} is no policy version", hint)
        policy_id = self.text(root.member("Id"), "/Id", "Id")
        return Policy(self.statements(root), version, policy_id or None)

    def statements(self, root: Node) -> tuple[Statement, ...]:
        node = root.member("Statement")
        if node is None:
            self.note(root, "", "the element Statement is missing")
            return ()
        if node.kind == "object":
            return (self.statement(node, "/Statement"),)
        if node.kind != "array" or not node.value:
            message = f"Statement must be a list of statements, not {describe(node)}"
            hint = ""
            if node.kind in ("null", "array"):
                hint = "To take the policy away, run `planner plan --destroy`."
            self.note(node, "/Statement", message, hint)
            return ()
        return tuple(
            self.statement(item, pointer_to("/Statement", index))
            for index, item in enumerate(node.value)
        )

    def statement(self, node: Node, pointer: str) -> Statement:
        if node.kind != "object":
            self.note(node, pointer, f"a statement must be an object, not {describe(node)}")
            return Statement(None, "Deny", None, Patterns(()), None)
        self.known_elements(node.value, STATEMENT_ELEMENTS, pointer, "a statement")
        registry = self.dialect == "registry"
        action = self.patterns(node, pointer, "Action", parse_action, required=True)
        return Statement(
            sid=self.text(node.member("Sid"), f"{pointer}/Sid", "Sid") or None,
            effect=self.effect(node, pointer),
            principal=self.principal(node, pointer, required=registry),
            action=action or Patterns(()),
            resource=self.patterns(node, pointer, "Resource", parse_resource, required=registry),
            conditions=self.conditions(node.member("Condition"), f"{pointer}/Condition"),
        )

    def known_elements(
        self, members: list[Member], known: tuple[str, ...], pointer: str, where: str
    ) -> None:
        for member in members:
            if member.key in known:
                continue
            shown = json.dumps(member.key, ensure_ascii=False)
            near = _nearest(member.key, known)
            hint = f'Did you mean "{near}"?' if near else f"It takes {', '.join(known)}."
            here = pointer_to(pointer, member.key)
            if near and near.lower() == member.key.lower():
                message = f"{where} has no element {shown}: the names are case-sensitive"
            else:
                message = f"{where} has no element {shown}"
            self.note(member, here, message, hint)

    def text(self, node: Node | None, pointer: str, name: str) -> str | None:
        if node is None:
            return None
        if node.kind != "string":
            self.note(node, pointer, f"{name} must be a string, not {describe(node)}")
            return None
        return str(node.value)

    def effect(self, statement: Node, pointer: str) -> Effect:
        node = statement.member("Effect")
        here = f"{pointer}/Effect"
        if node is None:
            hint = 'Add "Effect": "Allow" or "Effect": "Deny".'
            self.missing(statement, pointer, "Effect", hint)
            return "Deny"
        value = self.text(node, here, "Effect")
        if value == "Allow":
            return "Allow"
        if value not in (None, "Deny"):
            shown = json.dumps(value, ensure_ascii=False)
            hint = 'Write "Allow" or "Deny", with just these capitals.'
            self.note(node, here, f"Effect cannot be {shown}", hint)
        return "Deny"

    def missing(self, statement: Node, pointer: str, name: str, hint: str = "") -> None:
        wrongly_cased = name.lower() in map(str.lower, statement.keys())
        if not wrongly_cased:
            self.note(statement, pointer, f"the statement has no {name}", hint)

    def either(
        self, statement: Node, pointer: str, name: str, *, required: bool
    ) -> tuple[Node, bool, str] | None:
        """The element `name` or its `Not` twin: its node, whether negated, its pointer."""
        plain, negated = statement.member(name), statement.member(f"Not{name}")
        if plain is not None and negated is not None:
            message = f"the statement has both {name} and Not{name}"
            self.note(negated, f"{pointer}/Not{name}", message, "Keep one of the two.")
        node = plain if plain is not None else negated
        if node is not None:
            element = name if plain is not None else f"Not{name}"
            return node, plain is None, f"{pointer}/{element}"
        if required:
            self.missing(statement, pointer, f"{name} (or Not{name})", _ADDED[name])
        return None

    def patterns(
        self,
        statement: Node,
        pointer: str,
        name: str,
        parse: Callable[[str], Pattern],
        *,
        required: bool,
    ) -> Patterns[Pattern] | None:
        found = self.either(statement, pointer, name, required=required)
        if found is None:
            return None
        node, negated, here = found
        return Patterns(tuple(map(parse, self.strings(node, here))), negated)

    def strings(self, node: Node, pointer: str) -> tuple[str, ...]:
        """A string, or a list of strings."""
        if node.kind == "string":
            return (node.value,)
        if node.kind != "array":
            message = f"expected a string or a list of strings, not {describe(node)}"
            self.note(node, pointer, message, _in_quotes(node))
            return ()
        items = [(item, pointer_to(pointer, index)) for index, item in enumerate(node.value)]
        return tuple(self.only_string(item, here) for item, here in items)

    def only_string(self, node: Node, pointer: str) -> str:
        if node.kind == "string":
            return str(node.value)
        self.note(node, pointer, f"expected a string, not {describe(node)}", _in_quotes(node))
        return ""

    def principal(self, statement: Node, pointer: str, *, required: bool) -> Principal | None:
        found = self.either(statement, pointer, "Principal", required=required)
        if found is None:
            return None
        node, negated, here = found
        if node.kind == "string" and node.value == "*":
            return Principal(EVERYONE, negated)
        if node.kind != "object":
            is_string = node.kind == "string"
            what = json.dumps(node.value, ensure_ascii=False) if is_string else describe(node)
            hint = _typed(str(node.value)) if node.kind in ("string", "number") else ""
            hint = hint or 'Write {"AWS": "111122223333"} or {"Service": "NAME.amazonaws.com"}.'
            self.note(node, here, f"a principal cannot be {what}", hint)
            return Principal((), negated)
        self.known_elements(node.value, PRINCIPAL_TYPES, here, "a principal")
        ids = []
        for kind, value in [(member.key, member.value) for member in node.value]:
            texts = self.strings(value, pointer_to(here, kind))
            ids.append((kind, tuple(parse_principal(kind, each) for each in texts)))
        return Principal(tuple(ids), negated)

    def conditions(self, node: Node | None, pointer: str) -> tuple[Condition, ...]:
        conditions: list[Condition] = []
        for operator in self.block(node, pointer, "Condition"):
            here = pointer_to(pointer, operator.key)
            for key in self.block(operator.value, here, operator.key):
                values = self.condition_values(key.value, pointer_to(here, key.key))
                conditions.append(parse_condition(operator.key, key.key, values))
            self.no_twins(operator.value, here, lambda key: parse_key(key).spelled)
        if node is not None:
            self.no_twins(node, pointer, lambda operator: parse_operator(operator).spelled)
        return tuple(conditions)

    def block(self, node: Node | None, pointer: str, name: str) -> Iterable[Member]:
        if node is None:
            return ()
        if node.kind != "object":
            self.note(node, pointer, f"{name} must be an object, not {describe(node)}")
            return ()
        members: list[Member] = node.value
        return members

    def no_twins(self, node: Node, pointer: str, spell: Callable[[str], str]) -> None:
        """Notes names that IAM takes for one, since it compares them without their case."""
        seen: dict[str, str] = {}
        for member in node.value if node.kind == "object" else ():
            spelled = spell(member.key)
            first = seen.setdefault(spelled, member.key)
            if first != member.key:
                message = f"{json.dumps(member.key)} is the same as {json.dumps(first)} to IAM"
                self.note(member, pointer_to(pointer, member.key), message, "Merge the two.")

    def condition_values(self, node: Node, pointer: str) -> tuple[str, ...]:
        items = node.value if node.kind == "array" else [node]
        return tuple(
            self.condition_value(item, pointer_to(pointer, index) if node is not item else pointer)
            for index, item in enumerate(items)
        )

    def condition_value(self, node: Node, pointer: str) -> str:
        scalar: tuple[NodeKind, ...] = ("string", "number", "boolean")
        if node.kind not in scalar:
            message = f"a condition value must be a string, number or boolean, not {describe(node)}"
            self.note(node, pointer, message)
            return ""
        return scalar_text(node)


def _in_quotes(node: Node) -> str:
    """How to write a number as the string that it was meant to be."""
    return f'Write it in double quotes: "{node.value}".' if node.kind == "number" else ""


def _typed(text: str) -> str:
    """How to write a principal that stands without its type."""
    named = principal_named(text)
    return "" if named.malformed else f"Write {json.dumps({named.type: text})}."


def _nearest(word: str, known: tuple[str, ...]) -> str:
    """The known name that `word` most likely means, or `""`."""
    for name in known:
        if name.lower() == word.lower():
            return name
    return next(iter(difflib.get_close_matches(word, known, n=1)), "")
