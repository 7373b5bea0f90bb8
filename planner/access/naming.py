"""Differences gathered into rows that people read: who, what, where, under which condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.access.comparison import Grant, Name, Undecided
from planner.access.narrowing import narrows
from planner.access.policy_difference import Difference
from planner.access.principal_classes import (
    ActionClass,
    PrincipalClass,
    PrincipalPartition,
    bits,
    principal_ids,
)
from planner.access.request import Request
from planner.access.statement_solver import CompiledStatement
from planner.automata.pattern import matches
from planner.policy.document import Condition, Statement
from planner.policy.principal import PrincipalId
from planner.registry import Registry
from planner.text import fold, word


def resource_text(compiled: CompiledStatement, pattern: int) -> str:
    """One pattern of a statement's Resource, as the policy spells it."""
    resource = compiled.statement.resource
    if resource is None:
        return "*"
    if resource.negated:
        return f"* but {', '.join(map(word, resource.texts))}"
    return resource.values[pattern].text


def condition_texts(statement: Statement) -> tuple[str, ...]:
    """The conditions of a statement, each as one text."""
    return tuple(map(condition_text, statement.conditions))


def condition_text(condition: Condition) -> str:
    """A condition as one line."""
    values = ", ".join(map(word, condition.texts))
    return f"{condition.operator} {condition.key.spelled} {values}".strip()


class Names:
    """Gathers differences into rows."""

    def __init__(self, partition: PrincipalPartition, registry: Registry | None) -> None:
        self.partition = partition
        self.registry = registry
        self.members = partition.where(_is_member)
        self.strangers = partition.where(_is_stranger)
        self.known: dict[tuple[int, frozenset[tuple[ActionClass, ...]]], tuple[str, ...]] = {}
        self.roots = partition.where(lambda each: each.caller.kind == "account")

    def rows(self, differences: Sequence[Difference]) -> tuple[Grant, ...]:
        """The rows: public ones first, then those of other accounts, then by name."""
        groups: dict[tuple[int, int], list[Difference]] = {}
        for difference in differences:
            groups.setdefault((difference.compiled.index, difference.pattern), []).append(
                difference
            )
        rows: dict[tuple[Name, str, tuple[str, ...]], Grant] = {}
        for group in groups.values():
            for row in self._rows(group):
                key = (row.principal, row.resource, row.conditions)
                rows[key] = _merged(rows[key], row) if key in rows else row
        return tuple(sorted(rows.values(), key=order))

    def doubt(self, difference: Difference) -> Undecided:
        """What cannot be decided, with the principal as the policy names it."""
        statement = difference.compiled.statement
        wrong = {each.element: each.malformed[0] for each in difference.compiled.unclear}
        if "Principal" in wrong:
            name = Name("malformed", wrong["Principal"].text)
        elif means := [
            each
            for each in principal_ids(statement.principal)
            if self.partition.named(each) & difference.callers
        ]:
            name = _name(means[0])
        else:
            name = _own_name(next(iter(self.partition.those(difference.callers))))
        resource = resource_text(difference.compiled, difference.pattern)
        resource = wrong["Resource"].text if "Resource" in wrong else resource
        texts = condition_texts(statement)
        return Undecided(
            difference.reason, name, resource, texts, difference.compiled.index, statement.sid
        )

    def _rows(self, differences: Sequence[Difference]) -> Iterable[Grant]:
        """The rows of one pattern of one Allow."""
        left = [(difference, difference.callers) for difference in differences]
        for each in principal_ids(differences[0].compiled.statement.principal):
            named = self.partition.named(each)
            typical = self._typical(named, each)
            meant = [
                (difference, callers & named) for difference, callers in left if callers & named
            ]
            found = [(difference, callers) for difference, callers in meant if callers & typical]
            if not found:
                continue
            covered = {difference.asked for difference, _ in found}
            yield self._row(_name(each), meant, covered)
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

    def _typical(self, named: int, each: PrincipalId) -> int:
        """Those whom an identifier means when it means many: its unnamed members."""
        if each.kind == "everyone":
            return named & self.members & self.strangers or named
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
        is_public = name.id == "*" and name.kind in _PUBLIC
        return Grant(
            principal=name,
            actions=self._actions(
                compiled, frozenset(difference.asked for difference, _ in chosen)
            ),
            resource=resource_text(compiled, pattern),
            conditions=condition_texts(statement),
            statement=compiled.index,
            sid=statement.sid,
            public=is_public and not narrows(statement.conditions),
            cross_account=self._is_cross_account(chosen),
            witness=self._witness(name, chosen),
        )

    def _preferred(self, name: Name, callers: int) -> int:
        """Whom to show: of everyone a stranger, and of an account its root."""
        chosen = callers & self.strangers or callers if name.id == "*" else callers
        return chosen & self.roots or chosen & self.members or chosen

    def _witness(self, name: Name, differences: Sequence[tuple[Difference, int]]) -> Request:
        """The request to show, with every key in its context that the statement looks at."""
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
            raise ValueError("a doubt has no witness")
        principals = next(iter(self.partition.those(chosen)))
        where = difference.found.model
        caller = where.caller or principals.caller
        request = Request(
            caller, difference.asked[0].name, difference.found.resource, where.context
        )
        full = request.full_context()
        looked_at = {test.key for test in difference.compiled.tests if test.key in full}
        return replace(request, context={**{key: full[key] for key in looked_at}, **where.context})

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


def _is_stranger(principals: PrincipalClass) -> bool:
    """Whether the class is of callers in any account that no policy names."""
    return principals.is_any and bool(principals.caller.account) and not principals.account


def _is_member(principals: PrincipalClass) -> bool:
    """Whether the class is of many users or roles, of one account or of any."""
    return (
        principals.is_any
        and bool(principals.caller.account)
        and principals.caller.kind != "account"
    )


def order(row: Grant) -> tuple[object, ...]:
    """By which rows are sorted: public first, then those of other accounts, then by name."""
    name = row.principal
    return not row.public, not row.cross_account, name.kind, name.id, row.resource, row.conditions


def _merged(one: Grant, other: Grant) -> Grant:
    return replace(one, actions=tuple(sorted({*one.actions, *other.actions})))


_PUBLIC = ("everyone", "anonymous", "account", "role", "user")


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


def _name(each: PrincipalId) -> Name:
    """An identifier of a policy as a name."""
    return Name(each.kind, each.text)


def _own_name(principals: PrincipalClass) -> Name:
    """A class of callers as a name, where no identifier of the policy means just it."""
    caller = principals.caller
    if principals.is_any and caller.account:
        kind = "root" if caller.kind == "account" else caller.kind
        return Name(kind, principals.account or "*")
    if principals.is_any or caller.kind == "anonymous":
        return Name(caller.kind, "*")
    return Name("root" if caller.kind == "account" else caller.kind, caller.text)
