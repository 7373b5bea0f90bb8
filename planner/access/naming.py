"""Differences gathered into rows that people read: who, what, where, under which condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from planner.access.action_classes import ActionClass
from planner.access.comparison import Grant, Name, Undecided
from planner.access.compiled import CompiledStatement
from planner.access.policy_difference import Difference, PolicyDifference
from planner.access.principal_classes import (
    PrincipalClass,
    bits,
    principal_ids,
)
from planner.access.request import Request
from planner.automata.pattern import matches
from planner.policy.document import Condition, Policy, Statement
from planner.policy.principal import PrincipalId
from planner.registry import Registry
from planner.text import fold, word

Among = Literal["gained", "lost", "denied", "released"]
_AMONG: dict[str, tuple[Among, Among]] = {
    "after": ("gained", "denied"),
    "before": ("lost", "released"),
}
"""What an Allow and a Deny of the policy before or after may add to."""


def resource_text(compiled: CompiledStatement, pattern: int) -> str:
    """One pattern of a statement's Resource, as the policy spells it."""
    resource = compiled.statement.resource
    if resource is None:
        return "*"
    if resource.negated:
        return f"* but {', '.join(map(word, resource.texts))}"
    return resource.values[pattern].text


def condition_texts(statement: Statement) -> tuple[str, ...]:
    """The conditions of a statement, each as one text, in one order."""
    return tuple(sorted(map(condition_text, statement.conditions)))


def condition_text(condition: Condition) -> str:
    """A condition as one line, a key that planner does not know as it is written."""
    values = ", ".join(map(word, sorted(set(condition.texts))))
    return f"{condition.operator.spelled} {condition.key.shown} {values}".strip()


