"""Ways to open a registry to strangers past the guard, each beside what is not public."""

from __future__ import annotations

import re
from typing import Any

import pytest

from planner.guard.settings import Guard
from planner.policy.document import Policy
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.comparing import when
from tests.support.guarded import plan_of
from tests.support.policies import REPOSITORY, document, policy, statement

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


def is_public(before: Policy, after: Policy) -> bool:
    """Whether the guard refuses it for what strangers gain."""
    return "public" in [
        stop.check for stop in plan_of(before, after).stops(Guard()) if stop.answer == "refuse"
    ]


@pytest.mark.parametrize("name", PUBLIC)
def test_what_a_stranger_can_set_narrows_nothing(name: str) -> None:
    assert is_public(policy(ONE), policy(ONE, *PUBLIC[name]))


@pytest.mark.parametrize("name", NOT_PUBLIC)
def test_what_belongs_to_somebody_narrows(name: str) -> None:
    assert not is_public(policy(ONE), policy(ONE, *NOT_PUBLIC[name]))


def test_a_change_around_a_statement_may_make_it_public() -> None:
    (itself,) = only("StringEquals", ORG, f"${{{ORG}}}")
    old = policy(itself, Version="2008-10-17")
    assert is_public(old, policy(itself))
    assert not is_public(policy(itself), old)
    kept = unless("StringNotEquals", ORG, OURS)
    assert is_public(policy(*kept), policy(kept[0]))
    weaker = kept[1]["Condition"] | when("Null", ORG, "false")["Condition"]
    assert is_public(policy(*kept), policy(kept[0], {**kept[1], "Condition": weaker}))


def test_ranges_do_not_add_up_from_plan_to_plan() -> None:
    """A range of the policy before is as good as one of the policy after."""
    first, second = only("IpAddress", IP, EIGHTS[4]), only("IpAddress", IP, EIGHTS[5])
    assert not is_public(policy(ONE), policy(ONE, *first))
    assert is_public(policy(ONE, *first), policy(ONE, *second))


THROUGH = (
    "any ARN",
    "any root",
    "any provider",
    "any organization",
    "any path",
    "no path at all",
    "an organization if there is one",
    "256 ranges",
    "the agent",
    "the referer",
    "the organization itself",
    "a source identity",
    "a tag that is the organization",
    "a Deny but for some endpoint",
    "a Deny but for any endpoint",
    "a tag in Resource",
    "everybody but one account",
    "two halves",
    "ranges in four statements",
)


def refused(cli: Cli, account: Account, before: str, after: str) -> None:
    """Sees plan and apply refuse to lead from one live policy to another."""
    account.put(before)
    live = account.live()
    cli.write("registry_policy.json", after)
    result = cli("plan", "--out", "plan.json")
    assert result.returncode == 5, (result.stdout, result.stderr)
    assert "The guard refuses (public): " in result.stdout
    assert re.search(r"everyone in the world gains access.*\n  For one, .* can now ", result.stdout)
    message = cli.fails(5, "apply", "plan.json", "--approve", "it is meant")
    assert "The guard refuses this plan." in message
    assert "(public)" in message
    assert account.live() == live


@pytest.mark.parametrize("name", THROUGH)
def test_plan_and_apply_refuse_it(name: str, cli: Cli, account: Account) -> None:
    refused(cli, account, document(ONE), document(ONE, *PUBLIC[name]))


def test_plan_and_apply_refuse_another_version(cli: Cli, account: Account) -> None:
    (itself,) = only("StringEquals", ORG, f"${{{ORG}}}")
    old = document(ONE, itself, Version="2008-10-17")
    refused(cli, account, old, document(ONE, itself))


@pytest.mark.parametrize("name", ["an account", "an organization", "an endpoint", "a range"])
def test_what_belongs_to_somebody_is_applied(name: str, cli: Cli, account: Account) -> None:
    cli.write("registry_policy.json", document(ONE, *NOT_PUBLIC[name]))
    cli.ok("plan", "--out", "plan.json")
    cli.ok("apply", "plan.json")
    assert account.live() is not None


@pytest.mark.parametrize("limit", ["STEPS", "_EVALUATIONS"])
def test_what_is_too_intricate_may_be_public(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"planner.access.compare.{limit}", 0)
    assert is_public(policy(ONE), policy(ONE, anyone()))
