"""Who could do nothing in the registry and can do something now."""

from __future__ import annotations

from typing import Any

import pytest

from planner.guard.checks import Stop
from planner.guard.settings import DEFAULTS, Guard
from planner.policy.document import Policy
from tests.support.bypasses import (
    ACCOUNT,
    ARN,
    ONE,
    ORG,
    OURS,
    PATHS,
    PROVIDER,
    PUBLIC,
    USER_ID,
    Body,
    anyone,
    but,
    only,
    unless,
)
from tests.support.comparing import when
from tests.support.guarded import plan_of
from tests.support.policies import policy, statement

GUARD = Guard({**dict.fromkeys(DEFAULTS, "allow"), "new-account": "refuse"})
KNOWN, NEW, THEIRS = "111122223333", "222233334444", "o-bbbbbbbbbb"
ID, OTHER_ID = "AROAABCDEFGHIJKLMNOPQ", "AROAABCDEFGHIJKLMNOPA"
CANONICAL = "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"
OWN = "${aws:ResourceOrgID}"


def newcomers(before: Policy, after: Policy) -> list[Stop]:
    """What the guard says of newcomers."""
    stops = plan_of(before, after).stops(GUARD)
    assert all((each.check, each.answer) == ("new-account", "refuse") for each in stops)
    return list(stops)


def spared(operator: str, key: str, old: str, new: str) -> tuple[list[Body], list[Body]]:
    """A Deny for all but one, and for all but one more."""
    return unless(operator, key, old), unless(operator, key, old, new)


def named(**principal: str) -> Body:
    """An Allow for one principal."""
    return statement("N", Principal=principal)


def wide(**more: Any) -> Body:
    """A Deny of everything."""
    return {"Sid": "D", "Effect": "Deny", "Action": "*", "Resource": "*", **more}


def without(body: Body) -> tuple[list[Body], list[Body]]:
    """An Allow that a Deny takes, and the Allow alone."""
    return [ONE, body, wide(Principal=body["Principal"])], [ONE, body]


def root(account: str) -> str:
    return f"arn:aws:iam::{account}:root"


