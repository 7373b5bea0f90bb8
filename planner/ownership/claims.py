"""Who holds which statement of a live policy.

A Sid belongs to one owner, whatever its statement says by now. A statement without a Sid is
held by its body: whoever has recorded the same one holds it, and several may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from planner.ownership.owned import Owned
from planner.policy.canonical import CURRENT_VERSION, in_canonical_order
from planner.policy.document import Policy, Statement

Holders = frozenset[str]
"""The names of the owners of one statement; empty for one that nobody owns."""

_NAMED = ("role", "user")


def holders(statements: Sequence[Statement], owners: Mapping[str, Owned]) -> tuple[Holders, ...]:
    """The owners of each of the canonical statements of a live policy, in their order.

    A statement that ECR has printed anew on its own keeps its owners: once a user or role is
    deleted its unique id stands where its ARN was. Where it may have been the statement of several,
    it is held by all of them, so that none of them destroys another's.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
    """
    claims = _claims(owners)
    found = [claims.get(_key(each), frozenset()) for each in statements]
    live = set(map(_key, statements))
    lost = [key for key in claims if isinstance(key, Statement) and key not in live]
    given = Counter[tuple[Statement, ...]]()
    for index, statement in enumerate(statements):
        if found[index] or statement.sid is not None:
            continue
        origins = tuple(each for each in lost if _printed_anew(each, statement))
        if given[origins] < len(origins):
            given[origins] += 1
            found[index] = frozenset[str]().union(*(claims[each] for each in origins))
    return tuple(found)


def holders_of(policy: Policy | None, owners: Mapping[str, Owned]) -> dict[Statement, Holders]:
    """The owners of each statement of a policy that is or was live."""
    statements = policy.statements if policy else ()
    return dict(zip(statements, holders(statements, owners), strict=True))


def baseline(policy: Policy | None, owners: Mapping[str, Owned]) -> Policy | None:
    """What a recorded policy would be if nobody had touched what is owned; canonical.

    Others' applies record the whole policy as they read it, edits of owned statements among
    them; what an owner holds is as that owner recorded it last.
    """
    held = holders_of(policy, owners)
    nobodys = [each for each in (policy.statements if policy else ()) if not held[each]]
    owned: Counter[Statement] = Counter()
    for each in owners.values():
        owned |= Counter(each.statements)
    together = (*nobodys, *owned.elements())
    if policy is None:
        return Policy(in_canonical_order(together), CURRENT_VERSION) if together else None
    return Policy(in_canonical_order(together), policy.version, policy.id)


def newly_held(
    statements: Sequence[Statement],
    then: Mapping[str, Owned],
    now: Mapping[str, Owned],
    owner: str,
) -> list[tuple[Statement, Holders]]:
    """Those statements of an earlier policy that an owner has come to hold since, alone.

    Each has its owners of `then`. The statements are canonical.
    """
    claims = _claims(now)
    return [
        (statement, by)
        for statement, by in zip(statements, holders(statements, then), strict=True)
        if owner not in by and claims.get(_key(statement)) == frozenset({owner})
    ]


def _claims(owners: Mapping[str, Owned]) -> dict[str | Statement, Holders]:
    claims: dict[str | Statement, Holders] = {}
    for name, owned in owners.items():
        for statement in owned.statements:
            key = _key(statement)
            claims[key] = claims.get(key, frozenset()) | {name}
    return claims


def _key(statement: Statement) -> str | Statement:
    """By what a statement is held: its Sid, or without one its body."""
    return statement.sid if statement.sid is not None else statement


def _printed_anew(recorded: Statement, live: Statement) -> bool:
    """Whether the live statement is the recorded one with ids in the place of deleted ARNs."""
    old, new = recorded.principal, live.principal
    if old is None or new is None or old.negated != new.negated:
        return False
    gone, come = (
        sorted(set(one) - set(other), key=lambda each: each.text)
        for one, other in ((old, new), (new, old))
    )
    return (
        _without_principal(recorded) == _without_principal(live)
        and len(gone) == len(come) > 0
        and all(each.kind in _NAMED for each in gone)
        and all(each.kind == "unique-id" for each in come)
    )


def _without_principal(statement: Statement) -> tuple[object, ...]:
    return statement.effect, statement.action, statement.resource, statement.conditions
