"""Drift where two owners share a registry."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import same

A, B = statement("A"), statement("B", "222233334444")
A2, B2 = ({**each, "Action": "ecr:ReplicateImage"} for each in (A, B))
HAND = statement("Hand", "333344445555", Action="ecr:PutImage")
JANE = "arn:aws:sts::444455556666:assumed-role/console/ci"


@pytest.fixture
def teams(cli: Cli) -> tuple[Cli, Cli]:
    """Two projects that share a registry, both applied: A is of one, B of two."""
    made = []
    for name, own in (("one", A), ("two", B)):
        folder = cli.folder / name
        folder.mkdir()
        team = replace(cli, folder=folder).hurried()
        team.write("planner.toml", f'owner = "{name}"\nstate = "../state"\n')
        team.write("registry_policy.json", document(own))
        team.ok("apply", "--auto-approve")
        made.append(team)
    return made[0], made[1]


def owners(team: Cli, *words: str) -> dict[str, Any]:
    view = json.loads(team.ok("drift", "--json", *words))
    return {each["name"]: each["owners"] for each in view["changes"]}


def test_nothing_has_drifted_where_both_have_applied(teams: tuple[Cli, Cli]) -> None:
    for team in teams:
        assert team.ok("drift", "--detailed-exitcode").startswith("No drift.")


def test_each_statement_is_shown_with_its_owner(teams: tuple[Cli, Cli], account: Account) -> None:
    one, two = teams
    account.as_role("console").put(document(A2, B2, HAND))
    named = {'statement["A"]': ["one"], 'statement["B"]': ["two"], 'statement["Hand"]': []}
    assert owners(one) == owners(two) == named
    assert next(iter(owners(two))) == 'statement["B"]'
    text = two.ok("drift", "--who")
    assert 'statement["B"]  (two)' in text
    assert text.count(f"by {JANE}") == 3


def test_accepting_leaves_to_others_what_is_theirs(
    teams: tuple[Cli, Cli], account: Account
) -> None:
    one, two = teams
    account.as_role("console").put(document(A2, B2, HAND))
    result = one("drift", "--accept", "--auto-approve", "--detailed-exitcode")
    assert result.returncode == 7
    assert owners(one) == owners(two) == {'statement["B"]': ["two"]}
    assert f"by {JANE}" in two.ok("drift", "--who")
    two("drift", "--accept", "--auto-approve")
    for team in teams:
        assert team.ok("drift", "--detailed-exitcode").startswith("No drift.")


KEEP = "planner drift --write --accept"
IMPORT = "planner import, or planner drift --accept."
LEFT = "What others own is theirs to undo or to keep"


@pytest.mark.parametrize(
    ("live", "told"),
    [
        ((A2, B), [f"To keep it: {KEEP}"]),
        ((A2, B2), [f"To keep what is yours: {KEEP}", f"{LEFT}: two."]),
        ((A, B2), [f"{LEFT}: two."]),
        ((A, B, HAND), [f"To keep what nobody owns: {IMPORT}"]),
    ],
    ids=["own", "own and others'", "others'", "nobody's"],
)
def test_the_ways_on_are_those_of_this_project(
    teams: tuple[Cli, Cli], account: Account, live: Any, told: list[str]
) -> None:
    account.put(document(*live))
    shown = teams[0].ok("drift")
    every = ("To keep it", "To keep what is yours", "To keep what nobody owns", LEFT)
    assert [each for each in every if f"\n{each}: " in shown] == [
        each.partition(": ")[0] for each in told
    ]
    assert all(each in shown for each in told)
    assert ("To undo" in shown) == (KEEP in shown)


def test_what_others_own_is_not_kept_for_them(teams: tuple[Cli, Cli], account: Account) -> None:
    one, _ = teams
    account.put(document(A, B2))
    before = one.ok("owners")
    result = one("drift", "--write", "--accept", "--auto-approve", "--detailed-exitcode")
    assert (result.returncode, "for its owners to keep" in result.stderr) == (7, True)
    assert one.ok("owners") == before
    account.put(document(A, B, HAND))
    result = one("drift", "--write", "--auto-approve")
    assert "registry_policy.json stays: nothing of this is its own." in result.stderr


def test_another_owners_apply_hides_no_edit(teams: tuple[Cli, Cli], account: Account) -> None:
    one, two = teams
    account.as_role("console").put(document(A2, B))
    two.write("registry_policy.json", document({**B, "Action": "ecr:CreateRepository"}))
    two.ok("apply", "--auto-approve")
    assert owners(one) == {'statement["A"]': ["one"]}
    assert one.ok("drift", "--who").count(f"by {JANE}") == 1
    assert one.ok("plan", "--who").count(f"by {JANE}") == 1


def test_writing_brings_in_what_is_mine(teams: tuple[Cli, Cli], account: Account) -> None:
    one, two = teams
    account.as_role("console").put(document(A2, B2, HAND))
    result = one("drift", "--write", "--auto-approve")
    assert (result.returncode, "Changed registry_policy.json." in result.stderr) == (0, True)
    assert same((one.folder / "registry_policy.json").read_text(), document(A2))
    assert same((two.folder / "registry_policy.json").read_text(), document(B))
    one("drift", "--accept", "--auto-approve")
    assert "No changes." in one.ok("plan")
