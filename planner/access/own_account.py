"""What Denies leave to the registry's own account.

Of the actions that read and write the policy itself none works on a repository, so only a
Deny that reaches the Resource `*` can take them:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import replace

from planner.access.compare import grants
from planner.access.request import parse_caller
from planner.errors import UsageError
from planner.policy.action import ADMIN_ACTIONS, parse_action
from planner.policy.canonical import CURRENT_VERSION, canonicalise
from planner.policy.document import (
    EVERYONE,
    Patterns,
    Policy,
    Principal,
    Statement,
    parse_condition,
)
from planner.policy.principal import parse_principal
from planner.policy.resource import parse_resource, repository_prefix
from planner.registry import Registry

_UNKNOWN = "it cannot be told whether"


def lockouts(
    policy: Policy | None, registry: Registry, scope: str | None, caller: str | None = None
) -> tuple[str, ...]:
    """What of its own registry the account can no longer do, each as a clause.

    What cannot be told is among them, and says so. `caller` is the ARN of who applies, as STS
    tells it. Under scope V1 a policy cannot lock anybody out.
    """
    denies = _denies_of(policy)
    if denies is None or scope == "V1":
        return ()
    return tuple(_lockouts(denies, registry, caller))


def _denies_of(policy: Policy | None) -> Policy | None:
    """The Denies of a policy; None where it has none."""
    denies = [each for each in policy.statements if each.effect == "Deny"] if policy else []
    return replace(policy, statements=tuple(denies)) if policy and denies else None


def _lockouts(denies: Policy, registry: Registry, caller: str | None) -> Iterator[str]:
    own = f"in account {registry.account_id} may"
    asked = [(each, each, "*") for each in ADMIN_ACTIONS]
    asked.append(("do anything in a repository", "ecr:*", f"{repository_prefix(registry)}*"))
    for what, action, resource in asked:
        left = leaves(denies, registry, action, resource)
        if not left:
            yield f"nobody {own} {what}" if left is False else f"{_UNKNOWN} anybody {own} {what}"
    for action in ADMIN_ACTIONS if caller else ():
        left = leaves(denies, registry, action, caller=caller)
        who = f"{caller}, who applies it, may"
        if not left:
            yield f"{who} not {action}" if left is False else f"{_UNKNOWN} {who} {action}"


def leaves(
    denies: Policy,
    registry: Registry,
    action: str,
    resource: str = "*",
    caller: str | None = None,
) -> bool | None:
    """Whether the Denies leave the own account, or one caller of it, something of an action.

    None where nothing can be said, as of a caller whose ARN is not one of AWS's. An Allow for
    all such requests is put beside them, to see whether anything is left of it.
    """
    return _leaves(canonicalise(denies, registry.partition), registry, action, resource, caller)


@functools.lru_cache(32)  # lint asks it of the file, and the guard of the plan that is made of it
def _leaves(
    denies: Policy, registry: Registry, action: str, resource: str, caller: str | None
) -> bool | None:
    who = Principal(EVERYONE)
    condition = parse_condition("StringEquals", "aws:PrincipalAccount", (registry.account_id,))
    if caller is not None:
        try:
            named = parse_caller(caller, registry.partition)
        except UsageError:
            return None
        if named.kind == "account":  # which an Allow that names it would leave to its IAM
            condition = parse_condition("ArnEquals", "aws:PrincipalArn", (named.text,))
        else:
            who = Principal((("AWS", (parse_principal("AWS", named.text),)),))
    allow = Statement(
        sid=None,
        effect="Allow",
        principal=who,
        action=Patterns((parse_action(action),)),
        resource=Patterns((parse_resource(resource),)),
        conditions=(condition,),
    )
    version = denies.version or CURRENT_VERSION
    found = grants(
        replace(denies, statements=(allow, *denies.statements), version=version), registry
    )
    is_open = any(each.among != "denied" for each in found.unknown)
    return bool(found.gained) or (None if is_open else False)
