"""One statement added to the text of a policy, whose other characters all stay as they are.

The new statement is laid out as the last one in the file is: its line ends, its indentation,
its colons and whether its lists stand on one line. What comes out is parsed again before it
is given away.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from planner.errors import PlannerError
from planner.policy.canonical import CURRENT_VERSION
from planner.policy.document import Policy, Statement, policy_json, statement_json
from planner.policy.json_text import Node
from planner.policy.parse import ParsedPolicy, parse_policy
from planner.text import word

_LINE_END = re.compile(r"\r\n|\r|\n")
_INDENT = re.compile(r"[ \t]*")


def new_policy(statement: Statement) -> str:
    """A policy file with this one statement, in the style of `planner fmt`."""
    document = policy_json(Policy((statement,), CURRENT_VERSION))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def insert_statement(
    data: bytes, statement: Statement, name: str, *, may_replace: bool = False
) -> bytes:
    """The policy file `data` with `statement` at its end, or in the place of its namesake.

    `name` is the file's name in messages. Raises InvalidPolicyError for data that is no
    policy, and PlannerError where a statement with the Sid is there and may not be replaced,
    or is there twice.
    """
    parsed = parse_policy(data, name)
    index = _namesake(parsed.policy, statement, name, may_replace=may_replace)
    text = parsed.source.text
    statements = _statements(parsed)
    node = statements[-1] if index is None else statements[index]
    written = _Layout(text, node).write(statement)
    if index is None:
        text = _append(parsed, statements, written)
    else:
        text = text[: node.start] + written + text[node.end :]
    mark = data[: len(data) - len(parsed.source.text.encode())]  # a byte-order mark, if any
    result = mark + text.encode()
    _check(parse_policy(result, name).policy, parsed.policy, statement, index)
    return result


def _namesake(policy: Policy, statement: Statement, name: str, *, may_replace: bool) -> int | None:
    """The place of the statement to replace; None to append."""
    found = [index for index, each in enumerate(policy.statements) if each.sid == statement.sid]
    sid = word(statement.sid or "")
    if len(found) > 1:
        raise PlannerError(
            f"{name} has {len(found)} statements with the Sid {sid}.",
            "It cannot be told which of them you mean.",
            "Give each a Sid of its own first.",
        )
    if found and not may_replace:
        raise PlannerError(
            f"{name} has a statement with the Sid {sid} already.",
            "",
            "Choose another Sid, or replace the statement with --replace.",
        )
    return found[0] if found else None


def _statements(parsed: ParsedPolicy) -> list[Node]:
    count = len(parsed.policy.statements)
    return [parsed.tree.at(f"/Statement/{index}") for index in range(count)]


def _append(parsed: ParsedPolicy, statements: list[Node], written: str) -> str:
    text, last = parsed.source.text, statements[-1]
    whole = parsed.tree.at("/Statement")
    if whole.kind == "object":
        comma = _Layout(text, last).comma
        return (
            f"{text[: last.start]}[{text[last.start : last.end]}{comma}{written}]{text[last.end :]}"
        )
    if len(statements) > 1:
        between = text[statements[-2].end : last.start]
    else:
        space = text[whole.start + 1 : last.start]
        between = "," + space if space else _Layout(text, last).comma
    return text[: last.end] + between + written + text[last.end :]


def _check(after: Policy, before: Policy, statement: Statement, index: int | None) -> None:
    wanted = list(before.statements)
    if index is None:
        wanted.append(statement)
    else:
        wanted[index] = statement
    if after != replace(before, statements=tuple(wanted)):
        raise PlannerError(
            "The statement cannot be added without changing another.",
            "This is a defect of planner; the file is as it was.",
            "Please report it with the file.",
        )


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the statement at `node` is laid out, for another one to look like it."""

    text: str
    node: Node

    def write(self, statement: Statement) -> str:
        document = statement_json(statement)
        if not self.is_broken(self.node):
            return self.dump(document)
        inner = self.indent_at(self.node.value[0].start)
        outer = self.indent_at(self.node.end - 1)
        if len(inner) <= len(outer):
            inner = outer + "  "
        if self.has_inline_lists:
            lines = [
                f"{inner}{self.dump(key)}{self.colon}{self.dump(value)}"
                for key, value in document.items()
            ]
            body = ",\n".join(lines)
            written = f"{{\n{body}\n{outer}}}"
        else:
            unit = inner[len(outer) :]
            separators = (",", self.colon)
            written = json.dumps(document, indent=unit, separators=separators, ensure_ascii=False)
            written = written.replace("\n", "\n" + outer)
        return written.replace("\n", self.line_end)

    def dump(self, value: object) -> str:
        return json.dumps(value, separators=(self.comma, self.colon), ensure_ascii=False)

    @property
    def comma(self) -> str:
        return ", " if self.colon.endswith(" ") else ","

    @property
    def colon(self) -> str:
        """What stands between a key and its value, such as `: `."""
        first = self.node.value[0]
        after_key = self.text[first.start : first.value.start].rpartition('"')[2]
        return ": " if _LINE_END.search(after_key) else after_key

    @property
    def has_inline_lists(self) -> bool:
        """Whether lists and blocks stand on one line, as far as there are any."""
        values = [member.value for member in self.node.value]
        nested = [value for value in values if value.kind in ("object", "array")]
        return bool(nested) and not any(map(self.is_broken, nested))

    @property
    def line_end(self) -> str:
        match = _LINE_END.search(self.text)
        return match.group() if match else "\n"

    def is_broken(self, node: Node) -> bool:
        """Whether the value goes over more than one line."""
        return bool(_LINE_END.search(self.text, node.start, node.end))

    def indent_at(self, offset: int) -> str:
        """The white space at the beginning of the line on which a character stands."""
        start = 0
        for match in _LINE_END.finditer(self.text, 0, offset):
            start = match.end()
        space = _INDENT.match(self.text, start)
        return space.group() if space else ""
