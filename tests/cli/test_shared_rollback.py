"""Going back, and taking away, where several owners share a registry."""

from __future__ import annotations

import json

import pytest

from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.schema import PLAN

ACCOUNTS = {"a": "111122223333", "b": "222233334444", "console": "333344445555"}


def settle(cli: Cli, owner: str, *sids: str, account: str = "", flags: tuple[str, ...] = ()) -> str:
    """Applies what an owner's file says."""
    number = account or ACCOUNTS[owner]
    cli.write(f"{owner}.toml", f'owner = "{owner}"\npolicy = "{owner}.json"\n')
    cli.write(f"{owner}.json", document(*(statement(sid, number) for sid in sids)))
    return cli.ok("apply", "--config", f"{owner}.toml", "--auto-approve", *flags)


def go_back(cli: Cli, owner: str, *words: str) -> str:
    """What the plan of an owner to go back says, once it is applied."""
    ours = ("--config", f"{owner}.toml")
    text = cli.ok("rollback", *words, *ours, "--out", "back.json")
    PLAN.validate(json.loads((cli.folder / "back.json").read_text()))
    result = cli("apply", "back.json", *ours)
    assert result.returncode == 0, result.stderr
    return text


def live_sids(account: Account) -> list[str]:
    """Each live statement by its Sid and the account that it names."""
    text = account.live()
    if text is None:
        return []
    found = []
    for each in canonicalise(parse_policy(text).policy).statements:
        assert each.principal is not None
        (named,) = each.principal
        found.append(f"{each.sid} {named.account}")
    return sorted(found)


@pytest.fixture
def shared(cli: Cli, account: Account) -> Cli:
    """A registry with a statement that nobody owns, shared by two owners; five serials."""
    fast = cli.hurried()
    account.put(document(statement("Console", ACCOUNTS["console"])))
    settle(fast, "b", "B1")
    settle(fast, "a", "A1")
    settle(fast, "a", "A1", "A2")
    settle(fast, "a", "A1", account="444455556666")
    settle(fast, "b", "B1", "B2")
    return fast


def test_one_s_own_statements_alone(shared: Cli, account: Account) -> None:
    text = go_back(shared, "a")
    assert "planner rollback to serial 3 ·" in text
    assert "Plan: 1 to add, 1 to change, 0 to destroy." in text
    assert "kept: 2 statements of b, 1 unmanaged" in text
    others = ["B1 222233334444", "B2 222233334444", "Console 333344445555"]
    assert live_sids(account) == ["A1 111122223333", "A2 111122223333", *others]
    text = go_back(shared, "a", "2")
    assert live_sids(account) == ["A1 111122223333", *others]
    text = shared.ok("rollback", "2", "--config", "a.toml")
    assert "No changes. The live policy has what a had at serial 2." in text


def test_to_where_the_owner_had_nothing(shared: Cli, account: Account) -> None:
    text = go_back(shared, "a", "1")
    assert "(serial 1 did not have it)" in text
    assert "No statement is left" not in text
    assert live_sids(account) == ["B1 222233334444", "B2 222233334444", "Console 333344445555"]
    assert "A1" in go_back(shared, "a")
    assert live_sids(account)[0] == "A1 444455556666"


def test_what_others_change_meanwhile(shared: Cli, account: Account) -> None:
    shared.ok("rollback", "--config", "a.toml", "--out", "kept.json")
    settle(shared, "b", "B1")
    assert shared("apply", "kept.json", "--config", "a.toml").returncode == 0
    assert live_sids(account) == [
        "A1 111122223333",
        "A2 111122223333",
        "B1 222233334444",
        "Console 333344445555",
    ]
    shared.ok("rollback", "2", "--config", "a.toml", "--out", "stale.json")
    settle(shared, "a", "A3")
    assert "stale" in shared.fails(3, "apply", "stale.json", "--config", "a.toml")


