"""Whose access counts as public."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.comparing import ORG, REGISTRY, checked, not_given, repositories, rule, when
from tests.support.policies import policy


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({}, True),
        (when("Bool", "aws:SecureTransport", "true"), True),
        (when("StringEquals", ORG, "o-exampleorg1"), False),
        (when("StringLike", ORG, "*"), True),
        (when("StringEqualsIfExists", ORG, "o-exampleorg1"), True),
        (when("StringNotEquals", ORG, "o-exampleorg1"), True),
        (when("IpAddress", "aws:SourceIp", "10.0.0.0/8"), False),
        (when("IpAddress", "aws:SourceIp", "0.0.0.0/0"), True),
        (when("IpAddress", "aws:SourceIp", "0.0.0.0/1", "128.0.0.0/1"), True),
        (when("IpAddress", "aws:SourceIp", "2001:db8::/32"), False),
        (when("StringEquals", ORG, f"${{{ORG}}}"), True),
        (when("StringLike", ORG, "o-?*"), True),
        (when("StringLike", "aws:PrincipalOrgPaths", "o-exampleorg1/r-ab12/*"), False),
        (when("StringLike", "aws:PrincipalAccount", "1*"), True),
        (when("ArnLike", "aws:PrincipalArn", "arn:*:iam::*:role/*"), True),
        (when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"), False),
        (when("ArnLike", "aws:SourceArn", "arn:aws:s3:::mine/*"), False),
    ],
)
def test_public_is_access_of_everyone_that_no_condition_narrows(
    condition: dict[str, Any], *, public: bool
) -> None:
    (row,) = checked(None, policy(rule(Principal="*", **condition)), REGISTRY).gained
    assert row.public is public


def test_a_deny_may_be_what_narrows_the_access_of_everyone() -> None:
    only_ours = [rule(Principal="*"), not_given("StringNotEquals", ORG, "o-exampleorg1")]
    (row,) = checked(None, policy(*only_ours), REGISTRY).gained
    assert (row.principal.kind, row.public) == ("everyone", False)
    elsewhere = [rule(Principal="*"), not_given("StringEquals", ORG, "o-exampleorg1")]
    (row,) = checked(None, policy(*elsewhere), REGISTRY).gained
    assert row.public


def test_access_of_everyone_to_a_part_is_public() -> None:
    """A Deny of strangers elsewhere in the same row keeps none of it from being public."""
    for kept in ({"Resource": repositories("a*")}, {"Action": "ecr:Replicate*"}):
        allow = rule(Principal="*", Action=["ecr:PutImage", "ecr:ReplicateImage"])
        after = policy(
            allow, not_given("StringNotEquals", ORG, "o-exampleorg1") | {"Action": "ecr:*"} | kept
        )
        (row,) = checked(None, after, REGISTRY).gained
        assert row.public
        assert ORG.lower() not in row.witness.context
