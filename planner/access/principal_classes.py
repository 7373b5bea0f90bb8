"""Whoever may call: classes of callers that two policies cannot tell apart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from planner.access.request import ANONYMOUS, Caller, CallerKind, caller_of, is_meant, root_of
from planner.policy.document import EVERYONE, Principal, Statement
from planner.policy.keys import parse_key
from planner.policy.principal import PrincipalId, parse_principal, type_of
from planner.registry import ACCOUNT_ID, Registry

_STRANGERS = ("999999999999", "999999999998", "999999999997")


@dataclass(frozen=True, slots=True)
class PrincipalClass:
    """A class of callers, and `caller`, one of them.

    `is_any` marks a class of many callers; then `account` is the one they are in, or empty
    for any account that no policy names. `excluded` are callers who are classes of their own.
    `roles` are patterns of what the ARN of a session's role may be, which its own ARN does not
    tell: it leaves out the path. `unique_id` is that of a user or role where a policy names it;
    who has one of `other_ids` is in another class.
    """

    caller: Caller
    is_any: bool = False
    account: str = ""
    excluded: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    unique_id: str = ""
    other_ids: tuple[str, ...] = ()

    @property
    def is_fresh(self) -> bool:
        """Whether the class is of callers in any account that no policy names."""
        return self.is_any and bool(self.caller.account) and not self.account

    @property
    def is_member(self) -> bool:
        """Whether the class is of many users or roles, of one account or of any."""
        return self.is_any and bool(self.caller.account) and self.caller.kind != "account"

    @property
    def is_stranger(self) -> bool:
        """Whether a stranger may be one of the class: nobody else's id is among its marks."""
        return self.is_fresh and not self.unique_id

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """The condition keys by which a Principal may name the class."""
        found: dict[str, tuple[str, ...]] = {}
        if self.unique_id:
            is_user = self.caller.kind == "user"
            name = (
                self.caller.text.rpartition("/")[2] if self.caller.kind == "session" else "session"
            )
            found[_USER_ID] = (self.unique_id if is_user else f"{self.unique_id}:{name}",)
        return found

    @property
    def user_id_expression(self) -> str:
        """What `aws:userid` looks like, as a regular expression; empty where it follows.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
        """
        kind = self.caller.kind
        if kind == "user":
            return self.unique_id or "AIDA[A-Z0-9]{12,}"
        if kind not in ("role", "session"):
            return ""
        role = self.unique_id or "AROA[A-Z0-9]{12,}"
        session = self.caller.text.rpartition("/")[2]
        return f"{role}:{re.escape(session) if kind == 'session' else SESSION_NAME}"

    def excluded_values(self, key: str) -> Iterator[str]:
        """Patterns of the values of a key that callers of other classes have."""
        if key == _USER_ID:
            yield from (form for each in self.other_ids for form in (each, f"{each}:*"))


class PrincipalPartition:
    """All classes of callers; a set of them is the bits of an integer."""

    def __init__(self, members: Sequence[PrincipalClass]) -> None:
        self.members = members
        self.everyone = (1 << len(members)) - 1
        self._by_name: dict[tuple[str, ...], int] = {}
        for number, principals in enumerate(members):
            caller = principals.caller
            names: list[tuple[str, ...]] = [("is", type_of(caller.kind), caller.text)]
            if caller.account:
                names.append(("in", caller.account))
                names.append(("in", caller.partition, caller.account))
            if caller.kind in ("role", "session"):
                names.append(("has", caller.partition, caller.account, caller.name))
            names.append(("marked", principals.unique_id))
            for name in names:
                self._by_name[name] = self._by_name.get(name, 0) | 1 << number

    def named(self, each: PrincipalId) -> int:
        """Those whom one identifier of a Principal surely means, as `is_meant` decides it."""
        if each.kind == "everyone":
            return self.everyone
        if each.kind == "account":
            return self._get("in", *filter(None, (each.partition, each.account)))
        if each.kind == "role":
            return self._get("has", each.partition, each.account, each.name)
        if each.kind == "unique-id":
            return self._get("marked", each.text)
        return self._get("is", each.type, each.text)

    def _get(self, *name: str) -> int:
        return self._by_name.get(name, 0)

    def meant(self, statement: Statement, *, is_open: bool = False) -> int:
        """Those to whom a statement's Principal or NotPrincipal applies.

        With `is_open` those of whom NotPrincipal leaves it open.
        """
        principal, effect = statement.principal, statement.effect
        if principal is None:
            return self.everyone
        if principal.negated:
            wanted = None if is_open else True
            return self.where(
                lambda each: is_meant(principal, each.caller, effect, each.context) is wanted
            )
        found = 0
        for each in principal:
            found |= self.named(each)
        return found

    def where(self, holds: Callable[[PrincipalClass], bool]) -> int:
        """Those of whom `holds` is true."""
        return sum(1 << number for number, each in enumerate(self.members) if holds(each))

    def those(self, chosen: int) -> Iterable[PrincipalClass]:
        """The classes of a set, in their order."""
        return (self.members[number] for number in bits(chosen))


