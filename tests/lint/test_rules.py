"""Every rule: a policy that breaks it, and a near one that does not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from planner.automata.pattern import subsumes
from planner.lint.check import all_rules
from planner.lint.finding import finding_from
from planner.lint.rule import RULES
from planner.lint.rules import actions
from planner.policy.document import Policy, serialize
from planner.registry import Registry
from tests.lint.cases import CASES
from tests.support.effort import tries
from tests.support.lint import HERE, PULL, find, one
from tests.support.policies import REPOSITORY, document, policies, statement

CHINA = Registry("aws-cn", "444455556666", "cn-north-1")


@pytest.mark.parametrize(("rule", "bad", "near"), CASES)
def test_a_rule(rule: str, bad: str, near: str) -> None:
    assert rule in {each.rule for each in find(bad)}
    assert rule not in {each.rule for each in find(near)}


def test_rules_that_need_the_scope() -> None:
    for scope, rule in (("V1", "scope-v1"), (None, "needs-scope-v2")):
        assert rule in {each.rule for each in find(one(**PULL), scope=scope)}
        assert rule not in {each.rule for each in find(one(**PULL), scope="V2")}
        assert rule not in {each.rule for each in find(one(), scope=scope)}
    (found,) = [each for each in find(one(**PULL), scope="V1") if each.rule == "scope-v1"]
    assert "ecr:BatchGetImage, ecr:GetDownloadUrlForLayer" in found.message
    assert "raise_scope = true in planner.toml" in found.hint


def test_a_deny_in_scope_v1_reaches_no_administration() -> None:
    freeze = next(bad for rule, bad, _ in CASES if rule == "lockout")
    assert "lockout" in {each.rule for each in find(freeze, scope=None)}
    assert "lockout" not in {each.rule for each in find(freeze, scope="V1")}


def test_a_deny_of_all_accounts_locks_out_whatever_the_account_is() -> None:
    freeze = next(bad for rule, bad, _ in CASES if rule == "lockout")
    assert "lockout" in {each.rule for each in find(freeze, registry=None)}


def test_scope_v1_allows_nobody_to_pull() -> None:
    cache = one(Action=["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"])
    assert [each.rule for each in find(cache)] == ["incomplete-actions"]
    assert not find(cache, scope="V1")


@pytest.mark.parametrize(
    "second",
    [
        "arn:aws:ecr:eu-west-1:444455556666:repository/*",
        "arn:aws:ecr:us-west-2:222233334444:repository/*",
        "arn:aws-cn:ecr:*:444455556666:repository/*",
    ],
)
def test_a_policy_is_for_one_registry(second: str) -> None:
    text = one(Resource=[f"{REPOSITORY}*", second])
    (found,) = [each for each in find(text, None) if each.severity == "error"]
    assert (found.rule, found.pointer) == ("several-registries", "/Statement/0/Resource/1")
    known = [each for each in find(text) if each.severity != "note"]
    assert [each.rule for each in known] == ["partly-foreign-resource"]
    assert not find(one(), None)


def test_the_source_account_in_resource() -> None:
    text = one(Principal={"AWS": "444455556666"})
    (found,) = find(text, is_assumed=True)
    assert (found.rule, found.severity) == ("source-in-resource", "error")
    assert [each.rule for each in find(text)] == ["own-account"]
    assert not find(one(), is_assumed=True)
    foreign = "arn:aws:ecr:us-west-2:111122223333:repository/a-*"
    (known,) = find(one(Resource=foreign))
    assert known.rule == "foreign-resource"
    assert "destination" in known.message
    assert known.hint == f"Write {REPOSITORY}a-*."


@pytest.mark.parametrize("actions", ["ecr:ReplicateImage", "ecr:*", "ecr:Put*", PULL["Action"]])
def test_an_allow_for_the_own_account_alone_is_one_finding(actions: object) -> None:
    (found,) = find(one(Principal={"AWS": "444455556666"}, Action=actions))
    assert found.rule == "own-account"


def test_a_statement_for_each_team_is_one_note() -> None:
    teams = [statement(f"T{n}", Resource=f"{REPOSITORY}team-{n}/*") for n in range(30)]
    (found,) = find(document(*teams))
    assert (found.rule, found.statement) == ("mergeable-statements", 'statement["T0"]')
    assert "25 more" in found.message


def test_every_rule_is_among_the_cases() -> None:
    tested = {rule for rule, _, _ in CASES} | {"scope-v1", "needs-scope-v2"}
    tested |= {"unused-switch", "access-analyzer", "placeholder", "fragments", "yaml"}
    tested |= {"expired", "unknown-statement"}
    tested |= {"several-registries", "source-in-resource"}
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
    place = found.location
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


@settings(max_examples=tries(25))
@given(policies)
def test_rules_take_any_policy(policy: Policy) -> None:
    for finding in find(serialize(policy)):
        assert finding.message
        assert not finding.message.endswith(".")
        assert finding.location.line >= 1


def test_many_wildcards_are_compared_within_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(outer: list[str], inner: str) -> bool:
        asked.append(inner)
        return subsumes(outer, inner)

    monkeypatch.setattr(actions, "subsumes", counted)
    listed = [(f"/{n}", text, text) for n in range(550) for text in [f"ecr:*a?*a?*a?{n}"]]
    found = actions.redundant([("/all", "*", "*"), *listed])
    assert [hit.pointer for hit in found] == [pointer for pointer, _, _ in listed]
    assert not list(actions.redundant(listed))
    assert len(asked) < 20_000
