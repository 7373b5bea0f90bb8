"""What lint finds in a policy, and one-line policies for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from planner.lint.check import check, of_problems
from planner.lint.finding import Finding
from planner.lint.rule import RULES, LintContext
from planner.policy.parse import ParsedPolicy, find_problems, parse_policy
from planner.registry import Registry
from tests.support.policies import document, statement

HERE = Registry("aws", "444455556666", "us-west-2")
ROLE = "arn:aws:iam::111122223333:role/ci"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}


def find(
    text: str,
    registry: Registry | None = HERE,
    scope: str | None = "V2",
    *,
    is_assumed: bool = False,
) -> list[Finding]:
    parsed = find_problems(text, "p.json")
    if isinstance(parsed, ParsedPolicy):
        return check(parsed, registry, scope, is_assumed=is_assumed)
    return of_problems(parsed)


def broken(text: str, rules: Iterable[str]) -> set[str]:
    """Those of the rules that a policy breaks, in a fraction of the time that all rules take."""
    context = LintContext(parse_policy(text), HERE, "V2")
    checks = {each: RULES[each].check for each in rules}
    return {name for name, check in checks.items() if check and any(check(context))}


def views(text: str, name: str = "p.json") -> list[dict[str, Any]]:
    """The JSON of what is found where nothing is known of the registry."""
    parsed = find_problems(text, name)
    found = check(parsed) if isinstance(parsed, ParsedPolicy) else of_problems(parsed)
    return [each.to_json() for each in found]


def one(**change: Any) -> str:
    """A policy of one replication statement with some elements changed."""
    body = {key: value for key, value in statement("S", **change).items() if value is not None}
    return document(body)


def allow(principal: object, **change: Any) -> str:
    return one(Principal=principal, **change)


def when(operator: str, key: str, value: object, **change: Any) -> str:
    return one(Condition={operator: {key: value}}, **change)


def with_id(*ids: str) -> str:
    return document(*[statement(each, f"{n + 1:012}") for n, each in enumerate(ids)])


REPLICATE = {"Action": "ecr:ReplicateImage"}
PULL = {"Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}
EVERYTHING = {"Action": "ecr:*", "Resource": "*"}
