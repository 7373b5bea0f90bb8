"""What the guard looks for in a plan.

What a check finds follows from the plan alone, so it is computed again whenever the plan is
loaded and applied.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from planner.access.api import Comparison, Grant, compare, grants, request_json
from planner.access.own_account import lockouts
from planner.diff.changes import Change, Delete, statements_of
from planner.guard.newcomers import newcomers
from planner.guard.settings import ANSWERS, Answer, Guard
from planner.policy.document import JsonObject, Policy, Statement
from planner.registry import Registry, ScopeChange


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


@dataclass(frozen=True, slots=True)
class Undone:
    """What a plan takes back of what changed outside planner: the names of the statements.

    `access` compares the live policy with what it would be without those changes.
    """

    names: tuple[str, ...]
    access: Comparison


@dataclass(frozen=True)
class Crossing:
    """A change of one registry's policy, as the checks look at it.

    `old_names` and `new_names` are what the statements before and after are called. `caller`
    is the ARN of who applies, None where it is not known. `is_opaque` says that there is a
    policy before which cannot be read; `before` is None then. `undone` is None where nothing
    that changed outside planner is taken back. `taken` are the statements that are taken over
    from their owners, with these, and `others` the places in the policy before of those that
    somebody else owns.
    """

    registry: Registry
    before: Policy | None
    after: Policy | None
    changes: tuple[Change, ...]
    access: Comparison
    old_names: Sequence[str]
    new_names: Sequence[str]
    scope: ScopeChange = field(default_factory=ScopeChange)
    caller: str | None = None
    is_opaque: bool = False
    taken: tuple[tuple[str, str], ...] = ()
    others: frozenset[int] = frozenset()
    undone: Undone | None = None


_AFTER = "after this plan"
_Look = Callable[[Guard, Crossing], Iterator[Stop]]


def stops(guard: Guard, crossing: Crossing) -> tuple[Stop, ...]:
    """What the checks find, the strictest answer first; `allow` silences a check.

    What cannot be told has the answer of what it may be. Nobody silences that the policy before
    cannot be read: apply wants a reason then.
    """
    checks = {**_CHECKS, **_OPAQUE_CHECKS} if crossing.is_opaque else _CHECKS
    found = [
        replace(stop, answer=answer)
        for check, look in checks.items()
        if (answer := _answer(guard, check, crossing)) != "allow"
        for stop in look(guard, crossing)
    ]
    return _strictest_first(found)


def with_between(found: Sequence[Stop], between: Sequence[Stop]) -> tuple[Stop, ...]:
    """The stops of a plan that raises the scope: its own, and those of the time in between.

    What would be said of the end in the same words is told once.
    """
    said = [_without_place(each) for each in found]
    told = [each for each in between if _without_place(each) not in said]
    return _strictest_first((*found, *(replace(each, message=_in_between(each)) for each in told)))


def _without_place(stop: Stop) -> tuple[object, ...]:
    """A stop without its statement and its proof, which may have other names in another policy."""
    row = stop.row
    return stop.check, stop.message, row and (row.principal, row.actions, row.resource)


def _in_between(stop: Stop) -> str:
    message = stop.message.removeprefix(f"{_AFTER} ")
    return f"between the raise of the scope and the write of the policy, {message}"


def _strictest_first(found: Sequence[Stop]) -> tuple[Stop, ...]:
    return tuple(sorted(found, key=lambda stop: -ANSWERS.index(stop.answer)))


def _answer(guard: Guard, check: str, crossing: Crossing) -> Answer:
    answer = guard.answers[check]
    return "ask" if crossing.is_opaque and (check, answer) == ("unknown", "allow") else answer


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
    if rows:
        yield from _of_rows(
            "public", rows, crossing.new_names, "everyone in the world gains access"
        )
    elif doubts := [each for each in crossing.access.unknown if each.may_be_public]:
        message = f"whether a stranger gains access cannot be told: {doubts[0].reason}"
        yield Stop("public", "ask", message)


def _new_account(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    old, new = crossing.before, crossing.after
    if not crossing.access.gained and not crossing.access.unknown:
        return
    for newcomer in newcomers(old, new, crossing.registry, crossing.scope):
        if newcomer.row is None:
            message = f"whether {newcomer.name} gains its first access cannot be told"
            index = newcomer.statement
            statement = "" if index is None else crossing.new_names[index]
            yield Stop("new-account", "ask", message, statement)
        else:
            words = f"{newcomer.name} had no access and gains it"
            yield Stop(
                "new-account",
                "ask",
                words,
                crossing.new_names[newcomer.row.statement],
                newcomer.row,
            )


def _removes_deny(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    words = "a Deny no longer denies what it did"
    released = crossing.access.released
    gained = tuple(row for row in crossing.access.gained if row.ranks[0] == "denied")
    if released:
        yield from _of_rows("removes-deny", released, crossing.old_names, words)
    elif gained:
        yield from _of_rows("removes-deny", gained, crossing.new_names, words)
    elif crossing.access.unknown and any(map(_is_deny, statements_of(crossing.before))):
        yield Stop("removes-deny", "ask", "it cannot be told whether a Deny denies less")


def _is_deny(statement: Statement) -> bool:
    return statement.effect == "Deny"


def _own_access(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    words = "users and roles of the registry's own account lose access"
    denied = tuple(row for row in crossing.access.denied if row.own)
    lost = tuple(row for row in crossing.access.lost if row.own)
    if denied:
        yield from _of_rows("own-access", denied, crossing.new_names, words)
    else:
        yield from _of_rows("own-access", lost, crossing.old_names, words)


def _lockout(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    old, new = (
        lockouts(policy, crossing.registry, scope, crossing.caller)
        for policy, scope in (
            (crossing.before, crossing.scope.before),
            (crossing.after, crossing.scope.after),
        )
    )
    for message in new:
        if message not in old:
            yield Stop("lockout", "ask", f"{_AFTER} {message}")


def _removes_last_allow(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    before, after = (
        any(each.effect == "Allow" for each in statements_of(policy))
        for policy in (crossing.before, crossing.after)
    )
    if before and not after and crossing.after is not None:
        yield Stop("removes-last-allow", "ask", "no Allow is left in the policy")


def _empties_policy(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    if (crossing.before is not None or crossing.is_opaque) and crossing.after is None:
        yield Stop("empties-policy", "ask", "the policy is deleted")


def _max_removals(guard: Guard, crossing: Crossing) -> Iterator[Stop]:
    count = sum(isinstance(change, Delete) for change in crossing.changes)
    if count > guard.removal_limit:
        message = f"{count} statements are destroyed, and removal-limit is {guard.removal_limit}"
        yield Stop("max-removals", "ask", message)


def _drift_undone(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    """Access that an edit gave or took, and that the plan may give back or take away.

    What the plan does not do at all, it does not undo either: a file that has the edit and more.
    """
    undone = crossing.undone
    if undone is None:
        return
    back, plan = map(_directions, (undone.access, crossing.access))
    if any(map(all, zip(back, plan, strict=True))):
        is_one = len(undone.names) == 1
        edits = "an edit" if is_one else f"{len(undone.names)} edits"
        message = f"it undoes {edits} made outside planner, and access differs by that"
        yield Stop("drift-undone", "ask", message, undone.names[0] if is_one else "")


def _directions(access: Comparison) -> tuple[bool, bool]:
    """Whether anything is said more, and less; what is undecided may be both."""
    is_open = bool(access.unknown)
    more = bool(access.gained or access.released)
    return is_open or more, is_open or bool(access.lost or access.denied)


def _unknown(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    if crossing.access.unknown:
        message = "it cannot be told in full who gains and loses access"
        yield Stop("unknown", "ask", message)


def _own_only(_: Guard, crossing: Crossing) -> Iterator[Stop]:
    for name, owners in crossing.taken:
        yield Stop("own-only", "ask", f"it is taken over from {owners}", name)
    if crossing.before is None or not crossing.others:
        return
    # Without what one's own statements give: where both give the same, the row names only one.
    places = [
        index
        for index, each in enumerate(crossing.before.statements)
        if index in crossing.others or _is_deny(each)
    ]
    theirs = replace(
        crossing.before, statements=tuple(crossing.before.statements[each] for each in places)
    )
    scope = crossing.scope
    access = compare(theirs, crossing.after, crossing.registry, scope.before, scope.after)
    words = "access is lost that a statement of somebody else gives"
    if access.lost:
        names = [crossing.old_names[each] for each in places]
        yield from _of_rows("own-only", access.lost, names, words)
    elif any(each.side != "more" for each in access.unknown):
        yield Stop("own-only", "ask", f"it cannot be told whether {words}")


def _public_after(guard: Guard, crossing: Crossing) -> Iterator[Stop]:
    """What a stranger can do after it: how much of that is new nobody can tell."""
    after = grants(crossing.after, crossing.registry, crossing.scope.after)
    message = "everyone in the world has access after this plan"
    for stop in _public(guard, replace(crossing, access=after)):
        yield replace(stop, message=message) if stop.row else stop


def _unknown_before(_: Guard, __: Crossing) -> Iterator[Stop]:
    message = "the live policy cannot be read: who gains and loses access cannot be told"
    yield Stop("unknown", "ask", message)


def _untold(check: str) -> _Look:
    """Of what cannot be told a check that refuses says so itself; `unknown` asks for the rest."""

    def look(guard: Guard, _: Crossing) -> Iterator[Stop]:
        if guard.answers[check] == "refuse":
            yield Stop(check, "ask", "the live policy cannot be read, so this cannot be told")

    return look


_CHECKS: dict[str, _Look] = {
    "broadening": _broadening,
    "public": _public,
    "new-account": _new_account,
    "lockout": _lockout,
    "own-access": _own_access,
    "removes-deny": _removes_deny,
    "removes-last-allow": _removes_last_allow,
    "empties-policy": _empties_policy,
    "max-removals": _max_removals,
    "drift-undone": _drift_undone,
    "unknown": _unknown,
    "own-only": _own_only,
}

_UNTOLD = (
    "broadening",
    "new-account",
    "own-access",
    "removes-deny",
    "removes-last-allow",
    "max-removals",
    "drift-undone",
)
_OPAQUE_CHECKS: dict[str, _Look] = {
    "public": _public_after,
    "unknown": _unknown_before,
    **{check: _untold(check) for check in _UNTOLD},
}
"""What stands in the place of checks that would read the policy before."""
