"""Finding a caller of a class by the keys that are read off its name.

`aws:PrincipalArn`, `aws:PrincipalAccount`, `aws:username` and the `aws:userid` of accounts and
federated users of a class are parts of one ARN, which is looked for like any other text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.access.key_solver import Literal, satisfies
from planner.access.principal_classes import PrincipalClass
from planner.access.request import Caller, caller_of, derived_context
from planner.access.shapes import callers, services
from planner.access.texts import UndecidedError, find
from planner.access.variables import glob_tokens, in_fields
from planner.automata.automaton import Budget, Shape, Tokens, Wild
from planner.policy.principal import WEB_IDENTITY, principal_named

ARN, ACCOUNT, USERNAME, USER_ID = (
    "aws:principalarn",
    "aws:principalaccount",
    "aws:username",
    "aws:userid",
)
SERVICE = "aws:principalservicename"
_COLON = (":",)


def keys_of_name(principals: PrincipalClass) -> frozenset[str]:
    """The keys that are read off the name of a caller who is looked for."""
    caller = principals.caller
    if not principals.is_any:
        return frozenset()
    if caller.kind == "service":
        return frozenset((SERVICE,))
    if not caller.account:
        return frozenset()
    found = {ARN} if caller.kind != "account" or not principals.account else set[str]()
    if not principals.account:
        found.add(ACCOUNT)
    if caller.kind == "user":
        found.add(USERNAME)
    if caller.kind == "federated-user" or (caller.kind == "account" and not principals.account):
        found.add(USER_ID)
    return frozenset(found)


def find_caller(
    principals: PrincipalClass, wanted: Sequence[Literal], budget: Budget
) -> Caller | None:
    """A caller of the class whose name is as it is wanted, or None: exact.

    Raises UndecidedError and BudgetError.
    """
    texts: list[Literal] = []
    for test, want in wanted:
        if test.operator.is_null:
            if want is test.condition.holds_without_key:
                return None
            continue
        if not test.is_textual:
            raise UndecidedError(f"{test.row.name} compares {test.key}, which is a text")
        texts.append((test, want != test.row.negated))
    of_name = any(test.key == USERNAME for test, _ in texts)
    found = _find(principals, texts, budget, paths=not of_name)
    if found is not None or not of_name:
        return found
    found = _find(principals, texts, budget, paths=True)
    if found is None or satisfies(wanted, derived_context(found)):
        return found
    raise UndecidedError("the path of a user and its name depend on each other")


def _find(
    principals: PrincipalClass, texts: Sequence[Literal], budget: Budget, *, paths: bool
) -> Caller | None:
    """A caller whose name matches some patterns and others not."""
    musts: list[Sequence[Tokens]] = []
    nots = list(map(_glob, _excluded(principals)))
    for test, want in texts:
        patterns = [
            each
            for pattern in test.patterns
            for each in _embedded(principals, test.key, pattern, paths=paths)
        ]
        if want:
            musts.append(patterns)
        else:
            nots.extend(patterns)
    found = find(musts, nots, budget, [_shape(principals, paths=paths)])
    if found is None:
        return None
    text = "".join(found)
    if principals.caller.kind == "service":
        return Caller("service", text)
    return caller_of(principal_named(text), principals.caller.partition)


def _embedded(
    principals: PrincipalClass, key: str, pattern: Tokens, *, paths: bool
) -> Iterator[Tokens]:
    """A pattern of one key as patterns of the whole name, with `paths` more than it means."""
    if key == ACCOUNT or (key == USER_ID and principals.caller.kind == "account"):
        yield (*_glob("arn:*:*::"), *in_fields(pattern), *_glob(":*"))
    elif key == USERNAME:
        yield (*_glob("arn:*:iam::*:user/"), *pattern)
        if paths:
            yield (*_glob("arn:*:iam::*:user/*/"), *pattern)
    elif key == USER_ID:
        for account, name in _split(pattern):
            yield (*_glob("arn:*:sts::"), *in_fields(account), *_glob(":federated-user/"), *name)
    else:
        yield pattern


def _split(pattern: Tokens) -> Iterator[tuple[Tokens, Tokens]]:
    """All pairs of patterns that match what stands before and behind the first colon."""
    for place, token in enumerate(pattern):
        if token == _COLON:
            yield pattern[:place], pattern[place + 1 :]
            return
        if token is Wild.MANY:
            yield pattern[: place + 1], pattern[place:]
        if token is Wild.ONE:
            yield pattern[:place], pattern[place + 1 :]


def _shape(principals: PrincipalClass, *, paths: bool) -> Shape:
    """What the names of the class look like."""
    caller = principals.caller
    if caller.kind == "service":
        return services()
    return callers(caller.partition, principals.account, caller.kind, paths=paths)


def _excluded(principals: PrincipalClass) -> Iterator[str]:
    """Patterns of the callers that are in other classes."""
    yield from WEB_IDENTITY
    for each in map(principal_named, principals.excluded):
        if each.kind == "account" and not each.partition:
            yield f"arn:*:*::{each.account}:*"
        elif each.kind == "role":
            prefix = f"arn:{each.partition}:iam::{each.account}:role/"
            yield from (f"{prefix}{each.name}", f"{prefix}*/{each.name}")
        else:
            yield each.text


def _glob(text: str) -> Tokens:
    return glob_tokens(text, variables=False)
