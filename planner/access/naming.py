"""Differences gathered into rows that people read: who, what, where, under which condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from planner.access.boxes import Box
from planner.access.comparison import Doubt, Name, Row
from planner.access.narrowing import narrows
from planner.access.request import Request
from planner.access.universe import Asked, Crowd, Someone, bits, principal_ids
from planner.access.work import Entry
from planner.automata.pattern import matches
from planner.policy.document import Condition, Statement
from planner.policy.principal import PrincipalId
from planner.registry import Registry
from planner.text import fold, word


def resource_text(box: Box, pattern: int) -> str:
    """One pattern of a statement's Resource, as the policy spells it."""
    resource = box.statement.resource
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
    """Gathers entries into rows."""

    def __init__(self, crowd: Crowd, registry: Registry | None) -> None:
        self.crowd = crowd
        self.registry = registry
        self.members = crowd.where(_is_member)
        self.strangers = crowd.where(_is_stranger)
        self.known: dict[tuple[int, frozenset[tuple[Asked, ...]]], tuple[str, ...]] = {}
        self.roots = crowd.where(lambda each: each.caller.kind == "account")

    def rows(self, entries: Sequence[Entry]) -> tuple[Row, ...]:
        """The rows: public ones first, then those of other accounts, then by name."""
        groups: dict[tuple[int, int], list[Entry]] = {}
        for entry in entries:
            groups.setdefault((entry.box.index, entry.pattern), []).append(entry)
        rows: dict[tuple[Name, str, tuple[str, ...]], Row] = {}
        for group in groups.values():
            for row in self._rows(group):
                key = (row.principal, row.resource, row.conditions)
                rows[key] = _merged(rows[key], row) if key in rows else row
        return tuple(sorted(rows.values(), key=order))

    def doubt(self, entry: Entry) -> Doubt:
        """What cannot be decided, with the principal as the policy names it."""
        statement = entry.box.statement
        wrong = {each.element: each.malformed[0] for each in entry.box.unclear}
        if "Principal" in wrong:
            name = Name("malformed", wrong["Principal"].text)
        elif means := [
            each
            for each in principal_ids(statement.principal)
            if self.crowd.named(each) & entry.callers
        ]:
            name = _name(means[0])
        else:
            name = _own_name(next(iter(self.crowd.those(entry.callers))))
        resource = resource_text(entry.box, entry.pattern)
        resource = wrong["Resource"].text if "Resource" in wrong else resource
        texts = condition_texts(statement)
        return Doubt(entry.reason, name, resource, texts, entry.box.index, statement.sid)

    def _rows(self, entries: Sequence[Entry]) -> Iterable[Row]:
        """The rows of one pattern of one Allow."""
        left = [(entry, entry.callers) for entry in entries]
        for each in principal_ids(entries[0].box.statement.principal):
            named = self.crowd.named(each)
            typical = self._typical(named, each)
            meant = [(entry, callers & named) for entry, callers in left if callers & named]
            found = [(entry, callers) for entry, callers in meant if callers & typical]
            if not found:
                continue
            covered = {entry.asked for entry, _ in found}
            yield self._row(_name(each), meant, covered)
            rest = (
                (entry, callers & ~named if entry.asked in covered else callers)
                for entry, callers in left
            )
            left = [(entry, callers) for entry, callers in rest if callers]
        alone: dict[int, list[tuple[Entry, int]]] = {}
        for entry, callers in left:
            for one in bits(callers):
                alone.setdefault(one, []).append((entry, 1 << one))
        for one, group in alone.items():
            covered = {entry.asked for entry, _ in group}
            yield self._row(_own_name(self.crowd.members[one]), group, covered)

    def _typical(self, named: int, each: PrincipalId) -> int:
        """Those whom an identifier means when it means many: its unnamed members."""
        if each.kind == "everyone":
            return named & self.members & self.strangers or named
        return named & self.members or named

    def _row(
        self, name: Name, entries: Sequence[tuple[Entry, int]], covered: set[tuple[Asked, ...]]
    ) -> Row:
        chosen = [(entry, callers) for entry, callers in entries if entry.asked in covered]
        box, pattern = chosen[0][0].box, chosen[0][0].pattern
        statement = box.statement
        is_public = name.id == "*" and name.kind in _PUBLIC
        return Row(
            principal=name,
            actions=self._actions(box, frozenset(entry.asked for entry, _ in chosen)),
            resource=resource_text(box, pattern),
            conditions=condition_texts(statement),
            statement=box.index,
            sid=statement.sid,
            public=is_public and not narrows(statement.conditions),
            cross_account=self._is_cross_account(chosen),
            witness=self._witness(name, chosen),
        )

    def _preferred(self, name: Name, callers: int) -> int:
        """Whom to show: of everyone a stranger, and of an account its root."""
        chosen = callers & self.strangers or callers if name.id == "*" else callers
        return chosen & self.roots or chosen & self.members or chosen

    def _witness(self, name: Name, entries: Sequence[tuple[Entry, int]]) -> Request:
        """The request to show, with every key in its context that the statement looks at."""
        preferred = [self._preferred(name, callers) for _, callers in entries]
        best = self.strangers if name.id == "*" else self.crowd.everyone
        ranked = [
            (not entry.asked[0].is_named, not chosen & best, not chosen & self.roots, number)
            for number, (entry, _) in enumerate(entries)
            for chosen in [preferred[number]]
        ]
        number = min(ranked)[-1]
        entry, chosen = entries[number][0], preferred[number]
        if entry.found is None:
            raise ValueError("a doubt has no witness")
        someone = next(iter(self.crowd.those(chosen)))
        where = entry.found.circumstances
        caller = where.caller or someone.caller
        request = Request(caller, entry.asked[0].name, entry.found.resource, where.context)
        full = request.full_context()
        looked_at = {test.key for test in entry.box.tests if test.key in full}
        return replace(request, context={**{key: full[key] for key in looked_at}, **where.context})

    def _actions(self, box: Box, groups: frozenset[tuple[Asked, ...]]) -> tuple[str, ...]:
        key = (box.index, groups)
        if key not in self.known:
            self.known[key] = _actions(box, [one for each in groups for one in each])
        return self.known[key]

    def _is_cross_account(self, entries: Sequence[tuple[Entry, int]]) -> bool:
        if self.registry is None:
            return False
        callers = 0
        for _, each in entries:
            callers |= each
        accounts = {each.caller.account for each in self.crowd.those(callers)}
        return bool(accounts - {"", self.registry.account_id})


