"""Principals, actions and resources: lint and engine are asked from one table."""

from __future__ import annotations

import itertools
import re
from typing import Any, Literal

import pytest
from hypothesis import example, settings
from hypothesis import given as drawn
from hypothesis import strategies as st

from planner.access.api import Request, compare, evaluate, grants, parse_caller
from planner.automata.pattern import matches
from planner.diff.changes import diff
from planner.errors import UsageError
from planner.generate.policy_types import PartialRegistry, namespace_refusal, repository_refusal
from planner.guard.checks import Crossing, stops
from planner.guard.settings import DEFAULTS, Guard
from planner.lint.check import check
from planner.policy.action import parse_action
from planner.policy.address import statement_name
from planner.policy.document import Policy
from planner.policy.ecr_rules import refusals
from planner.policy.parse import ParsedPolicy, find_problems, parse_policy
from planner.policy.principal import parse_principal
from planner.policy.resource import RepositoryName, parse_resource
from planner.registry import Registry
from planner.text import fold
from tests.support.cli import Cli
from tests.support.effort import tries
from tests.support.lint import broken
from tests.support.policies import REPOSITORY, document, policy, statement

REGISTRY = Registry("aws", "444455556666", "us-west-2")
ID = "111122223333"
CHINA = f"arn:aws-cn:iam::{ID}:root"

Said = Literal["allowed", "not said", "unknown"]
PRINCIPALS: list[tuple[dict[str, str], str, str | None, Said]] = [
    ({"AWS": ID}, ID, None, "allowed"),
    ({"AWS": f"arn:aws:sts::{ID}:assumed-role/ci"}, ID, "malformed-principal", "unknown"),
    ({"AWS": f"arn:aws:iam::{ID}:role/a/"}, ID, "malformed-principal", "unknown"),
    ({"AWS": f"arn:aws:iam::{ID}:group/a"}, ID, "malformed-principal", "unknown"),
    ({"AWS": f"arn:aws-abcdefghij:iam::{ID}:root"}, ID, "malformed-principal", "unknown"),
    ({"Service": "ECS.AMAZONAWS.COM"}, "ecs.amazonaws.com", "malformed-principal", "unknown"),
    ({"Service": "Ecs.amazonaws.com"}, "ecs.amazonaws.com", "malformed-principal", "unknown"),
    ({"Service": "*"}, "ecs.amazonaws.com", "malformed-principal", "unknown"),
    ({"Federated": "*"}, "accounts.google.com", "malformed-principal", "unknown"),
    ({"AWS": CHINA}, ID, "foreign-partition", "not said"),
    (
        {"Federated": "cognito-identity.amazonaws.com"},
        "cognito-identity.amazonaws.com",
        "principal-type",
        "allowed",
    ),
    (
        {"Service": "cognito-identity.amazonaws.com"},
        "cognito-identity.amazonaws.com",
        "malformed-principal",
        "unknown",
    ),
]


def names(one: Policy) -> list[str]:
    return [statement_name(each, at) for at, each in enumerate(one.statements)]


def allow(**more: Any) -> dict[str, Any]:
    return statement("A", **more)


def found_rules(text: str, scope: str | None = "V2") -> set[str]:
    parsed = find_problems(text)
    assert isinstance(parsed, ParsedPolicy)
    return {each.rule for each in check(parsed, REGISTRY, scope)}


def decide(one: Policy, caller: str, resource: str = f"{REPOSITORY}a/b") -> str:
    request = Request(parse_caller(caller, "aws"), "ecr:ReplicateImage", resource)
    return evaluate(one, request).outcome


@pytest.mark.parametrize(("principal", "caller", "rule", "outcome"), PRINCIPALS)
def test_principals(
    principal: dict[str, str], caller: str, rule: str | None, outcome: Said
) -> None:
    text = document(allow(Principal=principal))
    one = policy(allow(Principal=principal))
    assert rule is None or rule in found_rules(text)
    assert decide(one, caller) == outcome
    found = grants(one, REGISTRY)
    assert bool(found.gained) == (outcome == "allowed")
    assert bool(found.unknown) == (outcome == "unknown")
    assert {row.principal.id for row in found.gained} <= set(principal.values())
    assert bool(refusals(one, "aws", "V2")) == (rule not in (None, "principal-type"))


