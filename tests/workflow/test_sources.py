"""A saved plan is applied as long as its files ask for it, where they are there at all."""

from __future__ import annotations

import json

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import POLICY, same

OTHER = document(statement("Other", "999999999999"))
STALE = "The plan is stale: its policy files have changed since."


@pytest.fixture
def planned(cli: Cli) -> Cli:
    (cli.folder / "policies").mkdir()
    cli.write("policies/a.json", document(statement("A")))
    cli.write("policies/b.json", document(statement("B", "{{account}}")))
    words = ("policies/*.json", "--var", "account=222233334444")
    cli.ok("plan", *words, "--out", "plan.json")
    return cli


def test_another_spelling_is_no_change(planned: Cli, account: Account) -> None:
    text = json.dumps(json.loads(document(statement("A"))), indent=4)
    planned.write("policies/a.json", text)
    planned.write("policies/c.json", OTHER)
    planned.ok("apply", "plan.json")
    assert same(account.live(), POLICY)


@pytest.mark.parametrize("text", [OTHER, document(statement("A", "{{new}}")), "{", "", None])
def test_a_file_that_asks_for_something_else_stops_it(
    planned: Cli, account: Account, text: str | None
) -> None:
    path = planned.folder / "policies/a.json"
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    message = planned.fails(3, "apply", "plan.json")
    assert STALE in message
    assert f"policies/a.json is {'gone' if text is None else 'another'} now." in message
    assert account.live() is None


def test_of_an_owner_its_own_files_count(cli: Cli, account: Account) -> None:
    account.put(OTHER)
    cli.write("planner.toml", 'owner = "team-a"\n')
    mine = document(statement("A"))
    cli.write("registry_policy.json", mine)
    cli.ok("plan", "--out", "plan.json")
    cli.write("registry_policy.json", document(statement("A"), statement("B", "222233334444")))
    assert STALE in cli.fails(3, "apply", "plan.json")
    cli.write("registry_policy.json", json.dumps(json.loads(mine), indent=4))
    cli.ok("apply", "plan.json")
    whole = document(json.loads(OTHER)["Statement"][0], statement("A"))
    assert same(account.live(), whole)


def test_a_runner_that_has_the_plan_alone_applies_it(planned: Cli, account: Account) -> None:
    for name in ("a", "b"):
        (planned.folder / f"policies/{name}.json").unlink()
    planned.ok("apply", "plan.json")
    assert same(account.live(), POLICY)


def test_a_value_that_is_not_shown_leaves_the_bytes(cli: Cli, account: Account) -> None:
    text = document(statement("A", Action="ecr:{{action}}"))
    cli.write("registry_policy.json", text)
    cli.ok("plan", "--var", "action=replicateimage", "--out", "plan.json")
    cli.write("registry_policy.json", text + "\n")
    assert STALE in cli.fails(3, "apply", "plan.json")
    cli.write("registry_policy.json", text)
    cli.ok("apply", "plan.json")
    assert account.live() is not None


def test_files_outside_of_the_repository_are_not_read(
    cli: Cli, account: Account, tmp_path_factory: pytest.TempPathFactory
) -> None:
    there = tmp_path_factory.mktemp("there") / "policy.json"
    there.write_text(POLICY)
    cli.ok("plan", str(there), "--out", "plan.json")
    there.write_text(OTHER)
    cli.ok("apply", "plan.json")
    assert same(account.live(), POLICY)
