"""A small universe of requests, and random policies about it, to compare exactly by brute force."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

from planner.access.comparison import Comparison
from planner.access.evaluate import outcome_of
from planner.access.request import Request, parse_caller
from planner.policy.action import parse_action
from planner.policy.document import (
    Condition,
    Patterns,
    Policy,
    Principal,
    Statement,
    parse_condition,
)
from planner.policy.principal import parse_principal
from planner.policy.resource import parse_resource

ONE, TWO = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{ONE}:role/p/ci"
SESSION = f"arn:aws:sts::{ONE}:assumed-role/ci/build"
CALLERS = [
    parse_caller(text)
    for text in (
        ONE,
        f"arn:aws:iam::{ONE}:role/other",
        ROLE,
        SESSION,
        f"arn:aws:iam::{TWO}:user/bob",
        TWO,
        "999999999999",
        "arn:aws:iam::999999999999:role/x",
        "replication.ecr.amazonaws.com",
        "*",
    )
]
ACTIONS = [
    "ecr:ReplicateImage",
    "ecr:CreateRepository",
    "ecr:GetAuthorizationToken",
    "s3:GetObject",
]
PREFIX = "arn:aws:ecr:us-west-2:111111111111:repository/"
_NAMES = ["a", "b", "ab", "ba", "aba", "abb", "bb", "prod-x", ""]
RESOURCES = ["*", *(PREFIX + name for name in _NAMES)]
ORG, TAG, ARN, TAGS, AGE, IP = (
    "aws:PrincipalOrgID",
    "custom:tag",
    "aws:PrincipalArn",
    "aws:TagKeys",
    "aws:MultiFactorAuthAge",
    "aws:SourceIp",
)
CONTEXTS: dict[str, list[tuple[str, ...]]] = {
    ORG: [(), ("o-exampleorg1",), ("o-exampleorg2",)],
    TAG: [(), ("x",), ("X",), ("xy",)],
    TAGS: [(), ("x",), ("y",), ("x", "y"), ("z", "x")],
    AGE: [(), ("5",), ("7",), ("10",)],
    IP: [(), ("10.0.0.1",), ("10.9.0.1",), ("11.0.0.1",)],
}
_PRINCIPALS = [
    ("AWS", "*"),
    ("AWS", ONE),
    ("AWS", TWO),
    ("AWS", ROLE),
    ("AWS", SESSION),
    ("AWS", f"arn:aws:iam::{TWO}:user/bob"),
    ("AWS", f"arn:aws:iam::{ONE}:root"),
    ("Service", "replication.ecr.amazonaws.com"),
    ("Service", "ECR.amazonaws.com"),
    ("AWS", "AIDAABCDEFGHIJKLMNOPQ"),
]
_ACTIONS = ["*", "ecr:*", "ecr:ReplicateImage", "ECR:create*", "s3:Get*", "ecr:*Image", "*:Get*"]
_PATTERNS = ["a*", "*b", "a*b", "?", "ab", "prod-*", "*-x", "a?*", "*a*", "b*"]
_RESOURCES = ["*", *(PREFIX + pattern for pattern in _PATTERNS)]
_SETS = ["", "", "ForAllValues:", "ForAnyValue:"]
_OPERATORS = {
    ORG: ["StringEquals", "StringNotEquals", "StringLike", "Null", "StringEqualsIfExists"],
    TAG: ["StringEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "Null"],
    TAGS: ["StringEquals", "StringLike", "StringNotEquals", "StringNotLikeIfExists"],
    AGE: ["NumericEquals", "NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"],
    IP: ["IpAddress", "NotIpAddress", "IpAddressIfExists"],
    ARN: ["ArnLike", "ArnNotEquals", "StringLike", "StringNotLike"],
    "aws:PrincipalAccount": ["StringEquals", "StringNotEquals", "StringLike"],
    "aws:PrincipalIsAWSService": ["Bool", "BoolIfExists"],
    "aws:PrincipalType": ["StringEquals", "StringNotEquals"],
}
_VALUES = {
    ORG: ["o-exampleorg1", "o-exampleorg2", "o-*"],
    TAG: ["x", "X", "x*", "*y", "?"],
    TAGS: ["x", "y", "z*", "*"],
    AGE: ["5", "7", "5.0"],
    IP: ["10.0.0.0/8", "10.9.0.0/16", "11.0.0.1"],
    ARN: [ROLE, f"arn:aws:iam::{ONE}:role/*", "arn:aws:iam::*:*", f"arn:aws:iam::{TWO}:user/b?b"],
    "aws:PrincipalAccount": [ONE, TWO, "1*", "9*"],
    "aws:PrincipalIsAWSService": ["true", "false"],
    "aws:PrincipalType": ["Account", "User", "AssumedRole", "Anonymous"],
}


def random_policy(rng: random.Random, *, keys: int = 2) -> Policy:
    """One to four statements; their conditions look at `keys` keys at most."""
    chosen = rng.sample(sorted(_OPERATORS), keys)
    count = rng.choice((1, 2, 2, 3, 4))
    return Policy(tuple(_statement(rng, chosen) for _ in range(count)), "2012-10-17")


def _statement(rng: random.Random, keys: list[str]) -> Statement:
    ids: dict[str, list[str]] = {}
    for kind, identifier in rng.sample(_PRINCIPALS, rng.choice((1, 1, 2, 3))):
        ids.setdefault(kind, []).append(identifier)
    values = (
        (kind, tuple(parse_principal(kind, each) for each in texts)) for kind, texts in ids.items()
    )
    principal = Principal(tuple(values), _rarely(rng))
    conditions = [_condition(rng, key) for key in keys if rng.random() < 0.4]
    return Statement(
        sid=None,
        effect="Allow" if rng.random() < 0.6 else "Deny",
        principal=principal,
        action=Patterns(tuple(map(parse_action, _some(rng, _ACTIONS))), _rarely(rng)),
        resource=Patterns(tuple(map(parse_resource, _some(rng, _RESOURCES))), _rarely(rng)),
        conditions=tuple(conditions),
    )


def _condition(rng: random.Random, key: str) -> Condition:
    operator = rng.choice(_OPERATORS[key])
    if operator == "Null":
        return parse_condition("Null", key, (rng.choice(("true", "false")),))
    prefix = rng.choice(_SETS) if key == TAGS else ""
    return parse_condition(prefix + operator, key, _some(rng, _VALUES[key]))


def _some(rng: random.Random, pool: list[str]) -> tuple[str, ...]:
    return tuple(rng.sample(pool, min(len(pool), rng.choice((1, 1, 2, 3)))))


def _rarely(rng: random.Random) -> bool:
    return rng.random() < 0.15


def universe(*policies: Policy | None) -> Iterator[Request]:
    """Every request of the small universe; contexts have the keys the policies look at."""
    looked_at = {
        condition.key.text
        for policy in policies
        for statement in (policy.statements if policy else ())
        for condition in statement.conditions
    }
    keys = sorted(looked_at & set(CONTEXTS))
    contexts = [
        {key: value for key, value in zip(keys, values, strict=True) if value}
        for values in itertools.product(*(CONTEXTS[key] for key in keys))
    ]
    for caller, action, resource in itertools.product(CALLERS, ACTIONS, RESOURCES):
        for context in contexts:
            if not (ORG in context and not caller.account):
                known = {ARN: (ROLE,)} if caller.text == SESSION else {}
                yield Request(caller, action, resource, {**context, **known})


def missed(
    before: Policy | None, after: Policy | None, found: Comparison
) -> tuple[Request | None, Request | None]:
    """A request that `after` alone allows and one that `before` alone allows, by brute force.

    Only what the comparison rules out is looked for: all that it has found is gone through in no
    time, and what is unknown to it rules nothing out.
    """
    gained = lost = None
    seeks_gained = not (found.gained or found.unknown)
    seeks_lost = not (found.lost or found.unknown)
    for request in universe(before, after) if seeks_gained or seeks_lost else ():
        old, new = outcome_of(before, request, None), outcome_of(after, request, None)
        if "unknown" in (old, new):
            continue
        if seeks_gained and new == "allowed" != old:
            gained = gained or request
        if seeks_lost and old == "allowed" != new:
            lost = lost or request
    return gained, lost
