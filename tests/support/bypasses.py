"""Ways to open a registry to strangers past the guard, and what beside them is not public."""

from __future__ import annotations

from typing import Any

from tests.support.comparing import when
from tests.support.policies import REPOSITORY, statement

Body = dict[str, Any]
ARN, ORG, ACCOUNT, PROVIDER = (
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalAccount",
    "aws:FederatedProvider",
)
PATHS, IP, VPCE, VPC_ARN, USER_ID = (
    "aws:PrincipalOrgPaths",
    "aws:SourceIp",
    "aws:SourceVpce",
    "aws:SourceVpcArn",
    "aws:userid",
)
OURS, ENDPOINT = "o-a1b2c3d4e5", "vpce-0123456789abcdef0"
TAG = "${aws:PrincipalTag/x}"
EIGHTS = tuple(f"{number}.0.0.0/8" for number in range(256))
ONE = statement("A")


def anyone(**more: Any) -> Body:
    """An Allow for everybody."""
    return statement("Open", **{"Principal": "*", **more})


def only(operator: str, key: str, *values: str) -> list[Body]:
    """An Allow for everybody under one condition."""
    return [anyone(**when(operator, key, *values))]


def unless(operator: str, key: str, *values: str, **more: Any) -> list[Body]:
    """An Allow for everybody, and a Deny under one condition."""
    wide = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
    return [anyone(), statement("D", **{**wide, **when(operator, key, *values), **more})]


def but(name: str, value: Any) -> list[Body]:
    """An Allow with a negated element."""
    rest = anyone()
    del rest[name.removeprefix("Not")]
    return [{**rest, name: value}]


