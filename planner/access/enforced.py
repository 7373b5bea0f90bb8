"""What a registry policy says once the registry holds it against a request.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from dataclasses import replace

from planner.policy.action import V1_ACTIONS, ActionPattern, parse_action
from planner.policy.document import Patterns, Policy, Principal, Statement
from planner.registry import Registry


def enforced(
    policy: Policy | None, registry: Registry | None, scope: str | None = None
) -> Policy | None:
    """The policy as far as it says something, its statements at their places.

    Under scope V1 it speaks of three actions; a scope that is not known (None) is taken for
    V2. An Allow that names the registry's own account leaves its users and roles to their
    IAM, so it says nothing of them. Without a registry everything counts.
    """
    if policy is None or registry is None:
        return policy
    statements = (_of_registry(each, registry, scope) for each in policy.statements)
    return replace(policy, statements=tuple(statements))


def _of_registry(statement: Statement, registry: Registry, scope: str | None) -> Statement:
    principal, action = statement.principal, statement.action
    if scope == "V1":
        action = _of_v1(action)
    if statement.effect == "Allow" and principal is not None and not principal.negated:
        principal = _but_own_account(principal, registry)
    if (principal, action) == (statement.principal, statement.action):
        return statement
    return replace(statement, principal=principal, action=action)


def _of_v1(patterns: Patterns[ActionPattern]) -> Patterns[ActionPattern]:
    """The actions of V1 that are meant, and what is malformed."""
    values = patterns.values
    meant = (
        parse_action(name)
        for name in V1_ACTIONS
        if any(each.matches(name) for each in values if not each.malformed) != patterns.negated
    )
    return Patterns((*meant, *(each for each in values if each.malformed)))


def _but_own_account(principal: Principal, registry: Registry) -> Principal:
    """The principals but for the account of the registry, named as a whole."""
    ids = tuple(
        (
            kind,
            tuple(
                each
                for each in identifiers
                if (each.kind, each.account) != ("account", registry.account_id)
                or each.is_foreign(registry.partition)
            ),
        )
        for kind, identifiers in principal.ids
    )
    return principal if ids == principal.ids else replace(principal, ids=ids)
