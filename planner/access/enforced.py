"""What a registry policy says once the registry holds it against a request.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
"""

from __future__ import annotations

from dataclasses import replace

from planner.policy.action import V1_ACTIONS, ActionPattern, parse_action
from planner.policy.document import Patterns, Policy, Principal, Statement
from planner.registry import Registry


def _in_scope(policy: Policy | None, scope: str | None) -> Policy | None:
    """The policy with the actions alone that it speaks of, its statements at their places.

    Under scope V1 these are three; a scope that is not known (None) is taken for V2.
    """
    if policy is None or scope != "V1":
        return policy
    statements = (replace(each, action=_of_v1(each.action)) for each in policy.statements)
    return replace(policy, statements=tuple(statements))


def enforced(
    policy: Policy | None, registry: Registry | None, scope: str | None = None
) -> Policy | None:
    """The policy as far as it says something, its statements at their places.

    That is what it says in its scope. An Allow that names the registry's own account leaves its
    users and roles to their IAM, so it says nothing of them. Without a registry everything
    counts.
    """
    said = _in_scope(policy, scope)
    if said is None or registry is None:
        return said
    return replace(said, statements=tuple(_but_own(each, registry) for each in said.statements))


def _but_own(statement: Statement, registry: Registry) -> Statement:
    principal = statement.principal
    if statement.effect == "Deny" or principal is None or principal.negated:
        return statement
    return replace(statement, principal=_but_own_account(principal, registry))


def of_own_account(policy: Policy | None, registry: Registry | None) -> tuple[int, ...]:
    """The indices of the Allows that name the account of the registry as a whole."""
    if policy is None or registry is None:
        return ()
    return tuple(
        index
        for index, each in enumerate(policy.statements)
        if _but_own(each, registry).principal != each.principal
    )


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
