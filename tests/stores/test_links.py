"""A checkout may hold links that lead anywhere: no writer follows one."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import POLICY, state_of

GENERATE = ("generate", "pull", "--sid", "S", "--account", "111122223333", "--into")


@pytest.fixture
def victim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside of every project, with one file in it."""
    folder = tmp_path_factory.mktemp("victim")
    (folder / "file").write_text("mine")
    return folder


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("registry_policy.json", POLICY)
    return cli


def untouched(victim: Path) -> bool:
    """Whether the victim's folder holds what it held."""
    return [each.name for each in victim.rglob("*")] == ["file"] and (
        victim / "file"
    ).read_text() == "mine"


@pytest.mark.parametrize("name", [".planner", ".planner/state", ".planner/state/444455556666"])
def test_the_folders_of_a_state(project: Cli, account: Account, victim: Path, name: str) -> None:
    link = project.folder / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(victim)
    for words in (("plan",), ("apply", "--auto-approve"), ("state", "pull")):
        message = project.fails(1, *words)
        assert f"{name} is a link." in message
    assert untouched(victim)
    assert account.live() is None


@pytest.mark.parametrize("name", [".us-west-2.json.probe", ".planner-0123456789abcdef.tmp"])
def test_what_lies_beside_the_documents(
    project: Cli, account: Account, victim: Path, name: str
) -> None:
    folder = project.folder / ".planner/state" / account.account_id
    folder.mkdir(parents=True)
    (folder / name).symlink_to(victim / "file")
    project.ok("apply", "--auto-approve")
    assert state_of(project, account)["serial"] == 1
    assert (folder / name).is_symlink()
    assert untouched(victim)


def test_a_state_that_its_user_names_may_be_reached_by_a_link_outside(
    project: Cli, account: Account, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "real").mkdir()
    (outside / "link").symlink_to("real")
    project.ok("apply", "--auto-approve", "--state", str(outside / "link" / "new" / "state"))
    assert (outside / "real/new/state" / account.account_id / "us-west-2.json").is_file()


def test_a_saved_plan(project: Cli, victim: Path) -> None:
    (victim / "file").unlink()
    (project.folder / "plan.json").symlink_to(victim / "file")
    (project.folder / "out").symlink_to(victim)
    for name in ("plan.json", "out/plan.json", "./out/../plan.json"):
        for path in (name, str(project.folder / name)):
            assert "is a link" in project.fails(1, "plan", "--out", path)
    assert list(victim.iterdir()) == []
    project.ok("plan", "--out", str(victim / "plan.json"))
    assert json.loads((victim / "plan.json").read_text())["plan_id"]


def test_a_saved_plan_from_a_folder_of_the_repository(project: Cli, victim: Path) -> None:
    (project.folder / ".git").mkdir()
    (project.folder / "out").symlink_to(victim)
    sub = project.folder / "sub"
    sub.mkdir()
    (sub / "registry_policy.json").write_text(POLICY)
    script = f'cd sub && exec "$0" -m planner plan --out {project.folder}/out/plan.json'
    result = project.run(["sh", "-c", script, sys.executable])
    assert "out is a link" in result.stderr
    assert untouched(victim)


@pytest.mark.parametrize("name", [".gitignore", ".github", ".github/workflows"])
def test_a_new_project(offline: Cli, victim: Path, name: str) -> None:
    link = offline.folder / "new" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(victim / "file" if name == ".gitignore" else victim)
    for folder in ("new", str(offline.folder / "new")):
        words = ("init", folder, "--offline", "--github", "--keep")
        assert f"{name} is a link" in offline.fails(1, *words)
    assert untouched(victim)


@pytest.mark.parametrize("words", [("fmt",), GENERATE])
def test_a_policy_file(offline: Cli, victim: Path, words: tuple[str, ...]) -> None:
    text = json.dumps(json.loads(document(statement("A"))))
    (victim / "file").write_text(text)
    (offline.folder / "policy.json").symlink_to(victim / "file")
    refused = offline(*words, "policy.json")
    assert refused.returncode == 1
    assert "policy.json is a link" in refused.stderr
    assert (victim / "file").read_text() == text


def test_copies_for_the_user(project: Cli, account: Account, victim: Path) -> None:
    project.ok("apply", "--auto-approve")
    name = f"planner-removed-{account.account_id}-us-west-2"
    (project.folder / f"{name}.json").symlink_to(victim / "file")
    (project.folder / f"{name}-2.json").symlink_to(victim / "new")
    assert f"{name}-3.json" in project.ok("state", "rm", "--auto-approve")
    assert untouched(victim)
