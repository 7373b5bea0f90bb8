"""Every rule: a policy that breaks it, and a near one that does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from policies import REPOSITORY, document, policies, statement

from planner.automata.pattern import includes
from planner.lint.check import (
    all_rules,
    check,
    of_problems,
    suppressed,
    suppression_mistake,
    unused,
)
from planner.lint.finding import Finding, finding_from
from planner.lint.rule import RULES
from planner.lint.rules import actions
from planner.lint.suppression import Suppression
from planner.policy.document import Policy, serialize
from planner.policy.parse import ParsedPolicy, find_problems
from planner.registry import Registry

HERE = Registry("aws", "444455556666", "us-west-2")
CHINA = Registry("aws-cn", "444455556666", "cn-north-1")
ROLE = "arn:aws:iam::111122223333:role/ci"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}


def find(text: str, registry: Registry | None = HERE, scope: str | None = "V2") -> list[Finding]:
    parsed = find_problems(text)
    if isinstance(parsed, ParsedPolicy):
        return check(parsed, "p.json", registry, scope)
    return of_problems(parsed, "p.json")


def one(**change: Any) -> str:
    """A policy of one replication statement with some elements changed."""
    body = {key: value for key, value in statement("S", **change).items() if value is not None}
    return document(body)


def allow(principal: object, **change: Any) -> str:
    return one(Principal=principal, **change)


def when(operator: str, key: str, value: object, **change: Any) -> str:
    return one(Condition={operator: {key: value}}, **change)


def ip_but_not(inside: str, outside: str) -> str:
    keys = {"IpAddress": {"aws:SourceIp": inside}, "NotIpAddress": {"aws:SourceIp": outside}}
    return one(Condition=keys)


def with_id(*ids: str) -> str:
    return document(*[statement(each, f"{n + 1:012}") for n, each in enumerate(ids)])


REPLICATE = {"Action": "ecr:ReplicateImage"}
PULL = {"Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]}
LARGE = [f"{REPOSITORY}{n:04}" for n in range(250)]
FULL = [f"{REPOSITORY}{n:04}" for n in range(174)]
OTHER_SIDE = statement("B", "222233334444")

CASES: list[tuple[str, str, str]] = [
    ("json", '{"Statement": [],,}', one()),
    ("not-a-policy", '{"rules": [{"destinations": []}]}', one()),
    ("grammar", one(Effect="allow"), one(Effect="Allow")),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::source_account_id:root"}), one()),
    ("malformed-resource", one(Resource="arn:aws:ecr:us-west-2:<account>:repository/*"), one()),
    ("malformed-resource", one(Resource="arn:aws:ecr:${Region}:444455556666:repository/*"), one()),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::${AWS::AccountId}:root"}), one()),
    (
        "malformed-principal",
        allow({"AWS": "<account>"}),
        one(Resource=f"{REPOSITORY}${{aws:username}}/*"),
    ),
    ("policy-size", one(Resource=LARGE), one(Resource=FULL)),
    ("size-near-limit", one(Resource=FULL), one(Resource=FULL[:150])),
    ("missing-version", document(statement()).replace('"Version": "2012-10-17", ', ""), one()),
    ("old-version", document(statement(), Version="2008-10-17"), one()),
    (
        "variable-version",
        document(statement(Resource=f"{REPOSITORY}${{aws:username}}"), Version="2008-10-17"),
        one(Resource=f"{REPOSITORY}${{aws:username}}"),
    ),
    (
        "variable-version",
        when("StringLike", "aws:userid", "${aws:x}").replace("2012", "2008"),
        one(),
    ),
    (
        "variable-syntax",
        one(Resource=f"{REPOSITORY}${{aws:username"),
        one(Resource=f"{REPOSITORY}${{aws:username}}"),
    ),
    (
        "variable-syntax",
        when("StringEquals", "aws:userid", "${aws:user name}"),
        when("StringEquals", "aws:userid", "${aws:x, 'no one'}"),
    ),
    ("duplicate-sid", with_id("A", "A"), with_id("A", "B")),
    ("malformed-sid", with_id("A\u202e"), with_id("A-b")),
    ("sid-characters", with_id("new statement"), with_id("newStatement1")),
    ("malformed-principal", allow({"AWS": "someone"}), allow({"AWS": ROLE})),
    ("malformed-principal", allow({"Service": "ecr"}), allow({"Service": "ecr.amazonaws.com"})),
    ("malformed-principal", allow({"AWS": "11112222333"}), allow({"AWS": "111122223333"})),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::123456:root"}), one()),
    ("foreign-partition", allow({"AWS": "arn:aws-cn:iam::111122223333:root"}), one()),
    ("malformed-principal", allow({"AWS": "arn:aws:iam::111122223333:group/devs"}), one()),
    (
        "malformed-principal",
        allow({"AWS": "arn:aws:iam::111122223333:role/*"}),
        allow({"AWS": ROLE}),
    ),
    ("principal-type", allow({"Federated": "cognito-identity.amazonaws.com"}), one()),
    ("deleted-principal", allow({"AWS": "AROAABCDEFGHIJKLMNOPQ"}), allow({"AWS": ROLE})),
    (
        "own-account",
        allow({"AWS": "444455556666"}),
        allow({"AWS": "arn:aws:iam::444455556666:user/cache"}),
    ),
    (
        "own-account",
        allow({"AWS": "arn:aws:iam::444455556666:root"}),
        allow({"AWS": "444455556666"}, Effect="Deny"),
    ),
    (
        "allow-not-principal",
        one(Principal=None, NotPrincipal={"AWS": ROLE}),
        one(Principal=None, NotPrincipal={"AWS": ROLE}, Effect="Deny"),
    ),
    (
        "not-principal-account",
        one(Principal=None, NotPrincipal={"AWS": ROLE}, Effect="Deny"),
        one(Principal=None, NotPrincipal={"AWS": [ROLE, "111122223333"]}, Effect="Deny"),
    ),
    (
        "redundant-principal",
        allow({"AWS": [ROLE, "111122223333"]}),
        allow({"AWS": [ROLE, "222233334444"]}),
    ),
    ("redundant-principal", allow({"AWS": ["*", "111122223333"]}), allow({"AWS": ["*"]})),
    (
        "redundant-principal",
        allow({"AWS": ["111122223333", "arn:aws:iam::111122223333:root"]}),
        one(),
    ),
    ("public-access", allow("*"), allow("*", Condition=ORG)),
    (
        "public-access",
        allow("*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}),
        allow("*", Effect="Deny"),
    ),
    (
        "public-access",
        allow(
            {"AWS": "*"}, Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
        ),
        one(),
    ),
    (
        "public-access",
        allow("*", Condition={"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"}}),
        one(),
    ),
    (
        "confused-deputy",
        allow({"Service": "omics.amazonaws.com"}),
        allow(
            {"Service": "omics.amazonaws.com"},
            Condition={"StringEquals": {"aws:sourceAccount": "444455556666"}},
        ),
    ),
    (
        "service-keys",
        allow({"Service": "omics.amazonaws.com"}, Condition=ORG),
        allow(
            {"Service": "omics.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceOrgID": "o-exampleorgid"}},
        ),
    ),
    ("malformed-action", one(Action="ReplicateImage"), one(Action="s3:GetObject")),
    ("unknown-action", one(Action="ecr:ReplicateImages"), one(Action="ECR:replicateimage")),
    ("unknown-action", one(Action="s3:GetObject"), one(Action="ecr:Replicate*")),
    ("all-actions", one(Action="ecr:*"), one(Action="ecr:Get*")),
    ("all-actions", one(Action="*"), one(Action="ecr:*", Effect="Deny")),
    ("wide-action", one(Action="ecr:Batch*"), one(Action="ecr:BatchGet*")),
    (
        "allow-not-action",
        one(Action=None, NotAction="ecr:DeleteRepository"),
        one(Action=None, NotAction="ecr:DeleteRepository", Effect="Deny"),
    ),
    (
        "redundant-action",
        one(Action=["ecr:*", "ecr:CreateRepository"]),
        one(Action=["ecr:CreateRepository", "ecr:ReplicateImage"]),
    ),
    ("redundant-action", one(Action=["ecr:CreateRepository", "ECR:createrepository"]), one()),
    ("replicate-without-create", one(**REPLICATE), one()),
    (
        "replicate-without-create",
        document(
            statement("A", **REPLICATE),
            statement("B", Action="ecr:CreateRepository", Resource=f"{REPOSITORY}x*"),
        ),
        document(statement("A", **REPLICATE), statement("B", Action="ecr:CreateRepository")),
    ),
    (
        "unsupported-resource",
        one(Resource="arn:aws:iam:us-west-2:444455556666:repository/*"),
        one(Resource="*"),
    ),
    (
        "malformed-resource",
        one(Resource="arn:aws:us-west-2:444455556666:repository/*"),
        one(Resource="arn:aws:ecr:*:444455556666:repository/x"),
    ),
    (
        "malformed-resource",
        one(Resource="arn:aws:ecr:us-west-2:444455556666/x"),
        one(Resource="arn:aws:ecr:us-west-2:*"),
    ),
    ("malformed-resource", one(Resource="arn:awsx:ecr:us-west-2:444455556666:repository/*"), one()),
    ("unsupported-resource", one(Resource="arn:aws:ecr:us-west-2:444455556666:image/x"), one()),
    ("malformed-resource", one(Resource="prod-*"), one(Resource=f"{REPOSITORY}prod-*")),
    ("foreign-resource", one(Resource="arn:aws:ecr:us-west-2:111122223333:repository/*"), one()),
    (
        "foreign-resource",
        one(Resource="arn:aws:ecr:us-east-1:444455556666:repository/*"),
        one(Resource="arn:aws:ecr:*:444455556666:repository/*"),
    ),
    ("repository-name", one(Resource=f"{REPOSITORY}Prod-*"), one(Resource=f"{REPOSITORY}prod-*")),
    ("repository-name-form", one(Resource=f"{REPOSITORY}a..b"), one(Resource=f"{REPOSITORY}a.b*")),
    (
        "action-needs-star",
        one(Action="ecr:GetAuthorizationToken"),
        one(Action="ecr:GetAuthorizationToken", Resource="*"),
    ),
    ("action-needs-star", one(Action="ecr:PutRegistry*"), one(Action="ecr:Get*")),
    (
        "wide-resource",
        one(Resource="arn:aws:ecr:*:444455556666:repository/x"),
        one(Resource=f"{REPOSITORY}*"),
    ),
    (
        "redundant-resource",
        one(Resource=[f"{REPOSITORY}*", f"{REPOSITORY}prod-*"]),
        one(Resource=[f"{REPOSITORY}prod-*", f"{REPOSITORY}*-prod"]),
    ),
    (
        "unknown-operator",
        when("StringIs", "aws:userid", "x"),
        when("stringequals", "aws:userid", "x"),
    ),
    (
        "null-if-exists",
        when("NullIfExists", "aws:userid", "true"),
        when("Null", "aws:userid", "true"),
    ),
    (
        "condition-value",
        when("NumericLessThan", "aws:MultiFactorAuthAge", "an hour"),
        when("NumericLessThan", "aws:MultiFactorAuthAge", 3600),
    ),
    (
        "condition-value",
        when("DateLessThan", "aws:CurrentTime", "tomorrow"),
        when("DateLessThan", "aws:CurrentTime", "2026-01-31T00:00:00Z"),
    ),
    (
        "condition-value",
        when("IpAddress", "aws:SourceIp", "10.0.0.300"),
        when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ),
    (
        "condition-value",
        when("Bool", "aws:SecureTransport", "yes"),
        when("Bool", "aws:SecureTransport", True),
    ),
    (
        "condition-value",
        when("ArnLike", "aws:PrincipalArn", "role/ci"),
        when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ci"),
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
        "unknown-condition-key",
        when("StringEquals", "ecr:repositoryName", "x"),
        when("StringEquals", "ecr:ResourceTag/team", "x"),
    ),
    (
        "unknown-condition-key",
        when("StringEquals", "aws:PrincipalTag/", "x"),
        when("StringEquals", "AWS:principalorgid", "o-exampleorgid"),
    ),
    (
        "unknown-condition-key",
        when("ArnLike", "aws:ARN", ROLE),
        when("ArnLike", "aws:PrincipalArn", ROLE),
    ),
    (
        "source-key-replication",
        when("StringEquals", "aws:SourceAccount", "111122223333"),
        when("StringEquals", "aws:SourceAccount", "111122223333", **PULL),
    ),
    ("source-key-replication", when("ArnLike", "aws:sourcearn", ROLE), one(Condition=ORG)),
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
        "set-operator",
        when("StringLike", "aws:PrincipalOrgPaths", "o-x/*"),
        when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-x/*"),
    ),
    (
        "set-operator",
        when("ForAnyValue:StringEquals", "aws:PrincipalOrgID", "o-exampleorgid"),
        one(Condition=ORG),
    ),
    (
        "wildcard-in-equals",
        when("StringEquals", "aws:userid", "AROA*"),
        when("StringLike", "aws:userid", "AROA*"),
    ),
    (
        "key-type",
        when("StringLike", "aws:PrincipalArn", ROLE),
        when("ArnLike", "aws:PrincipalArn", ROLE),
    ),
    (
        "key-type",
        when("StringEquals", "aws:SourceIp", "203.0.113.1"),
        when("NotIpAddress", "aws:SourceIp", "203.0.113.1"),
    ),
    (
        "bool-values",
        when("Bool", "aws:SecureTransport", [True, False]),
        when("Bool", "aws:SecureTransport", True),
    ),
    (
        "forged-key",
        when("StringLike", "aws:UserAgent", "docker*"),
        when("StringLike", "aws:userid", "docker*"),
    ),
    (
        "private-ip",
        when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "192.168.1.1"]),
        when("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"]),
    ),
    (
        "ip-host-bits",
        when("IpAddress", "aws:SourceIp", "203.0.113.5/24"),
        when("NotIpAddress", "aws:SourceIp", ["203.0.113.0/24", "2001:DB8::/32"]),
    ),
    (
        "set-operator",
        when("ForAnyValue:Null", "aws:TagKeys", "true"),
        when("Null", "aws:TagKeys", "true"),
    ),
    ("empty-list", one(Action=[]), one(Action=["ecr:CreateRepository"])),
    ("empty-list", allow({}), allow("*")),
    ("empty-list", one(Resource=[]), one(Resource=["*"])),
    ("empty-list", allow({"AWS": []}), allow({"AWS": ROLE})),
    ("empty-list", when("StringEquals", "aws:userid", []), one(Condition={})),
    (
        "redundant-statement",
        document(statement("A"), statement("B", Resource=f"{REPOSITORY}x")),
        document(statement("A"), OTHER_SIDE),
    ),
    (
        "redundant-statement",
        document(statement("A"), statement("B")),
        document(statement("A", Condition=ORG), statement("B", Resource=f"{REPOSITORY}x")),
    ),
    (
        "mergeable-statements",
        document(statement("A"), OTHER_SIDE),
        document(statement("A"), {**OTHER_SIDE, "Resource": f"{REPOSITORY}x"}),
    ),
    (
        "unmatched-deny",
        document(statement("A"), statement("D", "222233334444", Effect="Deny")),
        document(
            statement("A"), statement("D", "111122223333", Effect="Deny", Resource=f"{REPOSITORY}x")
        ),
    ),
    (
        "unmatched-deny",
        document(statement("A"), statement("D", Effect="Deny", Action="ecr:PutImage")),
        document(
            statement("A"), statement("D", "444455556666", Effect="Deny", Action="ecr:PutImage")
        ),
    ),
    ("never-matches", one(Action=None, NotAction="*"), one(Action=None, NotAction="ecr:Get*")),
    (
        "never-matches",
        one(Resource=None, NotResource="*"),
        one(Resource=None, NotResource=f"{REPOSITORY}x"),
    ),
    ("never-matches", one(Principal=None, NotPrincipal="*", Effect="Deny"), one()),
    (
        "never-matches",
        one(
            Condition={"StringEquals": {"aws:userid": "x"}, "Null": {"aws:userid": "true"}},
            Effect="Deny",
        ),
        one(Condition={"StringEquals": {"aws:userid": "x"}, "Null": {"aws:userid": "false"}}),
    ),
    (
        "never-matches",
        one(
            Condition={
                "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                "NotIpAddress": {"aws:SourceIp": "203.0.0.0/16"},
            }
        ),
        one(
            Condition={
                "IpAddress": {"aws:SourceIp": "203.0.0.0/16"},
                "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            }
        ),
    ),
    (
        "condition-value",
        when("Bool", "aws:SecureTransport", "${aws:x}"),
        when("StringEquals", "aws:userid", "${aws:x}"),
    ),
]


@pytest.mark.parametrize(("rule", "bad", "near"), CASES)
def test_a_rule(rule: str, bad: str, near: str) -> None:
    assert rule in {each.rule for each in find(bad)}
    assert rule not in {each.rule for each in find(near)}


def test_rules_that_need_the_scope() -> None:
    for scope, rule in (("V1", "scope-v1"), (None, "needs-scope-v2")):
        assert rule in {each.rule for each in find(one(**PULL), scope=scope)}
        assert rule not in {each.rule for each in find(one(**PULL), scope="V2")}
        assert rule not in {each.rule for each in find(one(), scope=scope)}
    (found,) = [
        each for each in find(one(Action="ecr:PutImage"), scope="V1") if each.rule == "scope-v1"
    ]
    assert "put-account-setting --name REGISTRY_POLICY_SCOPE --value V2" in found.message


def test_every_rule_is_among_the_cases() -> None:
    tested = {rule for rule, _, _ in CASES} | {"scope-v1", "needs-scope-v2"}
    tested |= {"unused-switch", "access-analyzer"}
    assert tested == {each.id for each in all_rules()}


def test_every_rule_names_its_fact() -> None:
    """A page of the documentation, or the rule or function whose page is the same."""
    for rule in RULES.values():
        text = (rule.check.__doc__ or "") if rule.check else ""
        named = re.findall(r"`(\w+)`", text)
        assert "https://docs.aws.amazon.com/" in text or named, rule.id


def test_the_partition_of_the_registry() -> None:
    text = one(
        Principal={"AWS": "arn:aws-cn:iam::111122223333:root"},
        Resource="arn:aws-cn:ecr:cn-north-1:444455556666:repository/*",
    )
    assert find(text, CHINA) == find(text, None) == []
    assert {each.rule for each in find(text)} == {"foreign-partition", "foreign-resource"}


def test_a_finding_stands_at_its_value() -> None:
    text = """{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "A", "Effect": "Allow", "Principal": {"AWS": "111122223333"},
    "Action": ["ecr:CreateRepository",
               "ecr:ReplicateImages"],
    "Resource": "*"
  }
}"""
    (found,) = find(text)
    assert (found.rule, found.pointer, found.statement) == (
        "unknown-action",
        "/Statement/0/Action/1",
        'statement["A"]',
    )
    place = found.place
    assert (place.line, place.column, place.end_line, place.end_column) == (6, 16, 6, 37)
    assert "did you mean 'ecr:ReplicateImage'" in found.message
    assert finding_from(found.to_json()) == found


GUIDE = [
    one(),
    document(statement("A1"), statement("A2", "222233334444")),
    one(Resource=[f"{REPOSITORY}prod-*"]),
    one(
        Principal={"AWS": "arn:aws:iam::444455556666:user/ecr-pull-through-cache-user"},
        Action=["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
        Resource=f"{REPOSITORY}ecr-public/*",
    ),
    one(
        Action=[
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchImportUpstreamImage",
            "ecr:GetImageCopyStatus",
        ]
    ),
    one(
        Principal={"Service": "omics.amazonaws.com"},
        Action=["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
        Resource=[f"{REPOSITORY}ecr-public/*", f"{REPOSITORY}docker-hub/*"],
    ),
]


@pytest.mark.parametrize("text", GUIDE)
@pytest.mark.parametrize("registry", [HERE, None])
def test_the_examples_of_the_ecr_guide_have_no_error(text: str, registry: Registry | None) -> None:
    assert not [each for each in find(text, registry) if each.severity == "error"]


@settings(max_examples=60, deadline=None)
@given(policies)
def test_rules_take_any_policy(policy: Policy) -> None:
    for finding in find(serialize(policy)):
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.place.line >= 1


def test_switches() -> None:
    findings = find(
        document(statement("A", **REPLICATE), statement("B", "222233334444", **REPLICATE))
    )
    assert [each.rule for each in findings].count("replicate-without-create") == 2
    for name in ("A", 'statement["A"]'):
        suppression = Suppression("replicate-without-create", name, "they make their own")
        kept, used = suppressed(findings, [suppression])
        assert [each.statement for each in kept if each.rule == suppression.rule] == [
            'statement["B"]'
        ]
        assert used == {suppression}
    everywhere = Suppression("replicate-without-create")
    kept, used = suppressed(findings, [everywhere])
    assert not [each for each in kept if each.rule == everywhere.rule]
    idle = Suppression("all-actions", "A", "why")
    (found,) = unused([everywhere, idle], used, "planner.toml")
    assert (found.rule, found.file) == ("unused-switch", "planner.toml")
    assert "all-actions for A" in found.message


def test_a_switch_names_a_rule() -> None:
    assert suppression_mistake("own-account") == ""
    assert "did you mean 'own-account'" in suppression_mistake("own-acount")
    for fixed in ("json", "grammar", "not-a-policy", "unused-switch"):
        assert "cannot be suppressed off" in suppression_mistake(fixed)


def test_many_wildcards_are_compared_within_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(outer: list[str], inner: str) -> bool:
        asked.append(inner)
        return includes(outer, inner)

    monkeypatch.setattr(actions, "includes", counted)
    listed = [(f"/{n}", text, text) for n in range(550) for text in [f"ecr:*a?*a?*a?{n}"]]
    found = actions.redundant([("/all", "*", "*"), *listed])
    assert [hit.pointer for hit in found] == [pointer for pointer, _, _ in listed]
    assert not list(actions.redundant(listed))
    assert len(asked) < 20_000