class Names:
    """Gathers differences into rows.

    `written` is the policy as it is spelled, and `which` tells whether it is the one before.
    """

    def __init__(
        self,
        search: PolicyDifference,
        written: Policy,
        registry: Registry | None,
        which: Literal["before", "after"],
    ) -> None:
        self.which = which
        self.search = search
        self.partition = partition = search.partition
        self.written = written
        keys = (each.key for one in written.statements for each in one.conditions)
        self.keys = {each.folded: each.text for each in keys if not each.is_known}
        self.registry = registry
        self.members = partition.where(lambda each: each.is_member)
        self.strangers = partition.where(lambda each: each.is_stranger)
        own = registry.account_id if registry else None
        self.own = partition.where(lambda each: each.caller.account == own)
        self.known: dict[tuple[int, frozenset[tuple[ActionClass, ...]]], tuple[str, ...]] = {}
        self.roots = partition.where(lambda each: each.caller.kind == "account")

    def rows(self, differences: Sequence[Difference]) -> tuple[Grant, ...]:
        """The rows of what is allowed or of what is denied, in their order."""
        groups: dict[tuple[int, int, bool], list[Difference]] = {}
        for each in differences:
            for some, is_own in self._by_account(each):
                key = (each.compiled.index, each.pattern, is_own)
                groups.setdefault(key, []).append(replace(each, callers=some))
        rows: dict[tuple[object, ...], Grant] = {}
        for (_, _, is_own), group in groups.items():
            for row in self._rows(group, is_own=is_own):
                named = replace(row, principal=self._own_people(row.principal)) if is_own else row
                place = (named.principal, named.resource, named.conditions)
                rows[place] = _merged(rows[place], named) if place in rows else named
        return tuple(sorted(rows.values(), key=order))

    def _by_account(self, difference: Difference) -> Iterator[tuple[int, bool]]:
        """The callers of a Deny, those of the registry's account apart; of an Allow all."""
        callers = difference.callers
        if difference.compiled.statement.effect == "Allow":
            yield callers, False
            return
        for some, is_own in ((callers & self.own, True), (callers & ~self.own, False)):
            if some:
                yield some, is_own

    def _own_people(self, name: Name) -> Name:
        """Whom a Deny for everybody, or for the account, means among the account's own."""
        if name.kind in ("everyone", "account") or name.id == "*":
            return Name("own", self.registry.account_id if self.registry else "")
        return name

    def undecided(self, difference: Difference) -> Undecided:
        """What cannot be decided, with the principal as the policy names it."""
        compiled = difference.compiled
        statement = compiled.statement
        wrong = {each.element: each.malformed[0] for each in compiled.unclear}
        if "Principal" in wrong:
            name = Name("malformed", wrong["Principal"].text)
        elif means := [
            each
            for each in principal_ids(statement.principal)
            if self.partition.named(each) & difference.callers
        ]:
            name = _name(means[0], statement)
        else:
            name = _own_name(next(iter(self.partition.those(difference.callers))))
        resource = resource_text(compiled, difference.pattern)
        resource = wrong["Resource"].text if "Resource" in wrong else resource
        texts = condition_texts(self.written.statements[compiled.index])
        reason = difference.reason or "it cannot be told whether a stranger gains it"
        allows, denies = _AMONG[self.which]
        among = allows if statement.effect == "Allow" else denies
        place = (resource, texts, compiled.index, statement.sid)
        public = difference.may_be_public and among == "gained"
        return Undecided(reason, among, name, *place, may_be_public=public)

    def _rows(self, differences: Sequence[Difference], *, is_own: bool) -> Iterable[Grant]:
        """The rows of one pattern of one Allow."""
        left = [(difference, difference.callers) for difference in differences]
        for each in principal_ids(differences[0].compiled.statement.principal):
            named = self.partition.named(each)
            typical = self._typical(named, each, is_own=is_own)
            meant = [
                (difference, callers & named) for difference, callers in left if callers & named
            ]
            found = [(difference, callers) for difference, callers in meant if callers & typical]
            if not found:
                continue
            covered = {difference.asked for difference, _ in found}
            yield self._row(_name(each, differences[0].compiled.statement), meant, covered)
            rest = (
                (difference, callers & ~named if difference.asked in covered else callers)
                for difference, callers in left
            )
            left = [(difference, callers) for difference, callers in rest if callers]
        alone: dict[int, list[tuple[Difference, int]]] = {}
        for difference, callers in left:
            for one in bits(callers):
                alone.setdefault(one, []).append((difference, 1 << one))
        for one, group in alone.items():
            covered = {difference.asked for difference, _ in group}
            yield self._row(_own_name(self.partition.members[one]), group, covered)

    def _typical(self, named: int, each: PrincipalId, *, is_own: bool) -> int:
        """Those whom an identifier means when it means many: its unnamed members."""
        if each.kind == "everyone":
            return named & self.members & (self.own if is_own else self.strangers) or named
        return named & self.members or named

    def _row(
        self,
        name: Name,
        differences: Sequence[tuple[Difference, int]],
        covered: set[tuple[ActionClass, ...]],
    ) -> Grant:
        chosen = [
            (difference, callers)
            for difference, callers in differences
            if difference.asked in covered
        ]
        compiled, pattern = chosen[0][0].compiled, chosen[0][0].pattern
        statement = compiled.statement
        return Grant(
            principal=name,
            actions=self._actions(
                compiled, frozenset(difference.asked for difference, _ in chosen)
            ),
            resource=resource_text(compiled, pattern),
            conditions=condition_texts(self.written.statements[compiled.index]),
            statement=compiled.index,
            sid=statement.sid,
            public=any(each.public for each, _ in chosen) and statement.principal is not None,
            cross_account=self._is_cross_account(chosen),
            own=not any(callers & ~self.own for _, callers in chosen),
            witness=self._witness(name, chosen),
            ranks=("not said", "not said"),
        )

    def _preferred(self, name: Name, callers: int) -> int:
        """Whom to show: of everyone a stranger, and of an account its root."""
        chosen = callers & self.strangers or callers if name.id == "*" else callers
        return chosen & self.roots or chosen & self.members or chosen

    def _witness(self, name: Name, differences: Sequence[tuple[Difference, int]]) -> Request:
        """The request to show: of a stranger, where one has the access."""
        for difference, _ in differences:
            if difference.public is not None and difference.asked[0].is_named:
                return self._spelled(self.search.request(difference, *difference.public))
        preferred = [self._preferred(name, callers) for _, callers in differences]
        best = self.strangers if name.id == "*" else self.partition.everyone
        ranked = [
            (not difference.asked[0].is_named, not chosen & best, not chosen & self.roots, number)
            for number, (difference, _) in enumerate(differences)
            for chosen in [preferred[number]]
        ]
        number = min(ranked)[-1]
        difference, chosen = differences[number][0], preferred[number]
        if difference.found is None:
            raise ValueError("what is not decided has no witness")
        principals = next(iter(self.partition.those(chosen)))
        return self._spelled(self.search.request(difference, principals, difference.found))

    def _spelled(self, request: Request) -> Request:
        """The request with the keys of its context as the policy writes them."""
        context = {self.keys.get(key, key): values for key, values in request.context.items()}
        return replace(request, context=context)

    def _actions(
        self, compiled: CompiledStatement, groups: frozenset[tuple[ActionClass, ...]]
    ) -> tuple[str, ...]:
        key = (compiled.index, groups)
        if key not in self.known:
            self.known[key] = _actions(compiled, [one for each in groups for one in each])
        return self.known[key]

    def _is_cross_account(self, differences: Sequence[tuple[Difference, int]]) -> bool:
        if self.registry is None:
            return False
        callers = 0
        for _, each in differences:
            callers |= each
        accounts = {each.caller.account for each in self.partition.those(callers)}
        return bool(accounts - {"", self.registry.account_id})


