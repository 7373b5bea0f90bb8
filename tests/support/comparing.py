"""Statements for comparisons of access, and a comparison whose witnesses were evaluated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planner.access.compare import compare
from planner.access.comparison import Comparison, Grant
from planner.access.evaluate import evaluate
from planner.policy.document import Policy
from planner.registry import Registry
from tests.support.policies import REPOSITORY, statement

REGISTRY = Registry("aws", "444455556666", "us-west-2")
ROLE = "arn:aws:iam::111122223333:role/ci"
ROOT = "arn:aws:iam::111122223333:root"


def rule(**more: Any) -> dict[str, Any]:
    return statement(None, **{"Action": "ecr:ReplicateImage", **more})


def deny(**more: Any) -> dict[str, Any]:
    return rule(Effect="Deny", **{"Principal": "*", **more})


def repositories(*names: str) -> list[str]:
    return [f"{REPOSITORY}{name}" for name in names]


def when(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values)}}}


def at(*names: str) -> dict[str, Any]:
    return rule(Resource=repositories(*names))


def not_at(*names: str) -> dict[str, Any]:
    return deny(Resource=repositories(*names))


def given(operator: str, key: str, *values: str) -> dict[str, Any]:
    return rule(**when(operator, key, *values))


def not_given(operator: str, key: str, *values: str) -> dict[str, Any]:
    return deny(**when(operator, key, *values))


def sparing(*arns: str) -> dict[str, Any]:
    everybody = {key: value for key, value in deny().items() if key != "Principal"}
    return {**everybody, "NotPrincipal": {"AWS": list(arns)}}


def turned(rows: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """The rows of a comparison the other way round."""
    return tuple(replace(each, ranks=(each.ranks[1], each.ranks[0])) for each in rows)


def checked(
    before: Policy | None, after: Policy | None, registry: Registry | None = None
) -> Comparison:
    """The comparison, after each of its witnesses was evaluated on both policies."""
    found = compare(before, after, registry)
    for rows, has, lacks in ((found.gained, after, before), (found.lost, before, after)):
        for row in rows:
            assert evaluate(has, row.witness, registry).outcome == "allowed"
            assert evaluate(lacks, row.witness, registry).outcome in ("denied", "not said")
    for rows, has, lacks in ((found.denied, after, before), (found.released, before, after)):
        for row in rows:
            assert evaluate(has, row.witness, registry).outcome == "denied"
            assert evaluate(lacks, row.witness, registry).outcome == "not said"
    return found


ORG = "aws:PrincipalOrgID"
