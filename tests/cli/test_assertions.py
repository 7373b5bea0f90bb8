"""What planner.toml asserts: `planner test`, and what validate, plan and apply refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import REPOSITORY, document, statement
from tests.support.schema import PLAN

TOML = """
account_id = "444455556666"
region = "us-west-2"

[accounts]
222233334444 = "build"

[[assert]]
principal = "222233334444"
action = "replicate"
repository = "prod-*"
may = true
reason = "the build account fills production"

[[assert]]
outside = "o-a1b2c3d4e5"
action = "push"
repository = "*"
may = false
reason = "images come from our organization alone"
"""
KEEPS = statement("Build", "222233334444")
OPENS = statement("Open", "333344445555", Action="ecr:PutImage")
CLOSED = document({**KEEPS, "Resource": f"{REPOSITORY}prod-a*"})


@pytest.fixture
def asserting(cli: Cli) -> Cli:
    cli.write("planner.toml", TOML)
    cli.write("registry_policy.json", document(KEEPS))
    return cli


def test_all_of_them_hold(asserting: Cli) -> None:
    screen = asserting.ok("test")
    assert "ok         account 222233334444 (build) may replicate on repository/prod-*" in screen
    assert "the build account fills production (planner.toml:8)" in screen
    assert "ok         nobody outside of o-a1b2c3d4e5 may push on *" in screen
    assert screen.endswith("\n2 ok.\n")
    asserting.ok("validate")
    assert "(1 assertion holds)" in asserting.ok("plan")
    asserting.ok("apply", "--auto-approve")
    assert "2 assertions hold." in asserting.ok("plan")


def test_a_failure_is_told_with_a_request(asserting: Cli) -> None:
    asserting.write("registry_policy.json", document(KEEPS, OPENS))
    result = asserting("test")
    assert (result.returncode, result.stderr) == (5, "")
    told = " ".join(result.stdout.split())
    assert "FAILED nobody outside of o-a1b2c3d4e5 may push on *" in told
    assert "For one, account 333344445555 may ecr:PutImage on repository/" in told
    assert 'by statement["Open"].' in told
    assert result.stdout.endswith("\n1 ok, 1 failed.\n")
    document_ = json.loads(asserting("test", "--json").stdout)
    assert document_["summary"] == {"holds": 1, "broken": 1, "undecided": 0}
    annotation = asserting("test", "--format", "github").stdout
    assert annotation.startswith("::error file=planner.toml,line=15,")
    assert annotation.count("\n") == 1


def test_validate_says_it_too(asserting: Cli) -> None:
    asserting.write("registry_policy.json", document(KEEPS, OPENS))
    result = asserting("validate")
    assert result.returncode == 5
    assert "What planner.toml asserts of registry_policy.json:" in result.stdout
    assert "FAILED" in result.stdout
    sarif = json.loads(asserting("validate", "--format", "sarif").stdout)
    (run,) = sarif["runs"]
    (found,) = [each for each in run["results"] if each["ruleId"] == "assertion"]
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == "assertion"
    # A file with errors is not held against anything.
    asserting.write("registry_policy.json", document(statement("A", Action="ecr:Nothing")))
    assert asserting("validate").returncode == 6


def test_a_plan_says_what_it_breaks_and_apply_refuses_it(asserting: Cli, account: Account) -> None:
    asserting.ok("apply", "--auto-approve")
    live = account.live()
    asserting.write("registry_policy.json", document(OPENS))
    result = asserting("plan", "--out", "plan.json")
    assert result.returncode == 5
    assert "An assertion refuses this plan." in result.stderr
    assert "An assertion refuses it." in result.stdout
    assert result.stdout.count("(this plan breaks it)") == 2
    saved = json.loads((asserting.folder / "plan.json").read_text())
    PLAN.validate(saved)
    assert [each["change"] for each in saved["assertions"]] == ["breaks", "breaks"]
    assert saved["next"]["refused_by"] == "assertion"
    assert asserting.ok("show", "plan.json") == result.stdout
    for words in (("plan.json",), ("--auto-approve",), ("plan.json", "--approve", "because")):
        message = asserting.fails(5, "apply", *words)
        assert "what planner.toml asserts does not hold" in message
        assert "images come from our organization alone" in message
        assert "[[assert]] in planner.toml" in message
    assert account.live() == live


def test_a_plan_says_what_it_repairs(asserting: Cli, account: Account) -> None:
    account.put(CLOSED)
    assert "(this plan repairs it)" in asserting.ok("plan")
    account.put(document(KEEPS))
    asserting.write("registry_policy.json", CLOSED)
    assert "(this plan breaks it)" in asserting("plan").stdout


def test_what_was_broken_before_is_refused_too(asserting: Cli, account: Account) -> None:
    account.put(CLOSED)
    asserting.write("registry_policy.json", CLOSED)
    result = asserting("plan")
    assert result.returncode == 5
    assert "(as before this plan)" in " ".join(result.stdout.split())
    assert asserting("apply", "--auto-approve").returncode == 5


def test_the_assertions_of_now_count_as_well_as_those_of_the_plan(asserting: Cli) -> None:
    asserting.write("registry_policy.json", document(KEEPS, OPENS))
    asserting.write("planner.toml", "")
    asserting.ok("plan", "--out", "plan.json")
    asserting.write("planner.toml", TOML)
    assert "does not hold" in asserting.fails(5, "apply", "plan.json")
    assert asserting("plan", "--out", "asserted.json").returncode == 5
    asserting.write("planner.toml", "")
    assert "does not hold" in asserting.fails(5, "apply", "asserted.json")
    asserting.ok("apply", "plan.json")


@pytest.mark.parametrize(
    "edit",
    [
        lambda plan: plan["assertions"].clear(),
        lambda plan: plan["assertions"][0].update(result="broken"),
        lambda plan: plan["assertions"][0]["assertion"].update(may=False),
        lambda plan: plan["assertions"][0]["assertion"].update(principal=[]),
        lambda plan: plan.update(assertions=[{}]),
        lambda plan: plan.pop("assertions"),
    ],
)
def test_an_edited_assertion_makes_the_plan_damaged(asserting: Cli, edit: Any) -> None:
    asserting.ok("plan", "--out", "plan.json")
    path = asserting.folder / "plan.json"
    plan = json.loads(path.read_text())
    edit(plan)
    path.write_text(json.dumps(plan))
    assert "not an intact plan" in asserting.fails(1, "apply", "plan.json")


def test_the_policy_in_ecr_is_tested(asserting: Cli, account: Account) -> None:
    assert asserting("test", "--live").returncode == 5
    account.put(document(KEEPS))
    assert "2 ok." in asserting.ok("test", "--live")


def test_what_cannot_be_decided_is_no_success(offline: Cli) -> None:
    offline.write("planner.toml", TOML)
    unclear = statement("A", Condition={"StringEquals": {"aws:PrincipalOrgID": "${aws:username}"}})
    offline.write("registry_policy.json", document(unclear))
    result = offline("test")
    assert result.returncode == 5
    offline.write("planner.toml", TOML.replace("account_id", "# account_id"))
    offline.write("registry_policy.json", document({**KEEPS, "Resource": "*"}))
    result = offline("test")
    assert result.returncode == 5
    assert "give account_id and region" in " ".join(result.stdout.split())
    assert result.stdout.endswith("\n0 ok, 2 undecided.\n")


def test_nothing_to_test_is_an_error(offline: Cli) -> None:
    offline.write("registry_policy.json", document(KEEPS))
    assert "has no [[assert]]" in offline.fails(1, "test")
    offline.write("planner.toml", "[[assert]]\nmay = true\n")
    assert "has no 'principal'" in offline.fails(1, "test")


def test_a_hostile_reason_is_shown_as_it_is(offline: Cli) -> None:
    reason = '"no\\u001b[2K changes\\n::error::"'
    offline.write("planner.toml", TOML.replace('"the build account fills production"', reason))
    offline.write("registry_policy.json", document(KEEPS))
    offline.write("live.json", CLOSED)
    for words in (("test",), ("plan", "--live", "live.json"), ("test", "--format", "github")):
        printed = offline(*words).stdout
        assert "\x1b" not in printed
        assert not [each for each in printed.splitlines() if each.strip().startswith("::error::")]