def test_a_malformed_principal_is_a_doubt_and_a_well_formed_one_beside_it_is_not() -> None:
    wrong = f"arn:aws:iam::{ID}:role/a/"
    before = policy(allow())
    after = policy(allow(Principal={"AWS": [ID, wrong, "222233334444"]}))
    found = compare(before, after, REGISTRY)
    assert found.verdict == "broadens"
    assert [row.principal.id for row in found.gained] == ["222233334444"]
    assert {each.principal.id for each in found.unknown if each.principal} == {wrong}
    beside = policy(allow(), statement("B", "222233334444"), statement("C", wrong))
    assert decide(beside, ID) == decide(beside, "222233334444") == "allowed"
    assert decide(beside, "333344445555") == "unknown"


def test_what_both_sides_share_is_no_doubt() -> None:
    """Whatever a malformed value means, it means the same in both policies."""
    wrong = {"AWS": [ID, f"arn:aws:iam::{ID}:role/a/"]}
    before, after = policy(allow(Principal=wrong)), policy(allow(Principal=wrong, Sid="B"))
    assert compare(before, after, REGISTRY).verdict == "equivalent"
    more = {"Principal": wrong, "Action": ["ecr:CreateRepository", "ecr:PutImage"]}
    less = {"Principal": wrong, "Action": ["ecr:CreateRepository"]}
    found = compare(policy(allow(**less)), policy(allow(**more)), REGISTRY)
    assert [(row.principal.id, row.actions) for row in found.gained] == [(ID, ("ecr:PutImage",))]
    assert {each.principal.kind for each in found.unknown if each.principal} == {"malformed"}
    assert not found.lost


def test_a_malformed_value_of_a_not_element_is_a_doubt() -> None:
    wrong = f"arn:aws:iam::{ID}:role/a/"
    spared = {key: value for key, value in allow().items() if key != "Principal"}
    one = policy({**spared, "Effect": "Deny", "NotPrincipal": {"AWS": [ID, wrong]}}, allow(Sid="B"))
    assert decide(one, ID) == "allowed"
    assert decide(one, f"arn:aws:iam::{ID}:role/a") == "unknown"
    no_action = {key: value for key, value in allow(Sid="C").items() if key != "Action"}
    assert decide(policy({**no_action, "NotAction": ["PutImage"]}), ID) == "unknown"
    assert decide(policy({**no_action, "NotAction": ["PutImage", "ecr:Re*"]}), ID) == "not said"


@pytest.mark.parametrize(
    "more",
    [
        {"Principal": {"AWS": f"arn:aws:sts::{ID}:assumed-role/ci"}},
        {"Principal": {"AWS": f"arn:aws:iam::{ID}:role/a/"}},
        {"Principal": {"Service": "*"}},
        {"Principal": {"AWS": "999988887777"}, "Action": "PutImage"},
        {"Principal": {"AWS": "999988887777"}, "Resource": "arn:aws:ecr:uswest2:*"},
    ],
)
def test_the_guard_lets_no_malformed_grant_pass(more: dict[str, Any]) -> None:
    answers = {**dict.fromkeys(DEFAULTS, "allow"), "new-account": "refuse"}
    before = policy(allow(), statement("Z", REGISTRY.account_id))
    after = policy(allow(), statement("Z", REGISTRY.account_id), {**statement("B"), **more})
    access = compare(before, after, REGISTRY)
    changes = diff(before, after)
    crossing = Crossing(REGISTRY, before, after, changes, access, names(before), names(after))
    (stop,) = stops(Guard(answers), crossing)  # type: ignore[arg-type]
    assert (stop.check, stop.answer, stop.statement) == ("new-account", "refuse", 'statement["B"]')
    same = compare(after, after, REGISTRY)
    again = Crossing(REGISTRY, after, after, (), same, names(after), names(after))
    assert not stops(Guard(answers), again)  # type: ignore[arg-type]


def test_no_call_crosses_partitions() -> None:
    with pytest.raises(UsageError, match="cannot call this registry") as raised:
        parse_caller(CHINA, "aws")
    assert "partition aws-cn, the registry in aws" in raised.value.detail
    assert parse_caller(CHINA).partition == "aws-cn"
    one = policy(allow(Principal={"AWS": [CHINA, f"arn:aws-cn:iam::{ID}:role/x"]}))
    assert grants(one, REGISTRY).gained == ()
    assert {row.principal.id for row in grants(one).gained} == {
        CHINA,
        f"arn:aws-cn:iam::{ID}:role/x",
    }


