"""Whoever may call, and whatever they may ask for: classes that two policies cannot tell apart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from planner.access.request import ANONYMOUS, Caller, CallerKind, caller_of, is_meant, root_of
from planner.access.shapes import actions as action_names
from planner.access.variables import glob_tokens
from planner.automata.automaton import Budget, Language, find_text
from planner.automata.pattern import matches
from planner.policy.action import ecr_actions
from planner.policy.document import EVERYONE, Principal, Statement
from planner.policy.principal import PrincipalId, parse_principal, type_of
from planner.registry import Registry

_STRANGERS = ("999999999999", "999999999998", "999999999997")


@dataclass(frozen=True, slots=True)
class PrincipalClass:
    """A class of callers, and `caller`, one of them.

    `is_any` marks a class of many callers; then `account` is the one they are in, or empty
    for any account that no policy names. `excluded` are callers who are classes of their own.
    `roles` are patterns of what the ARN of a session's role may be, which its own ARN does not
    tell: it leaves out the path.
    """

    caller: Caller
    is_any: bool = False
    account: str = ""
    excluded: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


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
            return self.where(lambda each: is_meant(principal, each.caller, effect) is wanted)
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


_CALLER_KEYS = ("aws:principalarn", "aws:principaltype", "aws:username", "aws:userid")


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
    texts = tuple(sorted(each.text for each in named))
    keys = {each.key.folded for one in statements for each in one.conditions}
    kinds = _MEMBERS if keys.intersection(_CALLER_KEYS) else _MEMBERS[:1]
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
    return [*found, PrincipalClass(ANONYMOUS)]


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
        names = (f"principals{number or ''}" for number in range(len(texts) + 1))
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


_KEYS = {
    "aws:PrincipalArn": "AWS",
    "aws:PrincipalAccount": "AWS",
    "aws:PrincipalServiceName": "Service",
}


@dataclass(frozen=True, slots=True)
class ActionClass:
    """An action that may be asked for, in its documented spelling where it has one.

    `resources` tells what it works on: `repository`, `none` (only the Resource `*`) or `any`
    where it is not known. `is_named` is false for one that stands for all that no policy
    names and ECR does not have (yet).
    """

    name: str
    resources: str
    is_named: bool = True


_TOLD_FIRST = ("ecr:replicateimage", "ecr:putimage", "ecr:batchgetimage")
"""What a witness rather does, if it may do it among other things."""


def action_classes(
    statements: Sequence[Statement], registry: Registry | None, budget: Budget
) -> list[ActionClass]:
    """Every action that two policies may tell apart, ECR's first."""
    values = [each for one in statements for each in one.action.values if not each.malformed]
    patterns = sorted({each.folded for each in values})
    known = ecr_actions()
    told_first = sorted(known, key=lambda name: (name not in _TOLD_FIRST, name))
    found = [
        ActionClass(known[name].name, "repository" if known[name].resource_types else "none")
        for name in told_first
    ]
    literal = [each for each in patterns if "*" not in each and "?" not in each]
    wild = [each for each in patterns if each not in literal]
    prefix = "ecr:" if registry else ""
    others = [each for each in literal if each not in known and each.startswith(prefix)]
    spelled = {each.folded: each.text for each in values}
    found.extend(ActionClass(spelled[each], "any") for each in others)
    fresh = _regions(wild, [*known, *literal], "ecr" if registry else "", budget)
    return [*found, *(ActionClass(each, "any", is_named=False) for each in fresh)]


def _regions(
    patterns: Sequence[str], taken: Sequence[str], service: str, budget: Budget
) -> list[str]:
    """One action of each region into which the patterns divide all that are not `taken`."""
    shape = action_names(service)
    nots = [glob_tokens(each, variables=False) for each in taken]
    regions: dict[tuple[bool, ...], str] = {}

    def look(inside: list[str], outside: list[str]) -> str | None:
        first, *rest = inside or ["*"]
        found = find_text(
            glob_tokens(first, variables=False),
            budget,
            musts=[Language([glob_tokens(each, variables=False)]) for each in rest],
            nots=Language([*nots, *(glob_tokens(each, variables=False) for each in outside)]),
            shape=shape,
        )
        return None if found is None else "".join(found)

    start = look([], [])
    if start is not None:
        regions[()] = start
    for number, pattern in enumerate(patterns):
        divided: dict[tuple[bool, ...], str] = {}
        for signs, known in regions.items():
            is_in = matches(pattern, known)
            divided[*signs, is_in] = known
            chosen = zip(patterns[: number + 1], (*signs, not is_in), strict=True)
            pairs = list(chosen)
            other = look([p for p, sign in pairs if sign], [p for p, sign in pairs if not sign])
            if other is not None:
                divided[*signs, not is_in] = other
        regions = divided
    return list(regions.values())


def principal_ids(principal: Principal | None) -> list[PrincipalId]:
    """The identifiers of a Principal; everyone where it is missing or negated."""
    if principal is None or principal.negated:
        return list(EVERYONE[0][1])
    return list(principal)
