"""Whether a registry policy locks the registry's own account out.

Of the actions that read and write the policy itself none works on a repository, so only a
Deny that reaches the Resource `*` can take them:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from planner.access.api import grants, parse_caller
from planner.policy.action import parse_action
from planner.policy.canonical import CURRENT_VERSION
from planner.policy.document import (
    EVERYONE,
    Condition,
    Patterns,
    Policy,
    Principal,
    Statement,
    parse_condition,
)
from planner.policy.principal import parse_principal
from planner.policy.resource import parse_resource, repository_prefix
from planner.registry import Registry

PUT, DELETE = "ecr:PutRegistryPolicy", "ecr:DeleteRegistryPolicy"


def lockouts(
    policy: Policy | None, registry: Registry, scope: str | None, caller: str | None = None
) -> tuple[str, ...]:
    """What of its own registry the account can no longer do, each as a clause; `caller` is the
    ARN of who applies. Under scope V1 a policy cannot lock anybody out.
    """
    denies = [each for each in policy.statements if each.effect == "Deny"] if policy else []
    if policy is None or not denies or scope == "V1":
        return ()
    left = replace(policy, statements=tuple(denies))
    return tuple(_found(left, registry, caller))


def _found(denies: Policy, registry: Registry, caller: str | None) -> Iterator[str]:
    own = parse_condition("StringEquals", "aws:PrincipalAccount", (registry.account_id,))
    everybody = Principal(EVERYONE)
    for action in (PUT, DELETE):
        if not _leaves(denies, _allow(everybody, own, action, "*"), registry):
            yield f"nobody in account {registry.account_id} may {action}"
    anywhere = f"{repository_prefix(registry)}*"
    if not _leaves(denies, _allow(everybody, own, "ecr:*", anywhere), registry):
        yield f"nobody in account {registry.account_id} may do anything in a repository"
    if caller is None:
        return
    named = parse_caller(caller)
    who, condition = Principal((("AWS", (parse_principal("AWS", named.text),)),)), own
    if named.kind == "account":
        who = everybody
        condition = parse_condition("ArnEquals", "aws:PrincipalArn", (named.text,))
    for action in (PUT, DELETE):
        if not _leaves(denies, _allow(who, condition, action, "*"), registry):
            yield f"{named.text}, who applies it, may not {action}"


def _allow(who: Principal, condition: Condition, action: str, resource: str) -> Statement:
    return Statement(
        sid=None,
        effect="Allow",
        principal=who,
        action=Patterns((parse_action(action),)),
        resource=Patterns((parse_resource(resource),)),
        conditions=(condition,),
    )


def _leaves(denies: Policy, allow: Statement, registry: Registry) -> bool:
    """Whether some Denies leave a part of what a statement allows, or nothing can be said."""
    version = denies.version or CURRENT_VERSION
    policy = replace(denies, statements=(allow, *denies.statements), version=version)
    found = grants(policy, registry)
    return bool(found.gained or found.unknown)