def test_the_command_line_asks_the_same_parser(offline: Cli) -> None:
    flags = ("--account-id", REGISTRY.account_id, "--region", REGISTRY.region)
    ask = ("ecr:ReplicateImage", "a/b", *flags)
    offline.write("registry_policy.json", document(allow(Principal={"AWS": CHINA})))
    assert offline.ok("access", *flags).startswith("Nobody")
    result = offline("can", ID, *ask)
    assert (result.returncode, result.stdout.splitlines()[0]) == (
        1,
        "Not said here: no statement allows it.",
    )
    assert "no call crosses partitions" in offline.fails(64, "can", CHINA, *ask)
    provider = "cognito-identity.amazonaws.com"
    offline.write("registry_policy.json", document(allow(Principal={"Federated": provider})))
    assert f"federated {provider}" in offline.ok("access", *flags)
    offline.ok("can", provider, *ask)
    wrong = offline.fails(64, "can", ID, ask[0], "arn:aws:ecr:uswest2:444455556666:repository/a")
    assert "'uswest2' is no Region" in wrong


RESOURCES: list[tuple[str, str | None]] = [
    (f"{REPOSITORY}*", None),
    ("*", None),
    ("arn:aws:ecr:*", None),
    (f"{REPOSITORY}${{aws:PrincipalAccount}}/*", None),
    ("arn:aws:ecr:us-west-2:${aws:PrincipalAccount}:repository/*", None),
    ("arn:awsx:ecr:us-west-2:444455556666:repository/a", "malformed-resource"),
    ("arn:aws:ecr:uswest2:444455556666:repository/a", "malformed-resource"),
    ("arn:aws:ecr:us-west-2:44445555666:repository/a", "malformed-resource"),
    ("arn:aws:ecr:us-west-2:<account>:repository/a", "malformed-resource"),
    ("prod-*", "malformed-resource"),
    ("", "malformed-resource"),
    ("arn:aws:s3:::bucket", "unsupported-resource"),
    ("arn:aws:ecr:us-west-2:444455556666:image/a", "unsupported-resource"),
]


@pytest.mark.parametrize(("resource", "rule"), RESOURCES)
def test_resources(offline: Cli, resource: str, rule: str | None) -> None:
    text = document(allow(Resource=resource), statement("B", Effect="Deny", Resource="*"))
    errors = {each for each in found_rules(text) if each.endswith("-resource")}
    assert errors - {"wide-resource"} == ({rule} if rule else set())
    found = grants(policy(allow(Resource=resource)), REGISTRY)
    doubts = {each.reason for each in found.unknown}
    assert (parse_resource(resource).malformed in doubts) == (rule == "malformed-resource")
    is_elsewhere = rule == "unsupported-resource" or ":${aws:PrincipalAccount}:" in resource
    assert bool(found.gained or doubts) != is_elsewhere
    offline.write("registry_policy.json", text)
    for command in ("validate", "access"):
        result = offline(command)
        assert result.returncode == (6 if rule and command == "validate" else 0)
    if rule:
        assert "registry_policy.json:1:1" in offline("validate").stdout


@pytest.mark.parametrize("name", ["-x", "x-", "a/", "a..b", "a___b", "/a", "a//b", "*-", "a._b"])
def test_names_that_no_repository_has(name: str) -> None:
    assert RepositoryName(name).malformed
    found = found_rules(document(allow(Resource=REPOSITORY + name)))
    assert "repository-name-form" in found
    assert "repository-name" not in found
    assert repository_refusal(name, PartialRegistry()) or name == "a/"
    assert namespace_refusal(name, PartialRegistry()) or name == "a/"


@pytest.mark.parametrize("name", ["ab", "a.b", "a_b", "a__b", "a--b", "team/app-1", "a/b/c"])
def test_names_that_a_repository_has(name: str) -> None:
    assert not RepositoryName(name).malformed
    rules = found_rules(document(allow(Resource=REPOSITORY + name)))
    assert not rules & {"repository-name", "repository-name-form"}
    assert not repository_refusal(name, PartialRegistry())
    (row, *_) = grants(policy(allow(Resource=REPOSITORY + name)), REGISTRY).gained
    assert row.witness.resource == REPOSITORY + name