def bits(chosen: int) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while chosen:
        lowest = chosen & -chosen
        yield lowest.bit_length() - 1
        chosen ^= lowest


_USER_ID = "aws:userid"
SESSION_NAME = "[A-Za-z0-9_+=,.@-]{2,64}"
_COMMON = {"aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths"}


def principal_classes(
    statements: Sequence[Statement], registry: Registry | None
) -> list[PrincipalClass]:
    """Every class of callers, those first whom a witness rather names.

    No call crosses partitions: with a registry nobody of another one is among them.
    """
    named = _named(statements, registry)
    partitions = {each.partition for each in named if each.account}
    partitions.add(registry.partition if registry else "aws")
    accounts = {each.account for each in named if each.account}
    accounts |= {registry.account_id} if registry else set()
    accounts |= _accounts_of_patterns(statements)
    texts = tuple(sorted(each.text for each in named))
    keys = {each.key.folded for one in statements for each in one.conditions}
    is_divided = any(map(_tells_kinds_apart, keys)) or any(map(_tells_users, statements))
    kinds = _MEMBERS if is_divided else _MEMBERS[:1]
    found = [PrincipalClass(each, roles=_roles_of(each, named)) for each in named]
    stranger = next(each for each in _spare_accounts() if each not in accounts)
    for partition in sorted(partitions):
        for account in sorted(accounts):
            root = root_of(account, partition)
            found.extend([PrincipalClass(root)] if root not in named else [])
            own = tuple(each for each in texts if f":{account}:" in each)
            members = _members(partition, account, own, kinds)
            found.extend(PrincipalClass(each, True, account, own) for each in members)  # noqa: FBT003 (a value)
        others = tuple(sorted(accounts))
        callers = (root_of(stranger, partition), *_members(partition, stranger, (), kinds))
        found.extend(PrincipalClass(each, True, "", others) for each in callers)  # noqa: FBT003 (a value)
    unnamed = (
        Caller("service", _spare("unnamed{}.amazonaws.com", texts)),
        Caller("federated", _spare("unnamed{}.example.com", texts)),
        Caller("canonical", _spare("{:0>64}", texts)),
    )
    found.extend(PrincipalClass(each, is_any=True, excluded=texts) for each in unnamed)
    marked = _marked(found, statements)
    return marked if registry else [*marked, PrincipalClass(ANONYMOUS)]


def _marked(
    classes: Sequence[PrincipalClass], statements: Sequence[Statement]
) -> list[PrincipalClass]:
    """The classes, those of users and roles once more for each unique id that is named."""
    ids = {each for one in statements for each in one.principal or ()}
    users, roles = (
        tuple(sorted(e.text for e in ids if e.kind == "unique-id" and e.text.startswith(start)))
        for start in ("AIDA", "AROA")
    )
    found: list[PrincipalClass] = []
    more: list[PrincipalClass] = []
    for each in classes:
        kind = each.caller.kind
        own = users if kind == "user" else roles if kind in ("role", "session") else ()
        found.append(replace(each, other_ids=own))
        more.extend(replace(each, unique_id=unique_id) for unique_id in own)
    return [*found, *more]


