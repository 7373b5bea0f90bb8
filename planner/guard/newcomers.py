"""Who could do nothing in a registry and can do something now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from planner.access.api import Grant, grants
from planner.access.request import Caller, caller_of, is_meant
from planner.diff.changes import statements_of
from planner.policy.document import Condition, Policy, Principal, Statement, parse_condition
from planner.policy.principal import PrincipalId, principal_named
from planner.registry import ACCOUNT_ID, Registry, ScopeChange

_ACCOUNT, _ORGANIZATION, _ID = "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:userid"
_OWN_ORGANIZATION = "${aws:ResourceOrgID}"
_STRANGER = "999999999990"
_UNACCOUNTED = {"canonical": "canonical user", "federated": "provider"}
"""Kinds of principals that are of no account."""
_OF_ACCOUNT = ("aws:principalaccount", "aws:principalarn")
_PATTERN = re.compile(r"(?=.*[0-9])(?=.*[*?])[0-9*?]+")
_Narrow = Callable[[Statement], Statement]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """An account, an organization or an id, and what it gains; None where it cannot be told.

    `statement` is the index of the statement of which nothing can be said.
    """

    name: str
    row: Grant | None
    statement: int | None = None


def newcomers(
    before: Policy | None, after: Policy | None, registry: Registry, scope: ScopeChange
) -> Iterator[Newcomer]:
    """Those that could nothing before and can something now."""
    old = grants(before, registry, scope.before)
    known = {principal_named(row.principal.id).account for row in old.gained}
    known |= {registry.account_id, ""}
    for name, only in _candidates(before, after, known):
        had = grants(_only(before, only), registry, scope.before)
        if had.gained:
            continue
        has = grants(_only(after, only), registry, scope.after)
        doubts = [each for each in (*has.unknown, *had.unknown) if each.side != "less"]
        if has.gained and not had.unknown:
            yield Newcomer(name, has.gained[0])
        elif has.gained or any(each.side != "less" for each in has.unknown):
            yield Newcomer(name, None, doubts[0].statement if has.unknown else None)


def _candidates(
    before: Policy | None, after: Policy | None, known: set[str]
) -> Iterator[tuple[str, _Narrow]]:
    """Everybody whom the policies name and of whom it is not known that they had access, and
    a stranger; each with what leaves them alone of an Allow.
    """
    statements = (*statements_of(before), *statements_of(after))
    named = list(dict.fromkeys(each for one in statements for each in one.principal or ()))
    conditions = [each for one in statements for each in one.conditions]
    found = _texts_of(conditions)
    accounts = {each.account for each in named} | found.accounts
    others = tuple(sorted(filter(None, accounts | known)))
    elsewhere = parse_condition("StringNotEquals", _ACCOUNT, others)
    for account in sorted(accounts - known):
        yield f"account {account}", _met(parse_condition("StringEquals", _ACCOUNT, (account,)))
    for pattern in sorted(found.patterns):
        condition = parse_condition("StringLike", _ACCOUNT, (pattern,))
        yield f"an account like {pattern}", _met(condition, elsewhere)
    for organization in sorted(found.organizations):
        condition = parse_condition("StringEquals", _ORGANIZATION, (organization,))
        yield f"organization {organization}", _met(condition, elsewhere)
    for unique_id in sorted(found.ids | {each.text for each in named if each.kind == "unique-id"}):
        condition = parse_condition("StringLike", _ID, (unique_id, f"{unique_id}:*"))
        yield f"the id {unique_id}", _met(condition, elsewhere)
    for each in named:
        if caller := caller_of(each, "") if each.kind in _UNACCOUNTED else None:
            yield f"{_UNACCOUNTED[each.kind]} {each.text}", partial(_of_caller, caller, each)
    own = (_OWN_ORGANIZATION,) if found.relates else ()
    outside = (*sorted(found.organizations), *own)
    strange = [parse_condition("StringNotEquals", _ORGANIZATION, outside)] if outside else []
    if own:
        condition = parse_condition("StringEquals", _ORGANIZATION, own)
        apart = parse_condition("StringNotEquals", _ORGANIZATION, sorted(found.organizations))
        kept = [apart] if found.organizations else []
        yield "the registry's own organization", _met(condition, elsewhere, *kept)
    stranger = parse_condition("StringEquals", _ACCOUNT, (_STRANGER,))
    yield "everyone else", _met(stranger, *strange)


class _Texts(NamedTuple):
    """Whom conditions name, `patterns` those of accounts, and whether they name the registry's
    own organization.
    """

    accounts: set[str]
    patterns: set[str]
    organizations: set[str]
    ids: set[str]
    relates: bool


def _texts_of(conditions: Sequence[Condition]) -> _Texts:
    found = _Texts(set(), set(), set(), set(), any(map(_relates, conditions)))
    for condition in conditions:
        for text in condition.texts:
            first = text.partition("/")[0].partition(":")[0]
            is_exact = first and not {"*", "?", "$"} & set(first)
            if is_exact and "org" in condition.key.folded:
                found.organizations.add(first.lower())
            if condition.key.folded in _OF_ACCOUNT:
                fields = (text, *text.split(":")[4:5])
                found.patterns.update(each for each in fields if _PATTERN.fullmatch(each))
            if is_exact and condition.key.folded == _ID:
                found.ids.add(first)
            found.accounts.update(each for each in text.split(":") if ACCOUNT_ID.fullmatch(each))
    return found


def _relates(condition: Condition) -> bool:
    return any("resourceorg" in each.lower() for each in (condition.key.folded, *condition.texts))


def _met(*conditions: Condition) -> _Narrow:
    """Leaves of an Allow those alone who meet some conditions."""

    def narrowed(statement: Statement) -> Statement:
        return replace(statement, conditions=(*statement.conditions, *conditions))

    return narrowed


def _of_caller(caller: Caller, named: PrincipalId, statement: Statement) -> Statement:
    """Leaves of an Allow one caller alone, whom no condition tells apart."""
    is_one = is_meant(statement.principal, caller, statement.effect)
    if is_one is None:
        return statement
    alone = Principal(((named.type, (named,)),) if is_one else ())
    return replace(statement, principal=alone)


def _only(policy: Policy | None, narrow: _Narrow) -> Policy | None:
    """The policy with its Allows narrowed, its statements at their places."""
    if policy is None:
        return None
    statements = (each if each.effect == "Deny" else narrow(each) for each in policy.statements)
    return replace(policy, statements=tuple(statements))
