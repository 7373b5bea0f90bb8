"""Differences gathered into rows that people read: who, what, where, under which condition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from planner.access.boxes import Box
from planner.access.comparison import Doubt, Name, Row
from planner.access.evaluate import Request
from planner.access.globs import matches
from planner.access.principals import is_meant
from planner.access.universe import Asked, Someone, principal_ids
from planner.errors import PlannerError
from planner.policy.actions import spell_action
from planner.policy.document import Condition, Principal, Statement
from planner.policy.names import spell_condition_key
from planner.registry import Registry
from planner.text import fold, word

_NARROWING = frozenset(
    "aws:principalorgid aws:principalorgpaths aws:principalaccount aws:principalarn "
    "aws:principalservicename aws:userid aws:sourceaccount aws:sourcearn aws:sourceip "
    "aws:sourceorgid aws:sourceorgpaths aws:sourcevpc aws:sourcevpcarn aws:sourcevpce "
    "aws:vpcsourceip aws:vpceaccount aws:vpceorgid aws:vpceorgpaths".split()
)
"""Keys that say who calls or from where, as S3 counts them:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
_EVERYTHING = ("*", "0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Entry:
    """One difference: an Allow, one of its patterns, a class of callers and a request.

    `asked` are the actions for which the same is true; the request is of the first.
    """

    box: Box
    pattern: int
    someone: Someone
    asked: tuple[Asked, ...]
    request: Request

    @property
    def resource(self) -> str:
        """The pattern as the policy spells it."""
        resource = self.box.statement.resource
        if resource is None:
            return "*"
        if resource.negated:
            return f"* but {', '.join(map(word, resource.values))}"
        return resource.values[self.pattern]

    @property
    def doubt(self) -> Doubt:
        """The same as something that could not be decided."""
        statement = self.box.statement
        name = _own_name(self.someone)
        texts = condition_texts(statement)
        return Doubt("", name, self.resource, texts, self.box.index, statement.sid)


def condition_texts(statement: Statement) -> tuple[str, ...]:
    """The conditions of a statement, each as one text."""
    return tuple(map(_condition_text, statement.conditions))


def _condition_text(condition: Condition) -> str:
    values = ", ".join(map(word, condition.values))
    return f"{condition.operator} {spell_condition_key(condition.key)} {values}".strip()


def example_registry(statements: Sequence[Statement]) -> Registry:
    """The one registry that the policies name, or one that shows what an ARN looks like."""
    found: set[Registry] = set()
    for statement in statements:
        for each in statement.resource.values if statement.resource else ():
            parts = each.split(":")
            if len(parts) > 5 and parts[2] == "ecr":  # noqa: PLR2004 (the fields of an ARN)
                try:
                    found.add(Registry(parts[1], parts[4], parts[3]))
                except PlannerError:
                    continue
    return found.pop() if len(found) == 1 else Registry("aws", "123456789012", "us-east-1")


def rows_of(entries: Sequence[Entry], registry: Registry | None) -> tuple[Row, ...]:
    """The rows: public ones first, then those of other accounts, then by name."""
    groups: dict[tuple[int, int], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.box.index, entry.pattern), []).append(entry)
    rows: dict[tuple[Name, str, tuple[str, ...]], Row] = {}
    for group in groups.values():
        for row in _rows_of_one(group, registry):
            key = (row.principal, row.resource, row.conditions)
            rows[key] = _merged(rows[key], row) if key in rows else row
    order = sorted(rows.values(), key=_order)
    return tuple(order)


def _order(row: Row) -> tuple[object, ...]:
    name = row.principal
    return not row.public, not row.cross_account, name.kind, name.id, row.resource, row.conditions


def _merged(one: Row, other: Row) -> Row:
    return replace(one, actions=tuple(sorted({*one.actions, *other.actions})))


def _rows_of_one(entries: Sequence[Entry], registry: Registry | None) -> Iterable[Row]:
    """The rows of one pattern of one Allow."""
    left = list(entries)
    for kind, identifier in principal_ids(entries[0].box.statement.principal):
        principal = Principal(((kind, (identifier,)),))
        covered = [is_meant(principal, each.someone.caller) for each in left]
        meant = [each for each, is_covered in zip(left, covered, strict=True) if is_covered]
        typical = [each for each in meant if _is_typical(each.someone, identifier)]
        if not typical:
            continue
        covering = {each.asked for each in typical}
        yield _row(_name(kind, identifier), typical, _first_request(meant, typical), registry)
        left = [
            each
            for each, is_covered in zip(left, covered, strict=True)
            if not is_covered or each.asked not in covering
        ]
    alone: dict[Someone, list[Entry]] = {}
    for entry in left:
        alone.setdefault(entry.someone, []).append(entry)
    for someone, group in alone.items():
        yield _row(_own_name(someone), group, group[0].request, registry)


