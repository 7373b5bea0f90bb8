"""Who could do nothing in a registry and can do something now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planner.access.api import Comparison, Grant, grants
from planner.diff.changes import statements_of
from planner.policy.document import Condition, Policy, Statement, parse_condition
from planner.policy.principal import principal_named
from planner.registry import ACCOUNT_ID, Registry, ScopeChange

_ACCOUNT, _ORGANIZATION, _ID = "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:userid"
_STRANGER = "999999999990"


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
    for name, conditions in _candidates(before, after, known):
        had = grants(_only(before, conditions), registry, scope.before)
        if had.gained:
            continue
        has = grants(_only(after, conditions), registry, scope.after)
        doubts = [each for each in (*has.unknown, *had.unknown) if each.side != "less"]
        if has.gained and not had.unknown:
            yield Newcomer(name, has.gained[0])
        elif has.gained or any(each.side != "less" for each in has.unknown):
            yield Newcomer(name, None, doubts[0].statement if has.unknown else None)
    yield from _canonical(old, grants(after, registry, scope.after))


def _canonical(old: Comparison, new: Comparison) -> Iterator[Newcomer]:
    """Canonical ids, which no condition tells apart."""
    known = {row.principal for row in old.gained}
    everyone = any(row.public for row in old.gained)
    for row in new.gained:
        if row.principal.kind == "canonical" and row.principal not in known and not everyone:
            yield Newcomer(f"canonical user {row.principal.id[:12]}…", row)


def _candidates(
    before: Policy | None, after: Policy | None, known: set[str]
) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    """Everybody whom the policies name and of whom it is not known that they had access, and
    a stranger; each with the conditions that only they meet.
    """
    accounts, organizations, ids = set[str](), set[str](), set[str]()
    for one in (*statements_of(before), *statements_of(after)):
        for each in one.principal or ():
            accounts.add(each.account)
            if each.kind == "unique-id":
                ids.add(each.text)
        for condition in one.conditions:
            for text in condition.texts:
                first = text.partition("/")[0]
                if "org" in condition.key.folded and not {"*", "?", "$"} & set(first):
                    organizations.add(first)
                accounts.update(e for e in text.split(":") if ACCOUNT_ID.fullmatch(e))
    others = tuple(sorted(accounts | known))
    elsewhere = parse_condition("StringNotEquals", _ACCOUNT, tuple(filter(None, others)))
    for account in sorted(accounts - known):
        yield f"account {account}", (parse_condition("StringEquals", _ACCOUNT, (account,)),)
    for organization in sorted(organizations):
        condition = parse_condition("StringEquals", _ORGANIZATION, (organization,))
        yield f"organization {organization}", (condition, elsewhere)
    for unique_id in sorted(ids):
        condition = parse_condition("StringLike", _ID, (unique_id, f"{unique_id}:*"))
        yield f"the id {unique_id}", (condition, elsewhere)
    yield (
        "everyone else",
        (
            parse_condition("StringEquals", _ACCOUNT, (_STRANGER,)),
            parse_condition("Null", _ORGANIZATION, ("true",)),
        ),
    )


def _only(policy: Policy | None, conditions: tuple[Condition, ...]) -> Policy | None:
    """The policy for those alone who meet some conditions, its statements at their places."""
    if policy is None:
        return None

    def narrowed(statement: Statement) -> Statement:
        if statement.effect == "Deny":
            return statement
        return replace(statement, conditions=(*statement.conditions, *conditions))

    return replace(policy, statements=tuple(map(narrowed, policy.statements)))