def test_what_is_another_s_by_now(shared: Cli, account: Account) -> None:
    settle(shared, "b", "B1", "A2")
    before = live_sids(account)
    message = shared.fails(5, "rollback", "3", "--config", "a.toml")
    assert message.startswith('Error: statement["A2"] is owned by b.')
    assert "a had it then." in message
    assert "planner plan --take 'statement[\"A2\"]'" in message
    assert "A1" in go_back(shared, "a", "2")
    assert [each for each in live_sids(account) if each[0] != "A"] == [
        each for each in before if each[0] != "A"
    ]


def test_what_was_another_s_then(shared: Cli, account: Account) -> None:
    settle(shared, "a", "A1", "B2", account=ACCOUNTS["b"], flags=("--take", "B2"))
    before = live_sids(account)
    message = shared.fails(5, "rollback", "--config", "a.toml")
    assert message.startswith('Error: statement["B2"] was not a\'s at serial 5.')
    assert 'statement["B2"] was owned by b.' in message
    assert "planner owners release 'statement[\"B2\"]'" in message
    assert "planner rollback 5" in message
    released = shared("owners", "release", 'statement["B2"]', "--auto-approve")
    assert released.returncode == 0, released.stderr
    text = go_back(shared, "a", "5")
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in text
    assert set(live_sids(account)) - set(before) == {"A1 444455556666"}


def test_what_was_nobody_s_then(shared: Cli, account: Account) -> None:
    settle(shared, "a", "A1", "Console", account=ACCOUNTS["console"])
    message = shared.fails(5, "rollback", "--config", "a.toml")
    assert 'statement["Console"] was live and owned by nobody.' in message
    assert "Console 333344445555" in live_sids(account)


def test_between_exclusive_and_shared(cli: Cli, account: Account) -> None:
    cli.write("registry_policy.json", document(statement("Old")))
    cli.ok("apply", "--auto-approve")
    settle(cli, "a", "A1", flags=("--take-all",))
    for words in ((), ("1",)):
        message = cli.fails(5, "rollback", *words, "--config", "a.toml")
        assert "Serial 1 is from before the registry was shared." in message
        assert "planner history show 1" in message
    message = cli.fails(5, "rollback")
    assert "This registry is shared, and this project has no owner." in message
    assert "a rollback takes nothing over" in message
    assert live_sids(account) == ["A1 111122223333"]


def test_destroy_takes_away_one_s_own_alone(shared: Cli, account: Account) -> None:
    ours = ("--config", "a.toml", "--destroy")
    text = shared.ok("plan", *ours)
    assert "(--destroy removes it)" in text
    assert "kept: 2 statements of b, 1 unmanaged" in text
    assert "No statement is left" not in text
    assert "planner apply --config a.toml --destroy --expect" in text
    shared.ok("apply", *ours, "--auto-approve")
    assert live_sids(account) == ["B1 222233334444", "B2 222233334444", "Console 333344445555"]
    text = shared.ok("plan", *ours)
    assert "No changes. The live policy has no statement of a." in text
    settle(shared, "a", "A1")
    text = go_back(shared, "a")
    assert "(serial 6 did not have it)" in text


def test_destroy_of_the_last_owner(cli: Cli, account: Account) -> None:
    settle(cli, "a", "A1")
    text = cli.ok("plan", "--config", "a.toml", "--destroy")
    assert "No statement is left: the registry policy itself is deleted." in text
    cli.ok("apply", "--config", "a.toml", "--destroy", "--auto-approve")
    assert account.live() is None


def test_a_policy_that_has_no_room_for_it_any_more(shared: Cli, account: Account) -> None:
    go_back(shared, "a", "1")
    long = document(*(statement(f"B{number}", f"{number:012}") for number in range(1, 55)))
    shared.write("b.json", long)
    shared.ok("apply", "--config", "b.toml", "--auto-approve")
    before = live_sids(account)
    message = shared.fails(6, "rollback", "3", "--config", "a.toml")
    assert message.startswith("Error: Serial 3 is not a valid policy: 1 problem.")
    assert "Go back to another serial." in message
    assert live_sids(account) == before
