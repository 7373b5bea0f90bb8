"""Rules about actions that do something only together, or only for some callers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from planner.access.api import compare
from planner.lint.rule import LintContext, LocatedStatement, Violation, statement_rule
from planner.lint.subsumption import covers
from planner.policy.action import (
    LAYERS_ACTION,
    PULL_ACTIONS,
    PUSH_ACTIONS,
    ActionPattern,
    parse_action,
)
from planner.policy.document import Patterns
from planner.policy.principal import PrincipalId

_REPLICATE = "ecr:ReplicateImage"
_CREATE = "ecr:CreateRepository"
_CACHE = "ecr:BatchImportUpstreamImage"
_TAG_AGAIN = {"ecr:BatchGetImage", "ecr:PutImage"}
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-retag.html"""


class _Job(NamedTuple):
    """What somebody does, and the actions it takes: to name one of them is to mean it."""

    what: str
    takes: tuple[str, ...]
    begins_with: tuple[str, ...]


_PULL = _Job("a pull", PULL_ACTIONS, PULL_ACTIONS)
_PUSH = _Job("a push", (*PUSH_ACTIONS, LAYERS_ACTION), PUSH_ACTIONS)


@statement_rule("incomplete-actions", "warning", "Half of what a pull, a push or a cache takes")
def incomplete_actions(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """What its own users and roles lack their IAM policies may give.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
    """
    named = {each.name for each in located.named_actions}
    if not located.allows or not context.gives(located):
        return
    jobs = [] if _is_own(context, located) else [_PULL, _PUSH]
    for job in jobs:
        if job is _PUSH and not named & {*PUSH_ACTIONS} - _TAG_AGAIN and named >= _TAG_AGAIN:
            continue
        if named & {*job.begins_with}:
            yield from _incomplete(located, job, _missing(context, located, job.takes))
    if _CACHE in named:
        job = _Job("a pull through the cache", (), (_CACHE,))
        yield from _incomplete(located, job, _missing_of_cache(context, located))


def _missing_of_cache(context: LintContext, located: LocatedStatement) -> list[str]:
    """What somebody who pulls through the cache of this registry cannot do.

    Whoever pulls and does not create is another cache, whose upstream this registry is:
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
    Under scope V1 the policy cannot allow to pull, and for the own people their IAM does.
    """
    creating = _missing(context, located, [_CREATE])
    if _is_own(context, located):
        return creating
    pulling = _missing(context, located, PULL_ACTIONS)
    if not pulling:
        return []
    return creating if context.scope == "V1" else [*creating, *pulling]


def _incomplete(
    located: LocatedStatement, job: _Job, missing: Sequence[str]
) -> Iterator[Violation]:
    if missing:
        pointer = _pointer_of(located, job.begins_with)
        message = f"{job.what} takes {', '.join(missing)} as well, and nothing here allows it"
        yield Violation(pointer, message, f"Add {', '.join(missing)}.")


def _pointer_of(located: LocatedStatement, actions: Sequence[str]) -> str:
    """Where the first of the actions stands."""
    listed = located.actions()
    return next(p for p, each in listed if any(map(each.matches, actions)))


def _missing(context: LintContext, located: LocatedStatement, actions: Sequence[str]) -> list[str]:
    """Those of the actions that some caller of the statement may not do where it holds."""
    return [each for each in actions if _is_missing(context, located, each)]


def _is_missing(context: LintContext, located: LocatedStatement, action: str) -> bool:
    """Whether the statement would give anything by allowing the action too.

    It is the policy that says so: other statements may allow it, or a Deny forbid it.
    """
    policy = context.policy
    naming = [one for one in policy.statements if _names(one.action, action)]
    if any(one is located.statement for one in naming):
        return False
    if not naming:
        return True
    more = replace(
        context.canonical[located.index], action=Patterns((parse_action(action),)), sid=None
    )
    allows = (each for each in context.canonical if each.effect == "Allow")
    if any(covers(each, more, context.own_account) for each in allows):
        return False
    with_it = replace(policy, statements=(*policy.statements, more))
    return bool(compare(policy, with_it, context.registry).gained)


def _names(patterns: Patterns[ActionPattern], action: str) -> bool:
    return any(each.matches(action) for each in patterns.values) != patterns.negated


@statement_rule(
    "replicate-without-create", "warning", "ReplicateImage is allowed and CreateRepository not"
)
def replicate_without_create(
    context: LintContext, located: LocatedStatement
) -> Iterator[Violation]:
    """Replication makes the repositories that are missing only where it may.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    if not _replicates(located) or not context.gives(located):
        return
    nobody = list(_who_never_replicates(context, located))
    if len(nobody) < len(list(located.principals())) and _is_missing(context, located, _CREATE):
        message = f"{_REPLICATE} is allowed without {_CREATE}"
        hint = (
            f"Add {_CREATE}; without it images replicate only into repositories that exist already."
        )
        yield Violation(_pointer_of(located, [_REPLICATE]), message, hint)


@statement_rule(
    "replication-principal", "warning", "Replication allowed to somebody who never replicates"
)
def replication_principal(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Replication comes as the source account, and inside one account needs no permission.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    if not _replicates(located) or not context.gives(located):
        return
    for pointer, principal in _who_never_replicates(context, located):
        message = f"replication comes as the source account, never as '{principal.text}'"
        if principal.type == "AWS":
            message = "replication inside the registry's own account needs no permission"
        yield Violation(pointer, message, "Name in Principal the account whose images come here.")
        return


def _who_never_replicates(
    context: LintContext, located: LocatedStatement
) -> Iterator[tuple[str, PrincipalId]]:
    for pointer, each in located.principals():
        if each.type == "Service" or (each.account and each.account == context.own_account):
            yield pointer, each


def _replicates(located: LocatedStatement) -> bool:
    """Whether it allows replication by a pattern that does not stand for everything."""
    patterns = (each for _, each in located.actions() if not each.is_every)
    plain = located.allows and not located.statement.action.negated
    return plain and any(each.matches(_REPLICATE) for each in patterns)


def _is_own(context: LintContext, located: LocatedStatement) -> bool:
    """Whether it is for people of the registry's own account alone."""
    own = context.own_account
    named = [each for _, each in located.principals()]
    return bool(own and named) and all(each.account == own for each in named)