_MODEL = re.compile(r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*")
NAMES = [
    "".join(chars) for size in range(2, 7) for chars in itertools.product("a-_./", repeat=size)
]
POSSIBLE = [name for name in NAMES if _MODEL.fullmatch(name)]


def test_the_names_are_those_of_the_api_model() -> None:
    from botocore.session import get_session

    shape = get_session().get_service_model("ecr").shape_for("RepositoryName")
    assert shape.metadata == {"min": 2, "max": 256, "pattern": _MODEL.pattern}
    assert [name for name in NAMES if not RepositoryName(name).malformed] == POSSIBLE
    begun = {name[:size] for name in POSSIBLE for size in range(1, 5)}
    assert all((name in begun) == RepositoryName(name).may_begin for name in NAMES if len(name) < 5)


@settings(max_examples=tries(200))
@drawn(st.text("a-_./*?", max_size=5))
def test_a_pattern_of_names_is_possible_where_a_name_matches_it(pattern: str) -> None:
    """Two letters are enough in the place of any wildcard, so that short names decide."""
    found = any(matches(pattern, name) for name in POSSIBLE)
    assert found <= (not RepositoryName(pattern).malformed)
    if pattern.count("*") <= 1:
        assert found == (not RepositoryName(pattern).malformed)


@pytest.mark.parametrize("action", ["*", "ecr:*", "ecr:**", "ECR:***", "ecr:*?*"])
def test_every_action_under_scope_v1(action: str) -> None:
    text = document(allow(Action=action))
    assert not refusals(parse_policy(text).policy, "aws", "V1")
    assert "scope-v1" not in found_rules(text, "V1")
    assert "needs-scope-v2" not in found_rules(text, None)
    assert "all-actions" in found_rules(text)
    assert decide(policy(allow(Action=action)), ID) == "allowed"


@pytest.mark.parametrize("partition", ["aws-abcdefghij", "aws-", "awsx", "aws-a-b-c", "AWS"])
def test_one_form_of_partitions(offline: Cli, partition: str) -> None:
    offline.write("p.json", document(allow()))
    assert "is none" in offline.fails(64, "digest", "p.json", "--partition", partition)
    assert parse_principal("AWS", f"arn:{partition}:iam::{ID}:root").malformed
    assert parse_resource(f"arn:{partition}:ecr:us-west-2:{ID}:repository/a").malformed


_PIECES = st.sampled_from(
    [
        *(
            "arn",
            "aws",
            "aws-cn",
            "awsx",
            "iam",
            "sts",
            "ecr",
            "s3",
            "",
            "us-west-2",
            ":",
            ":",
            ":",
        ),
        *(ID, "444455556666", "1234", "root", "user/", "role/", "assumed-role/", "group/", "ci"),
        *("repository/", "a", "-", "/", "*", "?", ".", "A", "<x>", "{{x}}", "{{region}}", "é", " "),
        *("${aws:username}", ".amazonaws.com", "cognito-identity", "PutImage", "ecr:", "AIDA"),
    ]
)
TEXTS = st.lists(_PIECES, max_size=9).map("".join) | st.builds(
    "arn:{}:{}:{}:{}:{}".format, *[st.lists(_PIECES, max_size=2).map("".join)] * 5
)


def doubts(**more: Any) -> set[str]:
    """Why the engine can say nothing of the values of a statement."""
    one = parse_policy(document(allow(**more))).policy
    return {each.reason for each in grants(one, REGISTRY).unknown}


@settings(max_examples=tries(200))
@drawn(st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser"]), TEXTS)
@example("AWS", f"arn:aws:iam::{ID}:role/a/")
def test_lint_and_engine_agree_on_principals(kind: str, text: str) -> None:
    rules = broken(document(allow(Principal={kind: text})), ["malformed-principal"])
    malformed = parse_principal(kind, text).malformed
    assert bool(rules) == bool(malformed)
    assert doubts(Principal={kind: text}) == ({malformed} if malformed else set())


@settings(max_examples=tries(200))
@drawn(TEXTS)
@example("ecr:[a-z]*")
def test_lint_and_engine_agree_on_actions(text: str) -> None:
    rules = broken(document(allow(Action=text)), ["malformed-action", "unknown-action"])
    malformed = parse_action(text).malformed
    assert ("malformed-action" in rules) == bool(malformed)
    doubtful = set(map(fold, doubts(Action=text)))
    unheard = {each for each in doubtful if each.startswith("planner does not know the action")}
    assert doubtful - unheard == ({fold(malformed)} if malformed else set())
    assert not unheard or "unknown-action" in rules


@settings(max_examples=tries(200))
@drawn(TEXTS)
@example("arn:aws:ecr:us-west-2:444455556666:repository/*")
def test_lint_and_engine_agree_on_resources(text: str) -> None:
    rules = broken(document(allow(Resource=text)), ["malformed-resource"])
    malformed = parse_resource(text).malformed
    assert bool(rules) == bool(malformed)
    assert malformed in doubts(Resource=text) or not malformed
