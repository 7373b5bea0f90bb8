"""Operators and their values."""

from __future__ import annotations

from tests.support.lint import ORG, PULL, one, when
from tests.support.policies import REPOSITORY

CASES = [
    (
        "variable-syntax",
        one(Resource=f"{REPOSITORY}${{aws:username"),
        one(Resource=f"{REPOSITORY}${{aws:username}}"),
    ),
    (
        "variable-syntax",
        one(Resource=f"{REPOSITORY}$team/*"),
        one(Resource=f"{REPOSITORY}${{aws:PrincipalTag/team}}/*"),
    ),
    ("variable-syntax", one(Resource=f"{REPOSITORY}$${{aws:username}}"), one()),
    ("variable-syntax", one(Resource=f"{REPOSITORY}${{!aws:username}}"), one()),
    (
        "variable-syntax",
        when("StringLike", "aws:userid", "$${aws:username}"),
        when("StringLike", "aws:userid", "$a"),
    ),
    (
        "malformed-value",
        when("StringLike", "aws:userid", "${!aws:username}"),
        when("StringLike", "aws:userid", "!${aws:username}"),
    ),
    (
        "malformed-value",
        when("StringEquals", "aws:userid", "${aws:user name}"),
        when("StringEquals", "aws:userid", "${aws:x, 'no one'}"),
    ),
    (
        "malformed-operator",
        when("StringIs", "aws:userid", "x"),
        when("stringequals", "aws:userid", "x"),
    ),
    (
        "malformed-operator",
        when("NullIfExists", "aws:userid", "true"),
        when("Null", "aws:userid", "true"),
    ),
    (
        "malformed-value",
        when("NumericLessThan", "aws:MultiFactorAuthAge", "an hour"),
        when("NumericLessThan", "aws:MultiFactorAuthAge", 3600),
    ),
    (
        "malformed-value",
        when("DateLessThan", "aws:CurrentTime", "tomorrow"),
        when("DateLessThan", "aws:CurrentTime", "2026-01-31T00:00:00Z"),
    ),
    (
        "malformed-value",
        when("IpAddress", "aws:SourceIp", "10.0.0.300"),
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ),
    (
        "malformed-value",
        when("Bool", "aws:SecureTransport", "yes"),
        when("Bool", "aws:SecureTransport", True),
    ),
    (
        "malformed-value",
        when("ArnLike", "aws:PrincipalArn", "role/ci"),
        when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ci"),
    ),
    (
        "malformed-arn-pattern",
        when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*"),
        when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:*"),
    ),
    (
        "condition-value",
        when("StringEquals", "aws:PrincipalAccount", "1111"),
        when("StringEquals", "aws:PrincipalAccount", "111122223333"),
    ),
    ("condition-value", when("StringEquals", "aws:PrincipalOrgID", "example"), one(Condition=ORG)),
    (
        "condition-value",
        when("StringEquals", "aws:SourceVpce", "vpc-0a1b2c3d"),
        when("StringEquals", "aws:SourceVpce", "vpce-0a1b2c3d"),
    ),
    (
        "condition-value",
        when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-exampleorgid/r-ab12"),
        when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-exampleorgid/r-ab12/*"),
    ),
    (
        "condition-value",
        when("ForAnyValue:StringEquals", "aws:SourceOrgPaths", "o-exampleorgid/r-ab12"),
        when("ForAnyValue:StringEquals", "aws:SourceOrgPaths", "o-exampleorgid/r-ab12/", **PULL),
    ),
    (
        "condition-value",
        when("StringNotLike", "aws:PrincipalAccount", "1111", Effect="Deny"),
        when("StringNotLike", "aws:PrincipalAccount", "1111*", Effect="Deny"),
    ),
    (
        "forallvalues-allow",
        when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-x/*"),
        when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-x/*"),
    ),
    (
        "forallvalues-allow",
        when("ForAllValues:StringEquals", "aws:TagKeys", "team"),
        one(
            Condition={
                "ForAllValues:StringEquals": {"aws:TagKeys": "team"},
                "Null": {"aws:TagKeys": False},
            }
        ),
    ),
    (
        "wildcard-in-equals",
        when("StringEquals", "aws:userid", "AROA*"),
        when("StringLike", "aws:userid", "AROA*"),
    ),
    (
        "wildcard-in-equals",
        when("ForAnyValue:StringEquals", "aws:TagKeys", "team-*"),
        when("StringEquals", "aws:PrincipalOrgID", "o-*"),
    ),
    (
        "bool-values",
        when("Bool", "aws:SecureTransport", [True, False]),
        when("Bool", "aws:SecureTransport", True),
    ),
    (
        "ip-host-bits",
        when("IpAddress", "aws:SourceIp", "203.0.113.5/24"),
        when("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:DB8::/32"]),
    ),
    (
        "malformed-value",
        when("Bool", "aws:SecureTransport", "${aws:x}"),
        when("StringEquals", "aws:userid", "${aws:x}"),
    ),
]
