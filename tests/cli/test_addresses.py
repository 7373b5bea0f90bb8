"""Addresses as somebody in a hurry types them, and the commands that are printed for them."""

from __future__ import annotations

import shlex

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement


@pytest.fixture
def shared(cli: Cli, account: Account) -> Cli:
    """A registry in which `b` has the statement that the file of `a` asks for too."""
    fast = cli.hurried()
    for owner, number in (("b", "222233334444"), ("a", "111122223333")):
        fast.write(f"{owner}.toml", f'owner = "{owner}"\npolicy = "{owner}.json"\n')
        fast.write(f"{owner}.json", document(statement("Both", number)))
    fast.ok("apply", "--config", "b.toml", "--auto-approve")
    return fast


@pytest.mark.parametrize(
    "typed",
    [
        "statement[Both]",
        "statement['Both']",
        "registry[444455556666/us-west-2].statement[Both]",
    ],
)
def test_quotes_that_a_shell_took(shared: Cli, typed: str) -> None:
    for words in (
        ("plan", "--config", "a.toml", "--take", typed),
        ("owners", "release", typed, "--auto-approve"),
    ):
        assert "is no address of a statement" in shared.fails(64, *words)


def test_the_address_of_another_registry(shared: Cli, account: Account) -> None:
    elsewhere = f'registry["{account.account_id}/eu-west-1"].statement["Both"]'
    for words in (
        ("plan", "--config", "a.toml", "--take", elsewhere),
        ("owners", "release", elsewhere, "--auto-approve"),
    ):
        assert "is in another registry" in shared.fails(64, *words)
    here = f'registry["{account.account_id}/us-west-2"].statement["Both"]'
    shared.ok("plan", "--config", "a.toml", "--take", here)


def test_an_owner_of_nothing_is_none(shared: Cli) -> None:
    shared.ok("owners", "release", 'statement["Both"]', "--auto-approve")
    text = shared.ok("owners")
    assert "unmanaged" in text
    assert "\nb " not in text
    shared.write("whole.toml", 'policy = "b.json"\n')
    shared.ok("plan", "--config", "whole.toml")


@pytest.mark.parametrize("flags", [("--take", 'statement["Both"]'), ("--take-all",)])
def test_the_printed_command_applies_what_was_taken(
    shared: Cli, account: Account, flags: tuple[str, ...]
) -> None:
    text = shared.ok("plan", "a.json", "--config", "a.toml", *flags)
    command = text.split("To apply exactly this: ")[1].strip()
    assert shlex.join(flags) in command
    shared.ok(*shlex.split(command)[1:])
    assert "111122223333" in (account.live() or "")


def test_the_printed_command_fills_the_same_values(cli: Cli, account: Account) -> None:
    cli.write("my policy.json", document(statement("One", "{{number}}")))
    text = cli.ok("plan", "my policy.json", "--var", "number=111122223333")
    command = text.split("To apply exactly this: ")[1].strip()
    cli.hurried().ok(*shlex.split(command)[1:])
    assert "111122223333" in (account.live() or "")