def _tells_kinds_apart(key: str) -> bool:
    """Whether users and roles of one account differ in a key, or in having it."""
    row = parse_key(key).row
    apart = row.of_caller or row.holders or row.always_with
    return bool(apart) and key not in _COMMON


def _tells_users(statement: Statement) -> bool:
    """Whether a statement names a unique id, of whom it does not say, or has a variable."""
    if any(each.kind == "unique-id" for each in statement.principal or ()):
        return True
    resources = statement.resource.texts if statement.resource else ()
    values = (text for condition in statement.conditions for text in condition.texts)
    return any("${" in text for text in (*resources, *values))


def _spare(form: str, taken: Sequence[str]) -> str:
    """A name of this form that no policy names."""
    names = (form.format(number or "") for number in itertools.count())
    return next(each for each in names if each not in taken)


def _spare_accounts() -> Iterable[str]:
    yield from _STRANGERS
    yield from (str(number) for number in range(999_999_990_000, 10**12))


def _roles_of(caller: Caller, named: Sequence[Caller]) -> tuple[str, ...]:
    """The ARN of a session's role: one that a policy names, or any with its name."""
    if caller.kind != "session":
        return ()
    role = (caller.partition, caller.account, caller.name)
    known = tuple(
        each.text
        for each in named
        if each.kind == "role" and (each.partition, each.account, each.name) == role
    )
    path, _, name = caller.arn.rpartition("/")
    return known or (caller.arn, f"{path}/*/{name}")


_MEMBERS: tuple[tuple[str, CallerKind], ...] = (
    ("iam", "role"),
    ("iam", "user"),
    ("sts", "federated-user"),
)


def _members(
    partition: str, account: str, texts: Sequence[str], kinds: Sequence[tuple[str, CallerKind]]
) -> Iterable[Caller]:
    """A caller of each kind in an account, none of them named by a policy."""
    for service, kind in kinds:
        names = (f"someone{number or ''}" for number in range(len(texts) + 1))
        name = next(each for each in names if not any(each in text for text in texts))
        arn = f"arn:{partition}:{service}::{account}:{kind}/{name}"
        yield Caller(kind, arn, partition, account, name)


def _named(statements: Sequence[Statement], registry: Registry | None) -> list[Caller]:
    """The callers that principals and conditions name, those of other partitions left out."""
    found: dict[PrincipalId, None] = {}
    for statement in statements:
        found.update(dict.fromkeys(statement.principal or ()))
        for condition in statement.conditions:
            kind = _KEYS.get(condition.key.spelled)
            texts = condition.texts if kind else ()
            found.update(dict.fromkeys(parse_principal(kind or "", each) for each in texts))
    partition = registry.partition if registry else "aws"
    callers = (
        caller_of(each, partition)
        for each in found
        if not (registry and each.is_foreign(partition))
    )
    return list(dict.fromkeys(each for each in callers if each is not None))


def _accounts_of_patterns(statements: Sequence[Statement]) -> set[str]:
    """The accounts that patterns of ARNs and ids name, though no one in them."""
    texts = (
        text
        for statement in statements
        for condition in statement.conditions
        if condition.key.folded in ("aws:principalarn", _USER_ID)
        for text in condition.texts
    )
    fields = (field for text in texts for field in text.split(":"))
    return {each for each in fields if ACCOUNT_ID.fullmatch(each)}


_KEYS = {
    "aws:PrincipalArn": "AWS",
    "aws:PrincipalAccount": "AWS",
    "aws:PrincipalServiceName": "Service",
}


def principal_ids(principal: Principal | None) -> list[PrincipalId]:
    """The identifiers of a Principal; everyone where it is missing or negated."""
    if principal is None or principal.negated:
        return list(EVERYONE[0][1])
    return list(principal)
