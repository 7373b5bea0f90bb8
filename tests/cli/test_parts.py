"""Commands that look at files, where these are only an owner's part of the policy."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement

PART = "This is one's part of the policy alone; --live asks the whole."
ASSERTED = """
[[assert]]
principal = "222233334444"
action = "replicate"
repository = "*"
may = true
reason = "they bring our images"
"""


@pytest.fixture
def teams(cli: Cli, account: Account) -> tuple[Cli, Cli]:
    """Two projects that share a registry; B, which is live, is of the second."""
    made = []
    for name, own in (("one", statement("A")), ("two", statement("B", "222233334444"))):
        folder = cli.folder / name
        folder.mkdir()
        team = replace(cli, folder=folder)
        settings = f'owner = "{name}"\nstate = "../state"\naccount_id = "{account.account_id}"\n'
        team.write("planner.toml", settings + ASSERTED)
        team.write("registry_policy.json", document(own))
        made.append(team)
    made[1].ok("apply", "--auto-approve")
    return made[0], made[1]


def test_an_answer_about_a_part_says_so(teams: tuple[Cli, Cli]) -> None:
    one, _ = teams
    question = ("can", "222233334444", "ecr:ReplicateImage", "a")
    told = one(*question)
    assert (told.returncode, PART in told.stderr) == (1, True)
    told = one(*question, "--live")
    assert (told.returncode, PART in told.stderr) == (0, False)
    assert PART in one("access").stderr


def test_what_is_asserted_is_held_against_the_whole(teams: tuple[Cli, Cli]) -> None:
    one, two = teams
    one.ok("validate")
    assert "holds it against the whole" in one.fails(64, "test")
    one.ok("test", "--live")
    planned = json.loads(one.ok("plan", "--json"))
    assert [each["result"] for each in planned["assertions"]] == ["holds"]
    two.write("registry_policy.json", document(statement("C", "333344445555")))
    assert "asserts does not hold" in two.fails(5, "apply", "--auto-approve")


def test_whose_statements_take_how_much(teams: tuple[Cli, Cli], account: Account) -> None:
    one, two = teams
    for team in teams:
        settings = (team.folder / "planner.toml").read_text().removesuffix(ASSERTED)
        team.write("planner.toml", settings)

    def of(sid: str, count: int) -> str:
        arn = f"arn:aws:ecr:us-west-2:{account.account_id}:repository/team-%04d/*"
        named = [arn % each for each in range(count)]
        return document(statement(sid, "222233334444", Resource=named))

    two.write("registry_policy.json", of("B", 40))
    two.ok("apply", "--auto-approve")
    one.write("registry_policy.json", of("A", 100))
    assert "\n  of which one " in one.ok("plan")
    one.write("registry_policy.json", of("A", 140))
    told = one.fails(6, "plan")
    assert "ECR takes 10,240" in told
    assert "Of its characters one has " in told


def test_against_a_saved_policy_without_a_state(teams: tuple[Cli, Cli]) -> None:
    one, _ = teams
    live = document(statement("A", Action="ecr:ReplicateImage"), statement("B", "222233334444"))
    one.write("live.json", live)
    words = ("plan", "--live", "live.json", "--state", "nowhere", "--out", "plan.json")
    planned = one.ok(*words)
    assert one.ok("show", "plan.json") == planned
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in planned
    assert "kept: 1 unmanaged statement" in planned
    assert "Note: Nothing is recorded of who owns what" in planned
