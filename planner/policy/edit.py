"""Statements put into policy files, whose other characters all stay as they are.

What comes out is read again before it is given away.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from planner.errors import PlannerError
from planner.policy.canonical import CURRENT_VERSION, canonicalise
from planner.policy.document import Policy, Statement, policy_json, statement_json
from planner.policy.ecr_rules import SIZE_HINT, size_refusal
from planner.policy.parse import (
    ParsedPolicy,
    find_problems,
    invalid_policy,
    parse_policy,
    valid_policy,
)
from planner.policy.placeholders import sampling
from planner.policy.source_text import decode
from planner.policy.syntax import read_source, syntax_of
from planner.policy.tree import Problem, node_of
from planner.text import word

_SHORTEST = {"partition": "aws", "region": "us-east-1"}
"""The shortest that a partition and a Region are, to find a policy too large only if it is."""


class Edited(NamedTuple):
    """The content of a policy file after an edit, and whether a statement was replaced."""

    data: bytes
    replaced: bool


def add_statement(
    data: bytes | None,
    statement: Statement,
    name: str,
    known: Mapping[str, str],
    *,
    may_replace: bool = False,
) -> Edited:
    """The policy file `name` with `statement`: a new file where `data` is None.

    `known` are the placeholders that have a value. Raises as `insert_statement` does, and
    InvalidPolicyError where the policy would be larger than ECR takes.
    """
    if data is None:
        edited = Edited(new_policy(statement, name).encode(), replaced=False)
    else:
        replaced = has_statement(data, statement.sid, name)
        changed = insert_statement(data, statement, name, may_replace=may_replace)
        edited = Edited(changed, replaced)
    _check_size(edited.data, name, {**_SHORTEST, **known})
    return edited


def has_statement(data: bytes, sid: str | None, name: str) -> bool:
    """Whether the policy file `name` has a statement with this Sid; no where it is no policy."""
    parsed = find_problems(data, name)
    statements = parsed.policy.statements if isinstance(parsed, ParsedPolicy) else ()
    return any(each.sid == sid for each in statements)


def _check_size(data: bytes, name: str, known: Mapping[str, str]) -> None:
    parsed = valid_policy(sampling(known).fill(read_source(data, name)).tree)
    if too_large := size_refusal(canonicalise(parsed.policy, known["partition"])):
        problem = Problem("policy-size", too_large, SIZE_HINT, "", parsed.locate(""))
        raise invalid_policy(name, [problem])


def new_policy(statement: Statement, name: str = "policy") -> str:
    """The policy file `name` with this one statement, in the style of `planner fmt`."""
    return new_document(Policy((statement,), CURRENT_VERSION), name)


def new_document(policy: Policy, name: str = "policy") -> str:
    """The policy file `name` with this policy, in the style of `planner fmt`."""
    return syntax_of(name).write(node_of(policy_json(policy)))


def insert_statement(
    data: bytes, statement: Statement, name: str, *, may_replace: bool = False
) -> bytes:
    """The policy file `data` with `statement` at its end, or in the place of its namesake.

    `name` is the file's name. Raises InvalidPolicyError for data that is no policy, and
    PlannerError where a statement with the Sid is there and may not be replaced, or is there
    twice.
    """
    parsed = parse_policy(data, name)
    index = _namesake(parsed.policy, statement, name, may_replace=may_replace)
    syntax, value = syntax_of(name), node_of(statement_json(statement))
    text, _ = decode(data, name)
    if index is None:
        text = syntax.append(text, parsed.root, "/Statement", value)
    else:
        text = syntax.replace(text, parsed.root, f"/Statement/{index}", value)
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
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