def _is_typical(someone: Someone, identifier: str) -> bool:
    """Whether an identifier means somebody like this one when it means many."""
    caller = someone.caller
    if identifier == "*":
        return someone.is_any and not someone.account and caller.kind != "account"
    is_account = not caller.account or identifier.isdigit() or identifier.endswith(":root")
    return someone.is_any if is_account and caller.account else True


def _first_request(covered: Sequence[Entry], typical: Sequence[Entry]) -> Request:
    """The request to show: an ECR action first, and the root of an account for the account."""
    best = min(typical, key=lambda each: not each.asked[0].is_named)
    account = best.someone.account
    for each in covered:
        is_root = each.someone.caller.kind == "account" and each.asked == best.asked
        if is_root and (each.someone.caller.account == account or each.someone.is_any):
            return each.request
    return best.request


def _row(name: Name, entries: Sequence[Entry], request: Request, registry: Registry | None) -> Row:
    entry = entries[0]
    statement = entry.box.statement
    return Row(
        principal=name,
        actions=_actions(entries),
        resource=entry.resource,
        conditions=condition_texts(statement),
        statement=entry.box.index,
        sid=statement.sid,
        public=name.id == "*" and name.kind in _PUBLIC and not _is_narrowed(statement),
        cross_account=_is_cross_account(entries, registry),
        witness=_shown(request, entry.box),
    )


_PUBLIC = ("everyone", "anonymous", "account", "role", "user")


def _shown(request: Request, box: Box) -> Request:
    """The request with every key in its context that the statement looks at, if it has it."""
    full = request.full_context()
    looked_at = {test.key for test in box.tests if test.key in full}
    return replace(request, context={**{key: full[key] for key in looked_at}, **request.context})


def _actions(entries: Sequence[Entry]) -> tuple[str, ...]:
    """All named actions, and the patterns of those that have no name yet."""
    asked = [one for each in entries for one in each.asked]
    named = {one.name for one in asked if one.is_named}
    lower = set(map(fold, named))
    found = {spell_action(name) for name in named}
    action = entries[0].box.statement.action
    for one in asked:
        if not one.is_named and not action.negated:
            found.update(
                pattern
                for pattern in action.values
                if matches(fold(pattern), one.name)
                and not any(matches(fold(pattern), name) for name in lower)
            )
    return tuple(sorted(found or {one.name for one in asked}))


def _is_cross_account(entries: Sequence[Entry], registry: Registry | None) -> bool:
    if registry is None:
        return False
    accounts = {each.someone.caller.account for each in entries}
    return bool(accounts - {"", registry.account_id})


def _is_narrowed(statement: Statement) -> bool:
    """Whether a condition admits only some callers or places."""
    return any(map(_narrows, statement.conditions))


def _narrows(condition: Condition) -> bool:
    operator = fold(condition.operator)
    if "not" in operator or operator.endswith("ifexists") or operator.startswith("forallvalues"):
        return False
    broad = any(not value.strip("*?:") or value in _EVERYTHING for value in condition.values)
    return fold(condition.key) in _NARROWING and operator != "null" and not broad


def _name(kind: str, identifier: str) -> Name:
    """An identifier of a policy as a name."""
    if kind == "AWS":
        if identifier == "*":
            return Name("everyone", "*")
        if identifier.isdigit():
            return Name("account", identifier)
        for part, known in _KINDS.items():
            if part in identifier:
                return Name(known, identifier)
        return Name("account", identifier)
    names = {"Service": "service", "Federated": "federated", "CanonicalUser": "canonical"}
    return Name(names.get(kind, kind), identifier)


_KINDS = {
    ":role/": "role",
    ":user/": "user",
    ":assumed-role/": "session",
    ":federated-user/": "federated-user",
}


def _own_name(someone: Someone) -> Name:
    """A class of callers as a name, where no identifier of the policy means just it."""
    caller = someone.caller
    if someone.is_any and caller.account:
        kind = "root" if caller.kind == "account" else caller.kind
        return Name(kind, someone.account or "*")
    if someone.is_any or caller.kind == "anonymous":
        return Name(caller.kind, "*")
    return Name("root" if caller.kind == "account" else caller.kind, caller.text)