def _is_stranger(someone: Someone) -> bool:
    """Whether the class is of callers in any account that no policy names."""
    return someone.is_any and bool(someone.caller.account) and not someone.account


def _is_member(someone: Someone) -> bool:
    """Whether the class is of many users or roles, of one account or of any."""
    return someone.is_any and bool(someone.caller.account) and someone.caller.kind != "account"


def order(row: Row) -> tuple[object, ...]:
    """By which rows are sorted: public first, then those of other accounts, then by name."""
    name = row.principal
    return not row.public, not row.cross_account, name.kind, name.id, row.resource, row.conditions


def _merged(one: Row, other: Row) -> Row:
    return replace(one, actions=tuple(sorted({*one.actions, *other.actions})))


_PUBLIC = ("everyone", "anonymous", "account", "role", "user")


def _actions(box: Box, asked: Sequence[Asked]) -> tuple[str, ...]:
    """All named actions, and the patterns of those that have no name yet."""
    found = {one.name for one in asked if one.is_named}
    action = box.statement.action
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


def _own_name(someone: Someone) -> Name:
    """A class of callers as a name, where no identifier of the policy means just it."""
    caller = someone.caller
    if someone.is_any and caller.account:
        kind = "root" if caller.kind == "account" else caller.kind
        return Name(kind, someone.account or "*")
    if someone.is_any or caller.kind == "anonymous":
        return Name(caller.kind, "*")
    return Name("root" if caller.kind == "account" else caller.kind, caller.text)
