"""Random policies: all operators, all kinds of principals, wildcards, variables, both Versions."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tests.oracle.evaluator import Json

ACCOUNT, REGION = "444455556666", "us-west-2"
ONE, TWO = "111122223333", "222233334444"
REPOSITORIES = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/"
PRINCIPALS = (
    ("AWS", "*"),
    ("AWS", "*"),
    ("AWS", ONE),
    ("AWS", TWO),
    ("AWS", ACCOUNT),
    ("AWS", f"arn:aws:iam::{ONE}:root"),
    ("AWS", f"arn:aws:iam::{ONE}:user/bob"),
    ("AWS", f"arn:aws:iam::{TWO}:user/people/alice"),
    ("AWS", f"arn:aws:iam::{ONE}:role/ci"),
    ("AWS", f"arn:aws:iam::{ONE}:role/teams/deploy"),
    ("AWS", f"arn:aws:iam::{ACCOUNT}:role/ci"),
    ("AWS", f"arn:aws:iam::{ACCOUNT}:user/bob"),
    ("AWS", f"arn:aws:sts::{ONE}:assumed-role/ci/build"),
    ("AWS", f"arn:aws:sts::{ONE}:federated-user/bob"),
    ("AWS", "AIDACKCEVSQ6C2EXAMPLE"),
    ("AWS", "AROADBQP57FF2AEXAMPLE"),
    ("Service", "replication.ecr.amazonaws.com"),
    ("Service", "lambda.amazonaws.com"),
    ("Federated", "accounts.google.com"),
    ("Federated", f"arn:aws:iam::{ONE}:saml-provider/idp"),
    ("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"),
)
ACTIONS = (
    "*",
    "ecr:*",
    "ecr:*",
    "ecr:ReplicateImage",
    "ecr:replicateimage",
    "ecr:CreateRepository",
    "ecr:Batch*",
    "ecr:BatchGetImage",
    "ecr:BatchImportUpstreamImage",
    "ecr:Get*",
    "ecr:*Image",
    "ecr:PutImage",
    "ecr:?utImage",
    "ecr:PutRegistryPolicy",
    "ecr:TagResource",
    "ecr:GetAuthorizationToken",
)
V1_ACTIONS = ("ecr:*", "ecr:ReplicateImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
RESOURCES = (
    "*",
    "*",
    REPOSITORIES + "*",
    REPOSITORIES + "prod-*",
    REPOSITORIES + "prod",
    REPOSITORIES + "*/app",
    REPOSITORIES + "team-?/*",
    REPOSITORIES + "red/app",
    f"arn:aws:ecr:*:{ACCOUNT}:repository/*",
    f"arn:aws:ecr:{REGION}:*:repository/red/*",
    f"arn:aws:ecr:{REGION}:{ACCOUNT}:*",
    f"arn:aws:ecr:{REGION}:{TWO}:repository/*",
)
VARIABLE_RESOURCES = (
    REPOSITORIES + "${aws:PrincipalTag/team}/*",
    REPOSITORIES + "${aws:PrincipalTag/team, 'shared'}/app",
    REPOSITORIES + "${aws:username}",
    REPOSITORIES + "${aws:PrincipalAccount}/*",
    REPOSITORIES + "${*}${aws:PrincipalOrgID}",
)
STRING = "StringEquals StringNotEquals StringLike StringNotLike".split()
CASELESS = ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]
ARN = "ArnEquals ArnNotEquals ArnLike ArnNotLike".split()
_ORDER = "Equals NotEquals LessThan LessThanEquals GreaterThan GreaterThanEquals".split()
NUMERIC = ["Numeric" + each for each in _ORDER]
DATE = ["Date" + each for each in _ORDER]
IP = ["IpAddress", "NotIpAddress"]
OPERATORS = [*STRING, *CASELESS, *ARN, *NUMERIC, *DATE, *IP, "Bool", "BinaryEquals", "Null"]
"""All 27 of them."""
MULTIVALUED_KEYS = (
    "aws:TagKeys aws:PrincipalOrgPaths aws:CalledVia aws:PrincipalServiceNamesList".split()
)
_TAG_VALUES = ["red", "blue", "Red", "r*", "?ed", "*", "${aws:username}", "eHg="]
_ORGANIZATIONS = [
    "o-a1b2c3d4e5",
    "o-f6g7h8i9j0",
    "o-*",
    "${aws:ResourceOrgID}",
    "${aws:PrincipalOrgID}",
]
_ACCOUNTS = [ONE, TWO, ACCOUNT, "1111*", "${aws:ResourceAccount}", "${aws:PrincipalAccount}"]
_MIXED = [*STRING, *CASELESS]
KEYS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "aws:PrincipalOrgID": (_MIXED, _ORGANIZATIONS),
    "aws:PrincipalAccount": (STRING, _ACCOUNTS),
    "aws:PrincipalArn": (
        [*STRING, *ARN, *ARN],
        [
            f"arn:aws:iam::{ONE}:role/ci",
            f"arn:aws:iam::{ONE}:role/*",
            "arn:aws:iam::*:role/ci",
            "arn:*:iam::*:user/b?b",
            f"arn:aws:iam::{TWO}:user/people/alice",
            f"arn:aws:iam::{ACCOUNT}:*",
            "arn:aws:iam::*:root",
            f"arn:aws:iam::{ONE}:user/${{aws:username}}",
        ],
    ),
    "aws:PrincipalType": (STRING, ["User", "Account", "AssumedRole", "*Role"]),
    "aws:PrincipalTag/team": ([*_MIXED, "BinaryEquals"], _TAG_VALUES),
    "aws:PrincipalTag/env": (_MIXED, ["prod", "test", "p*", "${aws:PrincipalTag/team, 'prod'}"]),
    "aws:userid": (
        STRING,
        ["AROADBQP57FF2AEXAMPLE:*", "AIDACKCEVSQ6C2EXAMPLE", "*:build", f"{ONE}:bob", "AROA*"],
    ),
    "aws:username": (_MIXED, ["bob", "alice", "b*", "Bob", "${aws:PrincipalTag/team}"]),
    "aws:PrincipalIsAWSService": (["Bool", "Bool", "StringEquals"], ["true", "false"]),
    "aws:PrincipalServiceName": (STRING, ["replication.ecr.amazonaws.com", "lambda.*"]),
    "aws:PrincipalServiceNamesList": (STRING, ["replication.ecr.amazonaws.com", "us-*"]),
    "aws:PrincipalOrgPaths": (
        STRING,
        ["o-a1b2c3d4e5/*", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "o-*/r-ab12/*"],
    ),
    "aws:MultiFactorAuthPresent": (["Bool", "Bool", "StringEquals"], ["true", "false"]),
    "aws:MultiFactorAuthAge": (NUMERIC, ["300", "3600", "300.0"]),
    "aws:TokenIssueTime": (DATE, ["2019-12-31T00:00:00Z", "2015-01-01"]),
    "aws:FederatedProvider": (STRING, ["accounts.google.com", "*"]),
    "aws:SourceIdentity": (STRING, ["alice", "a*"]),
    "aws:SourceAccount": (STRING, _ACCOUNTS),
    "aws:SourceArn": (
        [*STRING, *ARN],
        [
            f"arn:aws:lambda:{REGION}:{ONE}:function:*",
            f"arn:aws:*:*:{ACCOUNT}:*",
            "arn:aws:s3:::bucket",
        ],
    ),
    "aws:CalledVia": (STRING, ["cloudformation.amazonaws.com", "*.amazonaws.com"]),
    "aws:ViaAWSService": (["Bool"], ["true", "false"]),
    "aws:ResourceAccount": (STRING, _ACCOUNTS),
    "aws:ResourceOrgID": (STRING, _ORGANIZATIONS),
    "aws:ResourceTag/team": (_MIXED, [*_TAG_VALUES, "${aws:PrincipalTag/team}"]),
    "ecr:ResourceTag/team": (_MIXED, [*_TAG_VALUES, "${aws:PrincipalTag/team}"]),
    "aws:RequestedRegion": (STRING, [REGION, "us-*", "eu-central-1"]),
    "aws:RequestTag/team": (_MIXED, _TAG_VALUES),
    "aws:TagKeys": ([*STRING, *CASELESS], ["team", "env", "t*", "Team"]),
    "aws:SecureTransport": (["Bool", "Bool", "StringEquals"], ["true", "false"]),
    "aws:CurrentTime": (DATE, ["2030-01-01T00:00:00Z", "2030-06-01", "2025-01-01T00:00:00+02:00"]),
    "aws:EpochTime": ([*NUMERIC, *DATE], ["1893456000", "1900000000"]),
    "aws:UserAgent": (STRING, ["docker/*", "aws-cli/2.0"]),
    "aws:SourceIp": (IP, ["10.0.0.0/8", "10.1.0.0/16", "203.0.113.10", "2001:db8::/32"]),
    "aws:VpcSourceIp": (IP, ["10.0.0.0/8", "172.16.0.9/32"]),
    "aws:SourceVpc": (STRING, ["vpc-0123456789abcdef0", "vpc-0*", "*"]),
    "aws:SourceVpce": (STRING, ["vpce-0123456789abcdef0", "*"]),
}


def some(
    rng: random.Random, pool: Sequence[Any], counts: Sequence[int] = (1, 1, 1, 2, 3)
) -> list[Any]:
    """A few different elements."""
    return rng.sample(list(dict.fromkeys(pool)), min(len(set(pool)), rng.choice(counts)))


def one_or_list(values: list[Any]) -> Any:
    """A single value without a list around it."""
    return values[0] if len(values) == 1 else values


def a_principal(rng: random.Random) -> Any:
    """The value of a Principal or NotPrincipal element."""
    chosen = some(rng, PRINCIPALS)
    if ("AWS", "*") in chosen:
        return rng.choice(("*", {"AWS": "*"}))
    found: dict[str, list[str]] = {}
    for kind, each in chosen:
        found.setdefault(kind, []).append(each)
    return {kind: one_or_list(values) for kind, values in found.items()}


def a_condition(rng: random.Random, key: str) -> tuple[str, Any]:
    """An operator and the values that it compares the key with."""
    operators, values = KEYS[key]
    if rng.random() < 0.08:
        return "Null", rng.choice(("true", "false"))
    operator = rng.choice(operators)
    if operator == "BinaryEquals":
        values = ["eHg=", "cmVk"]
    if operator.startswith("Arn") or "Like" not in operator:
        values = [
            each for each in values if operator.startswith("Arn") or not _is_glob(each)
        ] or values
    chosen = one_or_list(some(rng, values))
    if rng.random() < 0.2:
        operator += "IfExists"
    if key in MULTIVALUED_KEYS or rng.random() < 0.04:
        operator = rng.choice(("ForAllValues:", "ForAnyValue:")) + operator
    return operator, chosen


def _is_glob(text: str) -> bool:
    return "*" in text or "?" in text


def conditions(rng: random.Random, keys: Sequence[str]) -> Json:
    """A Condition element over some of the keys."""
    found: Json = {}
    for key in some(rng, keys, (0, 0, 1, 1, 1, 2, 3)):
        operator, values = a_condition(rng, key)
        found.setdefault(operator, {})[key] = values
    return found


def a_statement(
    rng: random.Random, keys: Sequence[str], *, variables: bool = False, scope: str = "V2"
) -> Json:
    """One statement; with `variables` its Resource may have some."""
    statement: Json = {"Effect": rng.choice(("Allow", "Allow", "Deny"))}
    negated = rng.random() < 0.12
    principal = a_principal(rng)
    while negated and principal in ("*", {"AWS": "*"}):
        principal = a_principal(rng)
    statement["NotPrincipal" if negated else "Principal"] = principal
    actions = V1_ACTIONS if scope == "V1" else ACTIONS
    element = "NotAction" if scope == "V2" and rng.random() < 0.1 else "Action"
    statement[element] = one_or_list(some(rng, actions))
    resources = [*RESOURCES, *(VARIABLE_RESOURCES * 2 if variables else ())]
    element = "NotResource" if rng.random() < 0.1 else "Resource"
    statement[element] = one_or_list(some(rng, resources))
    if found := conditions(rng, keys):
        statement["Condition"] = found
    return statement


def some_keys(rng: random.Random) -> list[str]:
    """The keys that a pair of policies looks at."""
    return rng.sample(sorted(KEYS), rng.choice((1, 2, 2, 3, 4)))


def a_policy(
    rng: random.Random, keys: Sequence[str], *, variables: bool = False, scope: str = "V2"
) -> Json:
    """A policy of one to four statements."""
    count = rng.choice((1, 1, 2, 2, 3, 4))
    version = rng.choice(("2012-10-17",) * 5 + ("2008-10-17", None))
    statements = [a_statement(rng, keys, variables=variables, scope=scope) for _ in range(count)]
    if rng.random() < 0.3:
        broad = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
        statements = [broad, *statements[:3]]
    found: Json = {"Version": version} if version else {}
    return {**found, "Statement": statements}
