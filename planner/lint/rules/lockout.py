"""The rule about the registry's own people, whom a Deny hits as well."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from planner.access.own_account import leaves
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule
from planner.policy.action import ADMIN_ACTIONS
from planner.policy.resource import repository_prefix
from planner.registry import STAND_IN, Registry


@rule("lockout", "warning", "The registry's own account is locked out")
def lockout(context: LintContext) -> Iterator[Violation]:
    """Under scope V2 a Deny also hits the account's own users and roles, whatever IAM says.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    if context.scope == "V1":  # PutRegistryPolicy is not held against the policy there
        return
    denies = [each for each in context.statements if not each.allows]
    alone = [(each, _lost(context, [each])) for each in denies]
    found = [(each, lost) for each, lost in alone if lost]
    if not found and len(denies) > 1 and (lost := _lost(context, denies)):
        found = [(denies[0], f"together with the other Denies, {lost}")]
    for located, lost in found:
        yield Violation(located.pointer, lost, _exception(context.registry, located))


def _lost(context: LintContext, denies: Sequence[LocatedStatement]) -> str:
    """What these Denies take from everybody in the registry's own account, or `""`."""
    policy = replace(context.policy, statements=tuple(each.statement for each in denies))
    account = f" {context.registry.account_id}" if context.registry else ""
    whose = f"the registry's own account{account}"
    registry = context.registry or STAND_IN
    lost = [each for each in ADMIN_ACTIONS if leaves(policy, registry, each) is False]
    if lost:
        return f"nobody in {whose} could {' or '.join(lost)} any more"
    anywhere = f"{repository_prefix(registry)}*"
    if leaves(policy, registry, "ecr:*", anywhere) is False:
        return f"the users and roles of {whose} would lose all access to its repositories"
    return ""


def _exception(registry: Registry | None, located: LocatedStatement) -> str:
    """The condition that spares whom the Deny should not hit.

    `StringNotEquals` holds where its key is missing: a service has no account, and so the
    exception of an account hits all services, unless they are left out too.
    """
    account = registry.account_id if registry else "ACCOUNT"
    partition = registry.partition if registry else "aws"
    role = f'"ArnNotLike": {{"aws:PrincipalArn": "arn:{partition}:iam::{account}:role/NAME"}}'
    principal = located.statement.principal
    if principal and not principal.negated and all(each.kind != "everyone" for each in principal):
        return f"Add to its Condition {role}, with a role that is to be spared."
    return (
        f'Add to its Condition "StringNotEquals": {{"aws:PrincipalAccount": "{account}"}} and '
        '"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}, since a service has no account; '
        f"or, to spare a few roles alone, {role} in the place of the first."
    )
