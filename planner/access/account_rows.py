"""Rows that are about accounts, named as accounts: those that a condition lists one by one.

A statement for everyone whose condition lists accounts is as good as one that names them in its
Principal, and a reader wants to see it so: a row for each account.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.access.comparison import Grant, Name
from planner.access.evaluate import outcome_of
from planner.access.request import Caller, Request, caller_of, root_of
from planner.policy.arn import FIELDS, fields_of
from planner.policy.document import Condition, Policy
from planner.policy.keys import parse_key
from planner.policy.principal import principal_named
from planner.registry import ACCOUNT_ID, Registry

_ACCOUNT = "aws:principalaccount"
_ARN = "aws:principalarn"
_LISTING = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")
"""The operators under which only those have access whom the values name."""
_ACCOUNT_FIELD = 4


def by_account(
    rows: Iterable[Grant], policy: Policy, registry: Registry | None
) -> tuple[Grant, ...]:
    """The rows of one policy, with one for each account where they are about accounts.

    That of an account's root and that of its users and roles become one where they say the
    same. Each row keeps a witness that the policy allows.
    """
    groups: dict[tuple[object, ...], list[Grant]] = {}
    for row in rows:
        for each in _split(row, policy, registry):
            account = _account_of(each)
            place = account or each.principal, each.actions, each.resource, each.conditions
            groups.setdefault(place, []).append(each)
    return tuple(each for group in groups.values() for each in _as_one(group))


def _account_of(row: Grant) -> str:
    """The account whose root, or any of whose users or roles, a row is about; else `""`."""
    named = principal_named(row.principal.id)
    return named.account if named.kind == "account" else ""


def _as_one(rows: Sequence[Grant]) -> Sequence[Grant]:
    """The rows of one account as one, but for that of its root alone."""
    kinds = {each.principal.kind for each in rows}
    if not _account_of(rows[0]) or kinds in ({"account"}, {"root"}):
        return rows
    roots = [each for each in rows if each.principal.kind in ("account", "root")]
    row = (roots or rows)[0]
    return [replace(row, principal=Name("account", _account_of(row)))]


def _split(row: Grant, policy: Policy, registry: Registry | None) -> Sequence[Grant]:
    """A row of everyone as one for each account that a condition of its statement lists."""
    conditions = policy.statements[row.statement].conditions
    listed = next(filter(None, map(_listed, conditions)), None)
    if row.principal.id != "*" or not listed:
        return (row,)
    found: dict[Name, Grant] = {}
    for name, callers in listed:
        for caller in callers:
            witness = _witness(row, caller)
            if name not in found and outcome_of(policy, witness, registry) == "allowed":
                found[name] = replace(row, principal=name, witness=witness)
    return tuple(found.values()) if set(found) == {name for name, _ in listed} else (row,)


def _witness(row: Grant, caller: Caller) -> Request:
    """The row's witness as a request of another caller."""
    context = row.witness.context
    kept = {key: values for key, values in context.items() if not parse_key(key).row.of_caller}
    return replace(row.witness, principal=caller, context=kept)


def _listed(condition: Condition) -> list[tuple[Name, list[Caller]]] | None:
    """Whom a condition lists, each with callers that it may mean; None where others may be."""
    listing = condition.operator.spelled in _LISTING
    if not listing or condition.key.folded not in (_ACCOUNT, _ARN):
        return None
    found: list[tuple[Name, list[Caller]]] = []
    for text in condition.texts:
        fields = fields_of(text)
        is_arn = condition.key.folded == _ARN and len(fields) == FIELDS
        account = fields[_ACCOUNT_FIELD] if is_arn else text
        if not ACCOUNT_ID.fullmatch(account) or (is_arn and "*" in ":".join(fields[:-1])):
            return None
        partition = fields[1] if is_arn else "aws"
        caller = _caller_like(text)
        is_one = is_arn and not {"*", "?"} & set(text)
        name = Name(caller.kind, text) if is_one and caller else Name("account", account)
        found.append((name, [*([caller] if caller else []), root_of(account, partition)]))
    return found


def _caller_like(pattern: str) -> Caller | None:
    """A caller whose ARN a pattern of ARNs matches, if it is plainly that of one."""
    named = principal_named(pattern.replace("*", "x").replace("?", "x"))
    return caller_of(named, named.partition or "aws")