CONDITIONS: dict[str, list[Body]] = {
    "any ARN": only("StringLike", ARN, "arn:*"),
    "any root": only("StringLike", ARN, "arn:aws:iam::*:root"),
    "any account of twelve digits": only("ArnLike", ARN, "arn:aws:iam::????????????:*"),
    "a role of that name anywhere": only("ArnLike", ARN, "arn:aws:iam::*:role/admin"),
    "a path like an account": only("StringLike", ARN, "*:role/444455556666/*"),
    "accounts that begin alike": only("StringLike", ACCOUNT, "22223333444?"),
    "all accounts but one": only("StringNotEquals", ACCOUNT, "222233334444"),
    "an account as a number": only("NumericGreaterThan", ACCOUNT, "0"),
    "any provider": only("StringLike", PROVIDER, "*"),
    "a provider of everybody": only("StringEquals", PROVIDER, "accounts.google.com"),
    "any SAML provider": only("ArnLike", PROVIDER, "arn:aws:iam::*:saml-provider/*"),
    "any organization": only("StringLike", ORG, "o-*"),
    "organizations that begin alike": only("StringLike", ORG, f"{OURS}*"),
    "no organization": only("Null", ORG, "true"),
    "some organization": only("Null", ORG, "false"),
    "any path": only("ForAnyValue:StringLike", PATHS, "o-*/r-ab12/*"),
    "a path without its end": only("ForAnyValue:StringLike", PATHS, f"{OURS}*"),
    "no path at all": only("ForAllValues:StringLike", PATHS, f"{OURS}/*"),
    "an organization if there is one": only("StringEqualsIfExists", ORG, OURS),
    "an endpoint if there is one": only("StringEqualsIfExists", VPCE, ENDPOINT),
    "any endpoint": only("StringLike", VPCE, "vpce-*"),
    "any organization's endpoint": only("StringLike", "aws:VpceOrgID", "*"),
    "any VPC": only("ArnLike", VPC_ARN, "arn:aws:ec2:*:*:vpc/*"),
    "an address in a VPC": only("IpAddress", "aws:VpcSourceIp", "10.1.2.0/24"),
    "256 ranges": only("IpAddress", IP, *EIGHTS),
    "two ranges of a continent": only("IpAddress", IP, *EIGHTS[4:6]),
    "half of all addresses": only("IpAddress", IP, "0.0.0.0/1"),
    "all addresses of version 6": only("IpAddress", IP, "2000::/3"),
    "all of version 4 as version 6": only("IpAddress", IP, "::ffff:0:0/96"),
    "all but one range": only("NotIpAddress", IP, "203.0.113.0/24"),
    "the agent": only("StringEquals", "aws:UserAgent", "secret"),
    "the referer": only("StringEquals", "aws:Referer", "https://example.com"),
    "a tag": only("StringEquals", "aws:PrincipalTag/team", "platform"),
    "a tag that is the organization": only("StringEquals", "aws:PrincipalTag/org", f"${{{ORG}}}"),
    "an account that is a tag": only("StringEquals", ACCOUNT, TAG),
    "an endpoint that is a tag": only("StringEquals", VPCE, TAG),
    "an organization or a default": only("StringEquals", ORG, f"${{aws:PrincipalTag/x,'{OURS}'}}"),
    "the account itself": only("StringEquals", ACCOUNT, f"${{{ACCOUNT}}}"),
    "the organization itself": only("StringLike", ORG, f"${{{ORG}}}*"),
    "a path of the organization": only("ForAnyValue:StringLike", PATHS, f"${{{ORG}}}/*"),
    "a name": only("StringEquals", "aws:username", "admin"),
    "a session's name": only("StringLike", USER_ID, "*:ci"),
    "any id of a role": only("StringLike", USER_ID, "AROA*"),
    "a source identity": only("StringEquals", "aws:SourceIdentity", "alice"),
    "MFA": only("Bool", "aws:MultiFactorAuthPresent", "true"),
    "a later day": only("DateGreaterThan", "aws:CurrentTime", "2090-01-01T00:00:00Z"),
    "the registry's account": only("StringEquals", "aws:ResourceAccount", "444455556666"),
    "the registry's organization": only("StringEquals", "aws:ResourceOrgID", OURS),
    "tagged repositories": only("StringEquals", "ecr:ResourceTag/public", "true"),
    "no source": only("StringEqualsIfExists", "aws:SourceAccount", "444455556666"),
    "a key that is not known": only("StringEquals", "ecr:Colour", "blue"),
    "an operator that is not known": only("StringMatches", ORG, OURS),
}
OTHERS: dict[str, list[Body]] = {
    "a Deny but for some endpoint": unless("Null", VPCE, "true"),
    "a Deny but for any endpoint": unless("StringNotLike", VPCE, "vpce-*"),
    "a Deny but for all addresses": unless("NotIpAddress", IP, "0.0.0.0/1", "128.0.0.0/1"),
    "a Deny but for a role's name": unless("ArnNotLike", ARN, "arn:aws:iam::*:role/ci"),
    "a Deny but for a tag": unless("Null", "aws:PrincipalTag/x", "true"),
    "a Deny but for some provider": unless("Null", PROVIDER, "true"),
    "a Deny without MFA": unless("Bool", "aws:MultiFactorAuthPresent", "false"),
    "a Deny of one action": unless("StringNotEquals", ORG, OURS, Action="ecr:ReplicateImage"),
    "a Deny elsewhere": unless("StringNotEquals", ORG, OURS, Resource=f"{REPOSITORY}a*"),
    "a Deny of one account": unless("StringNotEquals", ORG, OURS, Principal={"AWS": "2" * 12}),
    "a Deny of any value": unless("ForAnyValue:StringNotLike", PATHS, f"{OURS}/*"),
    "a tag in Resource": [anyone(Resource=f"{REPOSITORY}{TAG}/*")],
    "a name in Resource": [anyone(Resource=f"{REPOSITORY}${{aws:username}}/*")],
    "everybody but one account": but("NotPrincipal", {"AWS": "222233334444"}),
    "everybody but a service": but("NotPrincipal", {"Service": "ec2.amazonaws.com"}),
    "all actions but one": but("NotAction", "ecr:PutImage"),
    "all repositories but one": but("NotResource", f"{REPOSITORY}secret"),
    "everybody in a list": [anyone(Principal={"AWS": ["222233334444", "*"]})],
    "two halves": [
        *only("StringEquals", ORG, OURS),
        statement("B", Principal="*", **when("StringNotEquals", ORG, OURS)),
    ],
    "ranges in four statements": [
        statement(f"S{part}", Principal="*", **when("IpAddress", IP, *EIGHTS[part::4]))
        for part in range(4)
    ],
    "an action that is not known": [anyone(Action="ecr:PaintImage")],
}
NOT_PUBLIC: dict[str, list[Body]] = {
    "an account": only("StringEquals", ACCOUNT, "222233334444"),
    "ARNs of an account": only("StringLike", ARN, "arn:aws:iam::222233334444:*"),
    "a provider of an account": only(
        "StringEquals", PROVIDER, "arn:aws:iam::222233334444:saml-provider/idp"
    ),
    "an organization": only("StringEquals", ORG, OURS),
    "an organization in capitals": only("StringEqualsIgnoreCase", ORG, OURS.upper()),
    "a path": only("ForAnyValue:StringLike", PATHS, f"{OURS}/r-ab12/*"),
    "the registry's own": only("StringEquals", ORG, "${aws:ResourceOrgID}"),
    "the registry's own account": only("StringEquals", ACCOUNT, "${aws:ResourceAccount}"),
    "an endpoint": only("StringEquals", VPCE, ENDPOINT),
    "VPCs of an account": only("ArnLike", VPC_ARN, "arn:aws:ec2:us-west-2:222233334444:vpc/*"),
    "a range": only("IpAddress", IP, "203.0.113.0/24"),
    "ranges": only("IpAddress", IP, "203.0.113.0/24", "2001:db8::/48"),
    "an id": only("StringLike", USER_ID, "AROAABCDEFGHIJKLMNOPQ:*"),
    "a Deny but for an organization": unless("StringNotEquals", ORG, OURS),
    "a Deny but for an endpoint": unless("StringNotEquals", VPCE, ENDPOINT),
    "a Deny but for a range": unless("NotIpAddress", IP, "203.0.113.0/24"),
    "a Deny of no value": unless("ForAllValues:StringNotLike", PATHS, f"{OURS}/*"),
}
PUBLIC = {**CONDITIONS, **OTHERS}
