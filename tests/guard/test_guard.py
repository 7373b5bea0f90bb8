"""Limits that a plan may not cross without a word."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from planner.config.parse import parse_settings
from planner.errors import PlannerError
from planner.guard.checks import Stop
from planner.guard.settings import DEFAULTS, Guard, guard_from
from planner.policy.document import Policy
from planner.registry import Registry
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.guarded import plan_of
from tests.support.policies import REPOSITORY, document, policy, statement

HERE = Registry("aws", "444455556666", "us-west-2")
ALL = Guard(dict.fromkeys(DEFAULTS, "refuse"))
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
ONE = statement("A")
OTHER = statement("B", "222233334444")
DENY = statement("D", Effect="Deny", Principal="*", Action="ecr:*", Resource=f"{REPOSITORY}x*")


def tripped(before: Policy | None, after: Policy | None, guard: Guard = ALL) -> dict[str, Stop]:
    return {stop.check: stop for stop in plan_of(before, after).stops(guard)}


CASES: list[tuple[str, Policy | None, Policy | None, Policy | None]] = [
    ("broadening", policy(ONE), policy(ONE, OTHER), policy({**ONE, "Sid": "Renamed"})),
    ("public", policy(ONE), policy(ONE, statement("P", Principal="*")), policy(ONE, OTHER)),
    (
        "public",
        policy(ONE),
        policy({**ONE, "Principal": "*"}),
        policy({**ONE, "Principal": "*", "Condition": ORG}),
    ),
    ("new-account", policy(ONE), policy(ONE, OTHER), policy(statement("A", Action="ecr:*"))),
    (
        "new-account",
        policy(ONE),
        policy(ONE, statement("P", Principal="*", Condition=ORG)),
        policy(statement("A", Action="ecr:*")),
    ),
    (
        "new-account",
        policy(statement("P", Principal="*", Condition=ORG)),
        policy(statement("P", Principal="*")),
        policy(statement("P", Principal="*", Action="ecr:*", Condition=ORG)),
    ),
    ("removes-deny", policy(ONE, DENY), policy(ONE), policy(DENY)),
    (
        "removes-deny",
        policy(ONE, DENY),
        policy(ONE, {**DENY, "Resource": f"{REPOSITORY}xy*"}),
        policy(ONE, {**DENY, "Resource": f"{REPOSITORY}*"}),
    ),
    ("removes-deny", policy(ONE, DENY), policy(ONE, {**DENY, "Condition": ORG}), policy(ONE, DENY)),
    ("removes-last-allow", policy(ONE, DENY), policy(DENY), policy(OTHER, DENY)),
    ("empties-policy", policy(ONE), None, policy(OTHER)),
    (
        "max-removals",
        policy(*[statement(f"S{n}", f"{n + 1:012}") for n in range(7)]),
        policy(statement("S0", "000000000001")),
        policy(*[statement(f"S{n}", f"{n + 1:012}") for n in range(2)]),
    ),
    (
        "unknown",
        policy(ONE),
        policy({**ONE, "Condition": {"Madeup": {"aws:userid": "x"}}}),
        policy({**ONE, "Condition": ORG}),
    ),
]


@pytest.mark.parametrize(("check", "before", "after", "near"), CASES)
def test_a_check(
    check: str, before: Policy | None, after: Policy | None, near: Policy | None
) -> None:
    assert tripped(before, after)[check].answer == "refuse"
    assert check not in tripped(before, near)
    assert check not in tripped(after, after)
    silenced = Guard({**ALL.answers, check: "allow"})
    assert check not in tripped(before, after, silenced)


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        ({"Null": {"aws:PrincipalOrgID": "true"}}, True),
        ({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}, True),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"Null": {"aws:SourceVpce": "true"}}, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}, False),
    ],
)
def test_a_deny_keeps_the_public_out_only_if_it_names_somebody(
    condition: dict[str, Any], *, public: bool
) -> None:
    deny = statement("D", Effect="Deny", Principal="*", Action="*", Resource="*")
    after = policy(statement("P", Principal="*"), {**deny, "Condition": condition})
    assert ("public" in tripped(policy(ONE), after)) == public


def test_a_stop_names_its_statement_and_has_a_true_request() -> None:
    stop = tripped(policy(ONE, DENY), policy(ONE))["removes-deny"].to_json()
    assert stop["statement"] == 'statement["D"]'
    assert stop["witness"]["resource"].startswith(f"{REPOSITORY}x")
    stop = tripped(policy(ONE), policy(ONE, OTHER))["new-account"].to_json()
    assert stop["statement"] == 'statement["B"]'
    assert stop["witness"]["principal"] == "arn:aws:iam::222233334444:root"


def test_the_strictest_stands_first() -> None:
    guard = Guard({**DEFAULTS, "broadening": "ask", "public": "refuse"})
    plan = plan_of(policy(ONE), policy(ONE, statement("P", Principal="*")))
    assert [stop.answer for stop in plan.stops(guard)] == ["refuse", "ask"]


def test_the_guard_of_a_plan_is_read_back() -> None:
    guard = replace(Guard(), removal_limit=3)
    assert guard_from(guard.to_json()) == guard
    for wrong in ({"answers": {}, "removal_limit": 1}, {**guard.to_json(), "removal_limit": "x"}):
        with pytest.raises((KeyError, ValueError)):
            guard_from(wrong)


def test_settings() -> None:
    config = parse_settings(b'[guard]\nbroadening = "ask"\nremoval-limit = 9\n')
    assert config.guard == Guard({**DEFAULTS, "broadening": "ask"}, 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[guard]\npublik = "ask"', "Did you mean 'public'"),
        ('[guard]\npublic = "maybe"', "no answer to public"),
        ("[guard]\npublic = []", "no answer to public"),
        ("[guard]\nremoval-limit = true", "removal-limit is no number"),
        ("[guard]\nremoval-limit = -1", "removal-limit is no number"),
    ],
)
def test_wrong_settings(text: str, words: str) -> None:
    with pytest.raises(PlannerError) as caught:
        parse_settings(text.encode())
    assert words in f"{caught.value.summary} {caught.value.hint}"


def test_refused_at_plan_and_at_apply(cli: Cli, account: Account) -> None:
    public = statement("Open", Principal="*")
    cli.write("registry_policy.json", document(public))
    result = cli("plan", "--out", "plan.json")
    assert result.returncode == 5
    assert 'The guard refuses (public): statement["Open"]: everyone in the world' in result.stdout
    assert "can now ecr:ReplicateImage into repository/" in result.stdout
    message = cli.fails(5, "apply", "plan.json", "--approve", "because")
    assert 'statement["Open"]' in message
    assert "can now ecr:ReplicateImage" in message
    assert 'public = "ask" under [guard] in planner.toml' in message
    assert "refuses" in cli.fails(5, "apply", "--auto-approve")
    assert account.live() is None
    cli.write("planner.toml", '[guard]\npublic = "ask"\n')
    assert cli("plan", "--out", "plan.json").returncode == 0
    assert '--approve "REASON"' in cli.fails(5, "apply", "plan.json")
    assert "--approve is empty" in cli.fails(64, "apply", "plan.json", "--approve", " \t")
    cli.ok("apply", "plan.json", "--approve", "a public mirror")
    assert account.live() is not None
    recorded = json.loads(cli.ok("state", "pull"))
    assert recorded["approved"] == "a public mirror"
    assert "# approved: a public mirror" in cli.ok("state", "show")


def test_the_settings_of_now_count_as_well_as_those_of_the_plan(cli: Cli) -> None:
    cli.write("registry_policy.json", document(ONE))
    cli.ok("plan", "--out", "plan.json")
    cli.write("planner.toml", '[guard]\nnew-account = "refuse"\n')
    assert "(new-account)" in cli.fails(5, "apply", "plan.json")
    assert cli("plan", "--out", "strict.json").returncode == 5
    cli.write("planner.toml", "")
    assert "(new-account)" in cli.fails(5, "apply", "strict.json")
    cli.ok("apply", "plan.json")


def test_the_next_step_is_one_that_works(cli: Cli) -> None:
    cli.write("registry_policy.json", document(ONE))
    cli.write("planner.toml", '[guard]\nnew-account = "ask"\n')
    screen = cli.ok("plan", "--out", "plan.json")
    assert 'planner apply plan.json --approve "REASON"' in screen
    cli.write("planner.toml", '[guard]\nnew-account = "refuse"\n')
    assert "The guard refuses it." in cli("plan", "--out", "plan.json").stdout


def test_an_edited_guard_makes_the_plan_damaged(cli: Cli) -> None:
    cli.write("registry_policy.json", document(ONE))
    cli.ok("plan", "--out", "plan.json")
    path = cli.folder / "plan.json"
    saved: dict[str, Any] = json.loads(path.read_text())
    saved["guard"]["answers"]["public"] = "allow"
    path.write_text(json.dumps(saved))
    assert "not an intact plan" in cli.fails(1, "show", "plan.json")


def test_access_and_names_in_a_plan(cli: Cli) -> None:
    cli.write("planner.toml", '[accounts]\n111122223333 = "build"\n')
    cli.write("registry_policy.json", document(ONE))
    screen = cli.ok("plan", "--out", "plan.json")
    assert "account 111122223333 (build)  replicate, create repository  repository/*" in screen
    assert "Verdict: broadens. For one, account 111122223333 (build) can now" in screen
    assert cli.ok("show", "plan.json") == screen
    saved = json.loads((cli.folder / "plan.json").read_text())
    assert saved["accounts"] == {"111122223333": "build"}
    assert saved["access"]["verdict"] == "broadens"
