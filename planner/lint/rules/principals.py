"""Rules about who a statement is for."""

from __future__ import annotations

from collections.abc import Iterator

from planner.access.narrowing import names_source, narrows
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, statement_rule
from planner.lint.rules.resources import source_in_resource
from planner.policy.principal import PrincipalId


@rule("malformed-principal", "error", "A principal is of no form that ECR takes")
def malformed_principal(context: LintContext) -> Iterator[Violation]:
    """Whom it means cannot be said: a text that names nobody, or stands under a wrong type.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    return context.refused("malformed-principal")


@rule("foreign-partition", "error", "A principal is of another partition than the registry")
def foreign_partition(context: LintContext) -> Iterator[Violation]:
    """Partitions have their own accounts, and no access crosses them.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    hint = f"Principals of this registry begin with arn:{context.partition}:."
    return context.refused("foreign-partition", hint)


@statement_rule(
    "principal-type", "warning", "A type of principal that a registry policy has no use for"
)
def principal_type(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Federated principals assume roles, canonical users are those of S3.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    for pointer, principal in located.principals():
        if principal.type in ("Federated", "CanonicalUser"):
            message = f"a call of ECR is never made as {principal.type}"
            yield Violation(pointer, message, "Name the role that is assumed.")


@statement_rule("deleted-principal", "warning", "A principal is the id of a deleted user or role")
def deleted_principal(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """AWS puts the id in the place of the ARN when a user or role is deleted.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    for pointer, principal in located.principals():
        if principal.kind == "unique-id":
            message = f"'{principal.text}' is the id of a user or role, as a deleted one leaves it"
            hint = "Write the ARN of whom it is for; if they are gone for good, remove the id."
            yield Violation(pointer, message, hint)


@statement_rule("own-account", "warning", "The registry's own account is a principal")
def own_account(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """IAM policies give access inside an account, and replication inside one needs no policy.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
    """
    principal = located.statement.principal
    if not located.allows or principal is None or principal.negated:
        return
    if any(source_in_resource(context, located)):
        return
    for pointer, each in located.principals():
        if not context.is_own_account(each):
            continue
        message = f"{each.account} is the registry's own account, whose IAM policies decide"
        hint = "Remove it from the list: its users and roles have what their IAM policies give."
        if not context.gives(located):
            message = "an Allow for the registry's own account alone gives nobody anything"
            hint = (
                "Remove the statement, or name whom it is for: a user or role of the account, or "
                "the other account that pulls, pushes or replicates."
            )
        yield Violation(pointer, message, hint)
        return


@statement_rule("allow-not-principal", "warning", "NotPrincipal in an Allow")
def allow_not_principal(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """It allows everyone in the world but those named, anonymous callers too.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    principal = located.statement.principal
    if located.allows and principal and principal.negated:
        message = "an Allow with NotPrincipal allows everyone else in the world"
        yield Violation(
            located.element("NotPrincipal"), message, "Name in Principal whom you mean."
        )


@statement_rule(
    "not-principal-account", "warning", "NotPrincipal names a user or role, not its account"
)
def not_principal_account(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """A Deny with NotPrincipal must list the account of each user and role that it spares.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    principal = located.statement.principal
    if located.allows or not principal or not principal.negated:
        return
    named = {each.account for each in principal if each.kind == "account"}
    for pointer, each in located.principals():
        if each.type == "AWS" and each.account and each.account not in named:
            message = f"the Deny hits '{each.text}' too: its account is not listed"
            yield Violation(pointer, message, f'List "{each.account}" beside it.')


@statement_rule(
    "redundant-principal", "warning", "A principal that another one of the list includes"
)
def redundant_principal(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """An account includes its users and roles, `*` everyone.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    principal = located.statement.principal
    if principal is None or principal.negated:
        return
    listed = list(located.principals())
    for index, (pointer, each) in enumerate(listed):
        earlier = [other for _, other in listed[:index]]
        others = [*earlier, *(other for _, other in listed[index + 1 :])]
        own = context.own_account if located.allows and each.kind != "account" else ""
        if wider := _wider(each, others, earlier, own):
            yield Violation(pointer, f"'{wider}' includes '{each.text}'", "Remove it.")


def _wider(
    each: PrincipalId, others: list[PrincipalId], earlier: list[PrincipalId], own: str
) -> str:
    """What else of the list includes the identifier, or `""`.

    An Allow for the account `own` does not give what one for a user or role of it gives.
    """
    if each.kind != "everyone" and any(other.kind == "everyone" for other in others):
        return "*"
    if each.type == "AWS" and each.account not in ("", own):
        for other in earlier if each.kind == "account" else others:
            if other.kind == "account" and other.account == each.account:
                return other.text
    return each.text if each in earlier else ""


@statement_rule("public-access", "warning", "Everyone in the world is allowed")
def public_access(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """`*` is every AWS account and everybody without one, unless a condition narrows it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """
    if not located.allows or narrows(located.statement.conditions):
        return
    principal = located.statement.principal
    for pointer, each in located.principals():
        if each.kind == "everyone" and principal and not principal.negated:
            message = "everyone in the world is allowed"
            hint = "Name accounts, or add StringEquals on aws:PrincipalOrgID."
            yield Violation(pointer, message, hint)


@statement_rule("confused-deputy", "warning", "An AWS service is allowed on anybody's behalf")
def confused_deputy(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """A service acts for all its customers unless a condition says for whom.

    Of replication, which never comes as a service, `replication_principal` speaks.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    named = {each.name for each in located.named_actions}
    if not located.allows or _says_for_whom(located) or "ecr:ReplicateImage" in named:
        return
    for pointer, principal in located.principals():
        if principal.type == "Service":
            message = f"'{principal.text}' may do this on behalf of any AWS customer"
            hint = "Add StringEquals on aws:SourceAccount, if the service sends it."
            yield Violation(pointer, message, hint)


def _says_for_whom(located: LocatedStatement) -> bool:
    return any(map(names_source, located.statement.conditions))