NEWCOMERS: dict[str, tuple[list[Body], list[Body], str]] = {
    "an account": ([ONE], [ONE, statement("B", NEW)], f"account {NEW}"),
    "a session": (
        [ONE],
        [ONE, named(AWS=f"arn:aws:sts::{NEW}:assumed-role/ci/run")],
        f"account {NEW}",
    ),
    "an exception": (*spared("StringNotEquals", ACCOUNT, KNOWN, NEW), f"account {NEW}"),
    "an exception of a role": (
        *spared("ArnNotLike", ARN, f"arn:aws:iam::{KNOWN}:*", f"arn:aws:iam::{NEW}:role/ci"),
        f"account {NEW}",
    ),
    "an exception of an organization": (
        *spared("StringNotEquals", ORG, OURS, THEIRS),
        f"organization {THEIRS}",
    ),
    "an exception of a path": (
        *spared("ForAllValues:StringNotLike", PATHS, f"{OURS}/*", f"{THEIRS}/r-ab12/*"),
        f"organization {THEIRS}",
    ),
    "an exception of an id": (
        *spared("StringNotLike", USER_ID, f"{OTHER_ID}:*", f"{ID}:*"),
        f"the id {ID}",
    ),
    "an exception by NotPrincipal": (
        [anyone(), wide(NotPrincipal={"AWS": root(KNOWN)})],
        [anyone(), wide(NotPrincipal={"AWS": [root(KNOWN), root(NEW)]})],
        f"account {NEW}",
    ),
    "an exception by a variable": (
        unless("StringNotEquals", ACCOUNT, KNOWN),
        [
            anyone(),
            wide(Principal="*", Condition={"StringNotEquals": {ACCOUNT: KNOWN, ORG: OWN}}),
        ],
        "the registry's own organization",
    ),
    "a Deny that goes": (*without(statement("B", NEW)), f"account {NEW}"),
    "a canonical id": ([ONE], [ONE, named(CanonicalUser=CANONICAL)], f"canonical user {CANONICAL}"),
    "a canonical id without its Deny": (
        *without(named(CanonicalUser=CANONICAL)),
        f"canonical user {CANONICAL}",
    ),
    "a unique id": ([ONE], [ONE, named(AWS=ID)], f"the id {ID}"),
    "a unique id without its Deny": (*without(named(AWS=ID)), f"the id {ID}"),
    "a unique id in a condition": (
        [ONE],
        [ONE, *only("StringLike", USER_ID, f"{ID}:*")],
        f"the id {ID}",
    ),
    "a provider": (
        [ONE],
        [ONE, named(Federated="accounts.google.com")],
        "provider accounts.google.com",
    ),
    "a provider of an account": (
        [ONE],
        [ONE, *only("StringEquals", PROVIDER, f"arn:aws:iam::{NEW}:saml-provider/idp")],
        f"account {NEW}",
    ),
    "everybody but one": ([ONE], [ONE, *but("NotPrincipal", {"AWS": KNOWN})], "everyone else"),
    "accounts that begin alike": (
        [ONE],
        [ONE, *only("StringLike", ACCOUNT, "22223333444?")],
        "an account like 22223333444?",
    ),
    "an organization in capitals": (
        [ONE],
        [ONE, *only("StringEqualsIgnoreCase", ORG, OURS.upper())],
        f"organization {OURS}",
    ),
    "the own organization": (
        [ONE],
        [ONE, *only("StringEquals", ORG, OWN)],
        "the registry's own organization",
    ),
    "the own organization the other way round": (
        [ONE],
        [ONE, *only("StringEquals", "aws:ResourceOrgID", f"${{{ORG}}}")],
        "the registry's own organization",
    ),
    "the own organization's paths": (
        [ONE],
        [ONE, *only("ForAnyValue:StringLike", PATHS, f"{OWN}/*")],
        "the registry's own organization",
    ),
}
NOBODY_NEW: dict[str, tuple[list[Body], list[Body]]] = {
    "more actions": ([ONE], [statement("A", Action="ecr:*")]),
    "a role of a known account": (
        [ONE],
        [ONE, named(AWS=f"arn:aws:iam::{KNOWN}:role/ci")],
    ),
    "the registry's own": ([ONE], [ONE, *only("StringEquals", ACCOUNT, "${aws:ResourceAccount}")]),
    "a Deny more": ([ONE], [ONE, unless("StringNotEquals", ORG, OURS)[1]]),
    "more for a canonical id": (
        [named(CanonicalUser=CANONICAL)],
        [{**named(CanonicalUser=CANONICAL), "Action": "ecr:*"}],
    ),
    "more for a unique id": ([named(AWS=ID)], [{**named(AWS=ID), "Action": "ecr:*"}]),
    "more for the own organization": (
        only("StringEquals", ORG, OWN),
        [anyone(Action="ecr:*", **when("StringEquals", ORG, OWN))],
    ),
}


@pytest.mark.parametrize("name", NEWCOMERS)
def test_whoever_is_new_is_named(name: str) -> None:
    before, after, who = NEWCOMERS[name]
    words = f"{who} had no access and gains it"
    (stop,) = (e for e in newcomers(policy(*before), policy(*after)) if e.message == words)
    assert stop.row is not None
    assert stop.row.ranks[1] == "allowed"


@pytest.mark.parametrize("name", NOBODY_NEW)
def test_nobody_is_new(name: str) -> None:
    before, after = NOBODY_NEW[name]
    assert newcomers(policy(*before), policy(*after)) == []


@pytest.mark.parametrize("name", PUBLIC)
def test_strangers_are_new(name: str) -> None:
    assert newcomers(policy(ONE), policy(ONE, *PUBLIC[name]))


def test_what_cannot_be_told_may_be_somebody_new() -> None:
    after = {**statement("B", NEW), "Condition": {"Madeup": {ORG: OURS}}}
    (stop,) = newcomers(policy(ONE), policy(ONE, after))
    assert stop.message == f"whether account {NEW} gains its first access cannot be told"
    assert stop.statement == 'statement["B"]'
