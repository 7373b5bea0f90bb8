"""`planner rollback`: back to what was recorded, against the sandbox."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from planner.plans.file import load_plan
from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from planner.records.snapshot import Record, Snapshot
from planner.registry import Registry
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import same, state_of
from tests.support.schema import PLAN

FIRST = document(statement("A"))
SECOND = document(statement("A", "222233334444"), statement("B", "333344445555"))
THIRD = document(statement("B", "333344445555"))
IN_FILES = "No policy file is changed by this."


@pytest.fixture
def thrice(cli: Cli) -> Cli:
    """A project of three serials."""
    fast = cli.hurried()
    for text in (FIRST, SECOND, THIRD):
        fast.write("registry_policy.json", text)
        fast.ok("apply", "--auto-approve")
    return fast


def go_back(cli: Cli, *words: str) -> str:
    """What an apply of a plan back says."""
    cli.ok("rollback", *words, "--out", "back.json")
    result = cli("apply", "back.json")
    assert result.returncode == 0, result.stderr
    assert IN_FILES in result.stderr
    return result.stdout


def test_to_before_the_last_change(thrice: Cli, account: Account) -> None:
    text = thrice.ok("rollback")
    head = "planner rollback to serial 2 · 444455556666 / us-west-2 · exclusive · state serial 3"
    assert text.startswith(f"{head}\n")
    assert "(serial 2 had it)" in text
    assert IN_FILES in text
    assert "To apply it, save it: planner rollback 2 --out FILE" in text
    assert same(account.live(), THIRD)
    assert "1 added, 0 changed, 0 destroyed" in go_back(thrice)
    assert same(account.live(), SECOND)
    # What the files say is planned as before, and to go back once more undoes the rollback.
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in thrice.ok("plan")
    go_back(thrice)
    assert same(account.live(), THIRD)
    assert "No changes." in thrice.ok("plan")


def test_to_a_serial(thrice: Cli, account: Account) -> None:
    go_back(thrice, "2")
    text = thrice.ok("rollback", "1")
    assert "(serial 1 had it so)" in text
    assert "(serial 1 did not have it)" in text
    assert "0 added, 1 changed, 1 destroyed" in go_back(thrice, "1")
    assert same(account.live(), FIRST)
    assert state_of(thrice, account)["serial"] == 5


def test_the_plan_file(thrice: Cli) -> None:
    printed = thrice.ok("rollback", "1", "--out", "back.json", "--json")
    data = (thrice.folder / "back.json").read_bytes()
    assert printed == data.decode()
    PLAN.validate(json.loads(data))
    source = load_plan(data, "back.json").source
    assert (source.kind, source.serial, source.files) == ("rollback", 1, ())
    shown = thrice.ok("show", "back.json")
    assert shown.startswith("planner rollback to serial 1 ·")
    assert "To apply exactly this: planner apply back.json" in shown


def test_exit_codes(thrice: Cli) -> None:
    assert thrice("rollback").returncode == 0
    assert thrice("rollback", "--detailed-exitcode").returncode == 2
    go_back(thrice, "2")
    assert thrice("rollback", "2", "--detailed-exitcode").returncode == 0


def test_what_is_there_already(thrice: Cli, account: Account) -> None:
    account.put(SECOND)
    result = thrice("rollback", "2", "--detailed-exitcode")
    assert result.returncode == 2
    assert "Plan: 0 to add, 0 to change, 0 to destroy." in result.stdout
    assert "The live policy is the one recorded at serial 2." in result.stdout
    assert "(serial 2 agrees)" in result.stdout
    go_back(thrice, "2")
    result = thrice("rollback", "2", "--detailed-exitcode")
    assert (result.returncode, IN_FILES in result.stdout) == (0, False)
    assert "No changes. The live policy is the one recorded at serial 2." in result.stdout


def test_to_where_there_was_no_policy(thrice: Cli, account: Account) -> None:
    thrice.ok("apply", "--destroy", "--auto-approve")
    assert "3 to add" not in thrice.ok("rollback")
    go_back(thrice)
    assert same(account.live(), THIRD)
    text = thrice.ok("rollback", "4")
    assert "No statement is left: the registry policy itself is deleted." in text
    go_back(thrice, "4")
    assert account.live() is None


def test_nothing_is_written_where_live_has_moved(thrice: Cli, account: Account) -> None:
    thrice.ok("rollback", "1", "--out", "back.json")
    account.put(SECOND)
    assert "The plan is stale" in thrice.fails(3, "apply", "back.json")
    assert same(account.live(), SECOND)


def test_nothing_is_written_where_the_state_has_moved(thrice: Cli, account: Account) -> None:
    thrice.ok("rollback", "1", "--out", "back.json")
    thrice.write("registry_policy.json", SECOND)
    thrice.ok("apply", "--auto-approve")
    assert "The plan is stale" in thrice.fails(3, "apply", "back.json")
    assert same(account.live(), SECOND)


def test_the_guard_judges_it(thrice: Cli, account: Account) -> None:
    thrice.write("planner.toml", '[guard]\nbroadening = "refuse"\n')
    result = thrice("rollback", "--out", "back.json")
    assert result.returncode == 5
    assert "The guard refuses this plan." in result.stderr
    assert "The guard refuses this plan." in thrice.fails(5, "apply", "back.json")
    assert same(account.live(), THIRD)


def test_no_file_is_read(thrice: Cli) -> None:
    (thrice.folder / "registry_policy.json").unlink()
    assert "Plan: 1 to add" in thrice.ok("rollback")
    thrice.write("registry_policy.json", "{")
    assert "Plan: 1 to add" in thrice.ok("rollback")


def test_serials_that_cannot_be_meant(thrice: Cli) -> None:
    assert "Serial 3 is the newest" in thrice.fails(1, "rollback", "3")
    for wrong in ("4", "0"):
        assert f"has no serial {wrong}." in thrice.fails(1, "rollback", wrong)
    thrice.fails(64, "rollback", "x")


def documents_of(cli: Cli, serial: int) -> list[Path]:
    return list((cli.folder / ".planner/state/history").rglob(f"{serial}-*.json"))


def test_a_history_that_ends(thrice: Cli) -> None:
    (document_of_1,) = documents_of(thrice, 1)
    document_of_1.write_text("{}")
    assert "The history ends here." in thrice.fails(1, "rollback", "1")
    assert "Plan: 1 to add" in thrice.ok("rollback")
    (document_of_2,) = documents_of(thrice, 2)
    document_of_2.unlink()
    for words in ((), ("2",), ("1",)):
        message = thrice.fails(1, "rollback", *words)
        assert "The document of serial 2 is missing" in message


def test_what_an_older_planner_recorded(cli: Cli, account: Account) -> None:
    """It kept its records in the snapshot itself, and knew no owners."""
    first, second = (canonicalise(parse_policy(each).policy) for each in (FIRST, SECOND))
    records = [Record(each, "0" * 64, "arn", "then", "planner 0") for each in (first, second)]
    older = replace(records[0], serial=6), replace(records[1], serial=7)
    registry = Registry("aws", account.account_id, "us-west-2")
    snapshot = Snapshot("a-lineage", registry, older[1], history=older[:1])
    State(LocalBlobs(cli.folder / ".planner/state")).write_snapshot(snapshot, None)
    account.put(SECOND)
    assert "has no serial 5." in cli.fails(1, "rollback", "5")
    go_back(cli.hurried())
    assert same(account.live(), FIRST)
    assert state_of(cli, account)["serial"] == 8


def test_nothing_to_go_back_to(cli: Cli, account: Account) -> None:
    assert "Nothing is recorded of 444455556666/us-west-2" in cli.fails(1, "rollback")
    account.put(FIRST)
    cli.write("registry_policy.json", FIRST)
    cli.ok("apply", "--auto-approve")
    message = cli.fails(1, "rollback")
    assert "The history of 444455556666/us-west-2 has no other policy." in message
    assert "planner plan --destroy" in message


def test_a_policy_that_is_refused_by_now(thrice: Cli) -> None:
    thrice.write("registry_policy.json", document(statement("P", Action="ecr:PutImage")))
    thrice.ok("apply", "--auto-approve")
    thrice.write("registry_policy.json", FIRST)
    thrice.ok("apply", "--auto-approve")
    thrice.write("planner.toml", 'scope = "V1"\n')
    message = thrice.fails(6, "rollback")
    assert message.startswith("Error: Serial 4 is not a valid policy: 1 problem.")
    assert "Go back to another serial." in message
    thrice.write("planner.toml", "raise_scope = true\n")
    assert "Registry policy scope" not in thrice.ok("rollback", "2")
