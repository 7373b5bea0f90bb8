"""`planner init`: the files it writes, those it leaves alone, and CI files that work."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from planner.aws.ecr import EcrRegistry
from planner.cli.main import run
from planner.config.parse import parse_settings
from planner.generate.policy_types import PartialRegistry
from planner.policy.parse import parse_policy
from planner.ports import CallerIdentity
from planner.registry import Registry
from planner.scaffold import project as starter
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement

REGISTRY = PartialRegistry("aws-cn", "444455556666", "cn-north-1")
SERVICES = tuple(starter.CI_FILES)


def test_the_live_policy_is_what_the_first_plan_finds(cli: Cli, account: Account) -> None:
    account.put(document(statement("A"), statement("B", Principal="*")))
    result = cli("init")
    assert result.returncode == 0
    where = f"{account.account_id}/us-west-2"
    told = f"The policy file is the live policy of {where}.\nRecorded in the state: serial 1.\n"
    assert result.stderr == told
    assert "Wrote planner.toml\nWrote registry_policy.json\nWrote .gitignore\n" in result.stdout
    assert f'account_id = "{account.account_id}"' in (cli.folder / "planner.toml").read_text()
    assert "No changes." in cli.ok("plan", "--detailed-exitcode")
    assert cli.ok("fmt", "--check") == ""
    assert (cli.folder / ".planner/state" / f"{where}.json").exists()


def test_a_registry_without_a_policy_gets_one_that_grants_nothing_yet(
    cli: Cli, account: Account
) -> None:
    result = cli("init", "new")
    assert "has no policy yet" in result.stderr
    assert "cd new\n  edit planner.toml: give source_account a value" in result.stdout
    cli.folder = cli.folder / "new"
    assert "{{source_account}}" in cli.fails(6, "plan")
    text = (cli.folder / "planner.toml").read_text()
    cli.write("planner.toml", text.replace("# source_account", "source_account"))
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in cli.ok("plan")
    assert account.live() is None


def test_without_credentials_or_offline_it_starts_from_the_template(offline: Cli) -> None:
    result = offline("init", "--region", "eu-west-1")
    assert result.returncode == 0
    assert result.stderr == "There are no AWS credentials: AWS was not asked.\n"
    assert 'region = "eu-west-1"' in (offline.folder / "planner.toml").read_text()
    keys = {"AWS_ACCESS_KEY_ID": "1", "AWS_SECRET_ACCESS_KEY": "2"}
    assert "Wrote" in offline.ok("init", "offline", "--offline", **keys)
    assert "planner init --offline" in offline.fails(1, "init", "other", **keys)
    assert not (offline.folder / "other").exists()


def test_a_live_policy_that_cannot_be_read_stops_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = CallerIdentity(
        "arn:aws:iam::444455556666:role/r", Registry("aws", "444455556666", "us-west-2")
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(EcrRegistry, "has_credentials", True)
    monkeypatch.setattr(EcrRegistry, "caller", lambda _: caller)
    monkeypatch.setattr(EcrRegistry, "read", lambda _: '{"Statement": 5}')
    assert run(["init"]) == 1
    assert "planner init --offline" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


INIT = ["init", "--offline", "--github", "--gitlab"]
FILES = ["planner.toml", "registry_policy.json", *starter.CI_FILES.values()]


@pytest.mark.parametrize("name", FILES)
def test_what_exists_stops_it_before_anything_is_written(
    here: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert run(INIT) == 1
    assert f"{name} exists." in capsys.readouterr().err
    assert [each for each in here.rglob("*") if each.is_file()] == [path]
    assert run([*INIT, "--keep"]) == 0
    assert path.read_text() == ""
    assert all((here / each).is_file() for each in FILES)


def test_ci_files_come_later_with_what_the_project_knows(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["init", "--offline", "--region", "us-west-2", "--account-id", "444455556666"]
    assert run(words) == 0
    assert run(["init", "--github", "--keep"]) == 0  # nothing to ask AWS for
    text = (here / starter.CI_FILES["github"]).read_text()
    assert "arn:aws:iam::444455556666:role/planner-plan" in text
    assert run(["init", "--keep"]) == 0
    assert "nothing to write" in capsys.readouterr().out


def test_the_settings_of_another_folder_do_not_count(here: Path) -> None:
    (here / "planner.toml").write_text('account_id = "999999999999"\npolicy = "mine.json"\n')
    assert run(["init", "sub", "--offline"]) == 0
    assert "999999999999" not in (here / "sub" / "planner.toml").read_text()
    assert (here / "sub" / "registry_policy.json").is_file()


def test_a_dangling_link_is_something_that_exists(here: Path) -> None:
    (here / "planner.toml").symlink_to("nowhere")
    assert run(["init", "--offline"]) == 1
    assert not (here / "nowhere").exists()


def test_ci_files_below_the_top_of_a_repository_are_pointed_out(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / ".git").mkdir()
    run(["init", "sub", "--offline", "--gitlab"])
    assert "move them there" in capsys.readouterr().err
    run(["init", "--offline", "--gitlab"])
    assert "move them there" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ".planner/\nplan.json\n"),
        ("*.pyc", "*.pyc\n.planner/\nplan.json\n"),
        ("/.planner\n", "/.planner\nplan.json\n"),
        ("plan.json\n.planner/\n", "plan.json\n.planner/\n"),
    ],
)
def test_gitignore(before: str, after: str) -> None:
    assert starter.ignore_text(before) == after


def test_every_setting_in_the_comments_is_one() -> None:
    for target in (PartialRegistry(), REGISTRY):
        text = starter.settings_text(target)
        bare = re.sub(r"^# (\w+ = |\[)", r"\1", text, flags=re.MULTILINE)
        config = parse_settings(bare.encode())
        assert config.account_id == "444455556666"
        assert config.lock_timeout == timedelta(seconds=60)
        assert len(config.assertions) == 1
        assert set(config.statements) == {"ReplicationAccess"}
        assert config.vars == {"source_account": "111122223333"}
        assert parse_settings(text.encode()).region == target.known.get("region")
        assert parse_policy(starter.policy_text(target)).policy.statements[0].sid