def order(row: Grant) -> tuple[object, ...]:
    """By which rows are sorted: public ones, other accounts', by name; but where no policy allows
    anything, and a Deny is all that is said, the own account's first.
    """
    name = row.principal
    return (
        "allowed" in row.ranks or not row.own,
        not row.public,
        not row.cross_account,
        name.kind,
        name.id,
        row.resource,
        row.conditions,
    )


def _merged(one: Grant, other: Grant) -> Grant:
    public = one.public or other.public
    witness = one.witness if one.public or not other.public else other.witness
    actions = tuple(sorted({*one.actions, *other.actions}))
    return replace(one, actions=actions, public=public, witness=witness)


def _actions(compiled: CompiledStatement, asked: Sequence[ActionClass]) -> tuple[str, ...]:
    """All named actions, and the patterns of those that have no name yet."""
    found = {one.name for one in asked if one.is_named}
    action = compiled.statement.action
    unnamed = [one.name for one in asked if not one.is_named]
    if unnamed and not action.negated:
        lower = list(map(fold, found))
        found.update(
            pattern.text
            for pattern in action.values
            if any(matches(pattern.folded, name) for name in unnamed)
            and not any(matches(pattern.folded, name) for name in lower)
        )
    return tuple(sorted(found or set(unnamed)))


def _name(each: PrincipalId, statement: Statement) -> Name:
    """An identifier of a policy as a name; of a policy without Principal whoever has it."""
    return Name(each.kind, each.text) if statement.principal else Name("attached", "*")


def _own_name(principals: PrincipalClass) -> Name:
    """A class of callers as a name, where no identifier of the policy means just it."""
    caller = principals.caller
    if principals.unique_id:
        return Name("unique-id", principals.unique_id)
    if principals.is_any and caller.account:
        kind = "root" if caller.kind == "account" else caller.kind
        return Name(kind, principals.account or "*")
    if principals.is_any or caller.kind == "anonymous":
        return Name(caller.kind, "*")
    return Name("root" if caller.kind == "account" else caller.kind, caller.text)
