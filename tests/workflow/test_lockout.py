"""A freeze that would lock out the registry's own people, from its plan to the right way."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement

ROLE = "arn:aws:iam::444455556666:role/ops/registry-admin"
FREEZE = statement("Freeze", Effect="Deny", Principal="*", Action="ecr:*", Resource="*")
SPARED = {
    "ArnNotEquals": {"aws:PrincipalArn": ROLE},
    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
}
RIGHT = {**FREEZE, "Condition": SPARED}
MEANT = ("--approve", "frozen for the audit")


@pytest.fixture
def frozen(cli: Cli) -> Cli:
    """A project whose plan freezes the registry but for its admins."""
    cli.write("registry_policy.json", document(statement("A"), RIGHT))
    cli.ok("plan", "--out", "plan.json")
    return cli


def test_from_the_freeze_to_the_right_way(cli: Cli, account: Account) -> None:
    cli.write("registry_policy.json", document(statement("A"), FREEZE))
    refused = cli("plan", "--out", "plan.json")
    assert refused.returncode == 5
    lost = "after this plan nobody in account 444455556666 may ecr:PutRegistryPolicy"
    assert f"The guard refuses (lockout): {lost}" in refused.stdout
    assert lost in cli.fails(5, "apply", "plan.json", *MEANT)
    assert account.live() is None
    cli.write("registry_policy.json", document(statement("A"), RIGHT))
    planned = cli.ok("plan", "--out", "plan.json")
    assert "(lockout)" not in planned
    assert "The guard asks for a reason (own-access)" in planned
    admin = account.session_of(ROLE)
    assert "The guard asks for a reason" in cli.fails(5, "apply", "plan.json", **admin)
    assert account.live() is None
    assert "2 added" in cli.ok("apply", "plan.json", *MEANT, **admin)
    live: dict[str, Any] = json.loads(account.live() or "{}")
    assert [each["Sid"] for each in live["Statement"]] == ["A", "Freeze"]
    recorded = json.loads(cli.ok("state", "pull"))
    assert recorded["approved"] == "frozen for the audit"
    assert recorded["by"] == "arn:aws:sts::444455556666:assumed-role/registry-admin/ci"


def test_who_applies_must_be_able_to_undo_it(frozen: Cli, account: Account) -> None:
    """The plan spares one role; whoever else applies it could not plan the way back."""
    other = "arn:aws:iam::444455556666:role/ops/deploy"
    for caller, environment in (
        ("arn:aws:sts::444455556666:assumed-role/deploy/ci", account.session_of(other)),
        ("arn:aws:iam::444455556666:user/moto", {}),
    ):
        message = frozen.fails(5, "apply", "plan.json", *MEANT, **environment)
        assert f"after this plan {caller}, who applies it, may not ecr:PutRegistryPolicy" in message
        assert "ecr:DeleteRegistryPolicy" in message
        assert 'lockout = "ask" under [guard] in planner.toml' in message
        assert "who applies it" in frozen.fails(5, "apply", "--auto-approve", *MEANT, **environment)
    assert account.live() is None
    assert not (frozen.folder / ".planner").exists()


def test_who_was_locked_out_before_is_not_stopped_again(frozen: Cli, account: Account) -> None:
    frozen.ok("apply", "plan.json", *MEANT, **account.session_of(ROLE))
    frozen.write("registry_policy.json", document(statement("A"), RIGHT, statement("B", "2" * 12)))
    frozen.ok("plan", "--out", "plan.json")
    frozen.ok("apply", "plan.json")


def test_a_plan_that_asks_may_be_applied_by_whom_it_locks_out(
    frozen: Cli, account: Account
) -> None:
    frozen.write("planner.toml", '[guard]\nlockout = "ask"\n')
    frozen.ok("plan", "--out", "plan.json")
    assert "who applies it" in frozen.fails(5, "apply", "plan.json")
    frozen.ok("apply", "plan.json", *MEANT)
    assert account.live() is not None
