"""Where a plan's state lies: apply keeps to its own word, and to that of the plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.project import POLICY, same

TFSTATE = json.dumps(
    {
        "version": 4,
        "terraform_version": "1.9.5",
        "serial": 3,
        "lineage": "0b6b1f2a",
        "outputs": {},
        "resources": [],
    }
)


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("registry_policy.json", POLICY)
    return cli


def test_apply_refuses_another_state_than_the_plans(project: Cli, account: Account) -> None:
    project.ok("plan", "--state", "team-state", "--out", "plan.json")
    message = project.fails(1, "apply", "plan.json")
    assert "made with team-state, and this run keeps its state in .planner/state" in message
    assert "s3://theirs/" in project.fails(1, "apply", "plan.json", "--state", "s3://theirs/x")
    assert account.live() is None
    assert not (project.folder / ".planner").exists()
    assert not (project.folder / "team-state").exists()
    project.ok("apply", "plan.json", "--state", f"{project.folder}/./team-state")
    assert (project.folder / "team-state" / account.account_id / "us-west-2.json").is_file()
    assert same(account.live(), POLICY)


def test_the_state_of_other_settings(project: Cli, account: Account) -> None:
    project.write("team.toml", 'state = "kept"\n')
    project.ok("plan", "--config", "team.toml", "--out", "plan.json")
    assert "made with kept" in project.fails(1, "apply", "plan.json")
    assert account.live() is None
    project.ok("apply", "plan.json", "--config", "team.toml")


def test_the_same_state_from_another_checkout(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    other = project.folder / "elsewhere"
    other.mkdir()
    plan = (project.folder / "plan.json").rename(other / "plan.json")
    moved = Cli(other, project.warm, project.environment)
    moved.ok("apply", plan.name)
    assert (other / ".planner/state" / account.account_id / "us-west-2.json").is_file()


@pytest.mark.parametrize(
    "place",
    ["gs://b/p/", "s3:/b", "s3:b", "https://h/x", "az://c", "file:///x", "arn:aws:s3:::b"],
)
def test_a_state_place_that_is_none(offline: Cli, place: str) -> None:
    for words in (("state", "list"), ("plan",), ("apply", "--auto-approve"), ("locks",)):
        assert place in offline.fails(64, *words, "--state", place)
    offline.write("planner.toml", f'state = "{place}"\n')
    assert "s3://BUCKET/PREFIX/" in offline.fails(1, "state", "list")
    assert [each.name for each in offline.folder.iterdir()] == ["planner.toml"]


def test_the_state_of_terraform_is_known(project: Cli) -> None:
    project.write("terraform.tfstate", TFSTATE)
    project.write("old.json", TFSTATE)
    for code, words in (
        (1, ("state", "push", "old.json")),
        (1, ("apply", "old.json")),
        (64, ("state", "list", "--state", "terraform.tfstate")),
    ):
        message = project.fails(code, *words)
        assert "Terraform's state" in message
        assert "planner init" in message
        assert "newer planner" not in message
    for code, words in (
        (6, ("plan", "terraform.tfstate")),
        (1, ("plan", "--live", "terraform.tfstate")),
        (6, ("validate", "old.json")),
    ):
        result = project(*words)
        assert result.returncode == code
        told = result.stdout + result.stderr
        assert "this Terraform state has no aws_ecr_registry_policy" in told


def test_a_snapshot_with_terraforms_words_in_a_place(project: Cli, account: Account) -> None:
    path = Path(project.folder, ".planner/state", account.account_id, "us-west-2.json")
    path.parent.mkdir(parents=True)
    path.write_text(TFSTATE)
    assert "Terraform's state" in project.fails(1, "plan")
