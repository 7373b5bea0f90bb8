"""One readable style for policy files, and the guarantee that it changes no meaning."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TypeVar

from planner.errors import PlannerError
from planner.policy.action import ActionPattern
from planner.policy.canonical import digest
from planner.policy.document import Pattern, Patterns, Principal, Statement, policy_json
from planner.policy.parse import parse_policy
from planner.policy.principal import PrincipalId
from planner.policy.resource import ResourcePattern

Value = TypeVar("Value", str, PrincipalId, ActionPattern, ResourcePattern)


def format_policy(data: bytes | str, name: str = "policy") -> str:
    """The policy text in planner's style: two spaces, elements in the order of the grammar,
    lists sorted and without duplicates, a single value without a list around it.

    Statements keep their order and every name its spelling; placeholders (`{{name}}`) stay as
    they are. Raises InvalidPolicyError for text that is no policy of any AWS service, and
    PlannerError rather than give a text of another meaning.
    """
    policy = parse_policy(data, name, dialect="any").policy
    statements = tuple(map(_tidy, policy.statements))
    document = policy_json(replace(policy, statements=statements))
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    if digest(parse_policy(text, name, dialect="any").policy) != digest(policy):
        raise PlannerError(
            f"{name} cannot be formatted without changing its meaning.",
            "This is a defect of planner; the file is as it was.",
            "Please report it with the file.",
        )
    return text


def _tidy(statement: Statement) -> Statement:
    conditions = sorted(statement.conditions, key=lambda each: (each.operator, each.key))
    return replace(
        statement,
        principal=statement.principal and _tidy_principal(statement.principal),
        action=_tidy_patterns(statement.action),
        resource=statement.resource and _tidy_patterns(statement.resource),
        conditions=tuple(replace(each, values=_sorted(each.values)) for each in conditions),
    )


def _tidy_principal(principal: Principal) -> Principal:
    ids = sorted((kind, _sorted(identifiers)) for kind, identifiers in principal.ids)
    return replace(principal, ids=tuple(ids))


def _tidy_patterns(patterns: Patterns[Pattern]) -> Patterns[Pattern]:
    return replace(patterns, values=_sorted(patterns.values))


def _sorted(values: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(sorted(set(values)))
