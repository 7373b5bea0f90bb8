"""What the guard looks for in a plan.

What a check finds follows from the plan alone, so it is computed again whenever the plan is
loaded and applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.access.api import Comparison, Grant, compare, request_json
from planner.diff.changes import Change, Delete, statements_of
from planner.guard.settings import ANSWERS, Answer, Guard
from planner.policy.document import JsonObject, Policy, Principal
from planner.policy.principal import principal_named
from planner.registry import Registry


@dataclass(frozen=True, slots=True)
class Stop:
    """A check that a plan trips: what it found, in which statement, and the request as proof.

    `statement` is empty and `row` None where the check is about no single one.
    """

    check: str
    answer: Answer
    message: str
    statement: str = ""
    row: Grant | None = None

    def to_json(self) -> JsonObject:
        """The stop as a plan holds it."""
        return {
            "check": self.check,
            "answer": self.answer,
            "message": self.message,
            "statement": self.statement,
            "principal": self.row.principal.to_json() if self.row else None,
            "witness": request_json(self.row.witness) if self.row else None,
        }


@dataclass(frozen=True)
class Crossing:
    """A change of one registry's policy, as the checks look at it.

    `old_names` and `new_names` are what the statements before and after are called.
    """

    registry: Registry
    before: Policy | None
    after: Policy | None
    changes: tuple[Change, ...]
    access: Comparison
    old_names: Sequence[str]
    new_names: Sequence[str]

    @cached_property
    def undenied(self) -> Comparison:
        """What was denied and is denied no longer: Denies compared as if they allowed."""
        return compare(_denied(self.after), _denied(self.before), self.registry)


def stops(guard: Guard, crossing: Crossing) -> tuple[Stop, ...]:
    """What the checks find, the strictest answer first; `allow` silences a check."""
    found = [
        replace(stop, answer=answer)
        for check, look in _CHECKS.items()
        if (answer := guard.answers[check]) != "allow"
        for stop in look(guard, crossing)
    ]
    return tuple(sorted(found, key=lambda stop: -ANSWERS.index(stop.answer)))


def _denied(policy: Policy | None) -> Policy | None:
    """The Denies of a policy, each in its place, as Allows; its Allows as nothing at all."""
    if policy is None:
        return None
    denies = [replace(each, effect="Allow") for each in policy.statements if each.effect == "Deny"]
    return replace(policy, statements=tuple(denies)) if denies else None


def _of_rows(
    check: str, rows: tuple[Grant, ...], names: Sequence[str], words: str
) -> Iterator[Stop]:
    """One stop for all rows, with the first of them as its proof."""
    if not rows:
        return
    more = f" ({len(rows)} rows)" if len(rows) > 1 else ""
    yield Stop(check, "ask", f"{words}{more}", names[rows[0].statement], rows[0])


def _broadening(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    return _of_rows("broadening", crossing.access.gained, crossing.new_names, "access is gained")


def _public(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    rows = tuple(row for row in crossing.access.gained if row.public)
    return _of_rows("public", rows, crossing.new_names, "everyone in the world gains access")


def _new_account(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    allowed = [
        principal
        for each in statements_of(crossing.before)
        if each.effect == "Allow"
        for principal in each.principal or ()
    ]
    known = {each.account for each in allowed} | {crossing.registry.account_id, ""}
    rows = tuple(
        row
        for row in crossing.access.gained
        if (
            not _was_everyone(crossing, row)
            if row.principal.id == "*" and row.witness.principal.account
            else principal_named(row.principal.id).account not in known
        )
    )
    words = "an account that had no access gains it"
    yield from _of_rows("new-account", rows, crossing.new_names, words)
    malformed = {each.text for each in allowed if each.malformed}
    for doubt in () if rows else crossing.access.unknown:
        name = doubt.principal
        if name is None or doubt.statement is None:
            continue
        is_known = (
            name.id in malformed
            if name.kind == "malformed"
            else principal_named(name.id).account in known
        )
        if not is_known:
            statement = crossing.new_names[doubt.statement]
            message = f"whether a new account gains access cannot be told: {doubt.reason}"
            yield Stop("new-account", "ask", message, statement)
            return


def _was_everyone(crossing: Crossing, row: Grant) -> bool:
    """Whether everyone had access before, under no other conditions than those of the row."""
    conditions = set(statements_of(crossing.after)[row.statement].conditions)
    return any(
        each.effect == "Allow"
        and _may_be_everyone(each.principal)
        and set(each.conditions) <= conditions
        for each in statements_of(crossing.before)
    )


def _may_be_everyone(principal: Principal | None) -> bool:
    if principal is None or principal.negated:
        return True
    return any(each.kind == "everyone" for each in principal)


def _removes_deny(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    rows = crossing.undenied.gained
    denies = [
        name
        for name, each in zip(crossing.old_names, statements_of(crossing.before), strict=True)
        if each.effect == "Deny"
    ]
    if rows:
        words = "a Deny no longer denies what it did"
        yield Stop("removes-deny", "ask", words, denies[rows[0].statement], rows[0])
    elif crossing.undenied.unknown:
        yield Stop("removes-deny", "ask", "it cannot be told whether a Deny denies less")


def _removes_last_allow(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    before, after = (
        any(each.effect == "Allow" for each in statements_of(policy))
        for policy in (crossing.before, crossing.after)
    )
    if before and not after and crossing.after is not None:
        yield Stop("removes-last-allow", "ask", "no Allow is left in the policy")


def _empties_policy(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    if crossing.before is not None and crossing.after is None:
        yield Stop("empties-policy", "ask", "the policy is deleted")


def _max_removals(guard: Guard, crossing: Crossing) -> Iterator[Stop]:
    count = sum(isinstance(change, Delete) for change in crossing.changes)
    if count > guard.removal_limit:
        message = f"{count} statements are destroyed, and removal-limit is {guard.removal_limit}"
        yield Stop("max-removals", "ask", message)


def _unknown(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    if crossing.access.unknown:
        message = "it cannot be told in full who gains and loses access"
        yield Stop("unknown", "ask", message)


_CHECKS: dict[str, Callable[[Guard, Crossing], Iterator[Stop]]] = {
    "broadening": _broadening,
    "public": _public,
    "new-account": _new_account,
    "removes-deny": _removes_deny,
    "removes-last-allow": _removes_last_allow,
    "empties-policy": _empties_policy,
    "max-removals": _max_removals,
    "unknown": _unknown,
}
