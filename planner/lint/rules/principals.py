"""Rules about who a statement is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from planner.access.narrowing import names_source, narrows
from planner.lint.rule import LintContext, LocatedStatement, Violation, rule, statement_rule
from planner.lint.subsumption import account_of
from planner.policy.canonical import DELETED_PRINCIPAL

_ACCOUNT = re.compile(r"[0-9]{12}|arn:[^:]*:iam::[0-9]{12}:root")
_FORMS = "Write an account id, or the ARN of a role, a user or an account root."


@rule("malformed-principal", "error", "A principal is of no form that ECR takes")
def malformed_principal(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    return context.refused("malformed-principal", _FORMS)


@rule("account-id", "error", "An account id of a principal has not 12 digits")
def account_id(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html"""
    return context.refused("account-id", "Copy the account id anew; it may begin with zeros.")


@rule("foreign-partition", "error", "A principal is of another partition than the registry")
def foreign_partition(context: LintContext) -> Iterator[Violation]:
    """Partitions have their own accounts, and no access crosses them.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    hint = f"Principals of this registry begin with arn:{context.partition}:."
    return context.refused("foreign-partition", hint)


@rule("group-principal", "error", "A principal is an IAM group")
def group_principal(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    return context.refused("group-principal", "Name a role, or the users one by one.")


@rule("wildcard-principal", "error", "The ARN of a principal has a wildcard")
def wildcard_principal(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"""
    hint = "Name the account, and narrow it by a condition ArnLike on aws:PrincipalArn."
    return context.refused("wildcard-principal", hint)


@statement_rule(
    "principal-type", "warning", "A type of principal that a registry policy has no use for"
)
def principal_type(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """Federated principals assume roles, canonical users are those of S3.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    for pointer, kind, _ in located.principals():
        if kind in ("Federated", "CanonicalUser"):
            message = f"a call of ECR is never made as {kind}"
            yield Violation(pointer, message, "Name the role that is assumed.")


@statement_rule("deleted-principal", "warning", "A principal is the id of a deleted user or role")
def deleted_principal(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """AWS puts the id in the ARN's located when a user or role is deleted.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    for pointer, _, identifier in located.principals():
        if DELETED_PRINCIPAL.fullmatch(identifier):
            message = f"'{identifier}' is what AWS left of a deleted user or role"
            hint = "Remove it, or write the ARN of the user or role that has taken its located."
            yield Violation(pointer, message, hint)


@statement_rule("own-account", "warning", "The registry's own account is a principal")
def own_account(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """IAM policies give access inside an account, and replication inside one needs no policy.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
    """
    for pointer, kind, identifier in located.principals():
        if kind != "AWS" or not located.allows or not _ACCOUNT.fullmatch(identifier):
            continue
        account = account_of(identifier)
        if context.registry and account == context.registry.account_id:
            message = f"{account} is the registry's own account"
            hint = "Remove it: its users and roles get access by their IAM policies."
            yield Violation(pointer, message, hint)


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
    named = {account_of(each) for _, _, each in located.principals() if _ACCOUNT.fullmatch(each)}
    for pointer, _, identifier in located.principals():
        account = account_of(identifier)
        if account and account not in named:
            message = f"the Deny hits '{identifier}' too: its account is not listed"
            yield Violation(pointer, message, f'List "{account}" beside it.')


@statement_rule(
    "redundant-principal", "warning", "A principal that another one of the list includes"
)
def redundant_principal(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """An account includes its users and roles, `*` everyone.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    principal = located.statement.principal
    if principal is None or principal.negated:
        return
    listed = [(pointer, kind, each) for pointer, kind, each in located.principals()]
    for index, (pointer, kind, identifier) in enumerate(listed):
        others = [(kind_, each) for i, (_, kind_, each) in enumerate(listed) if i != index]
        earlier = [(kind_, each) for _, kind_, each in listed[:index]]
        if wider := _wider(kind, identifier, others, earlier):
            yield Violation(pointer, f"'{wider}' includes '{identifier}'", "Remove it.")


def _wider(
    kind: str, identifier: str, others: list[tuple[str, str]], earlier: list[tuple[str, str]]
) -> str:
    """What else of the list includes the identifier, or `""`."""
    if ("AWS", "*") in others and (kind, identifier) != ("AWS", "*"):
        return "*"
    account = account_of(identifier) if kind == "AWS" else ""
    accounts = earlier if _ACCOUNT.fullmatch(identifier) else others
    for other_kind, other in accounts:
        is_account = other_kind == "AWS" and _ACCOUNT.fullmatch(other)
        if account and is_account and account_of(other) == account:
            return other
    return identifier if (kind, identifier) in earlier else ""


@statement_rule("public-access", "warning", "Everyone in the world is allowed")
def public_access(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """`*` is every AWS account and everybody without one, unless a condition narrows it.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """
    if not located.allows or narrows(located.statement.conditions):
        return
    for pointer, kind, identifier in located.principals():
        principal = located.statement.principal
        if kind == "AWS" and identifier == "*" and principal and not principal.negated:
            message = "everyone in the world is allowed"
            hint = "Name accounts, or add StringEquals on aws:PrincipalOrgID."
            yield Violation(pointer, message, hint)


@statement_rule("confused-deputy", "warning", "An AWS service is allowed on anybody's behalf")
def confused_deputy(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """A service acts for all its customers unless a condition says for whom.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    if not located.allows or _says_for_whom(located):
        return
    for pointer, kind, identifier in located.principals():
        if kind == "Service":
            message = f"'{identifier}' may do this on behalf of any AWS customer"
            hint = "Add StringEquals on aws:SourceAccount, if the service sends it."
            yield Violation(pointer, message, hint)


def _says_for_whom(located: LocatedStatement) -> bool:
    return any(map(names_source, located.statement.conditions))
