"""`planner init`: the files it writes, those it leaves alone, and CI files that work."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner.aws.ecr import EcrRegistry
from planner.cli.main import run
from planner.config.parse import parse_settings
from planner.generate.policy_types import PartialRegistry
from planner.policy.parse import parse_policy
from planner.ports import CallerIdentity
from planner.registry import Registry
from planner.scaffold import project as starter
from tests.support.account import Account
from tests.support.cli import PLANNER, Cli
from tests.support.policies import document, statement

REGISTRY = PartialRegistry("aws-cn", "444455556666", "cn-north-1")
SERVICES = tuple(starter.CI_FILES)


def test_the_live_policy_is_what_the_first_plan_finds(cli: Cli, account: Account) -> None:
    account.put(document(statement("A"), statement("B", Principal="*")))
    result = cli("init")
    assert result.returncode == 0
    where = f"{account.account_id}/us-west-2"
    assert result.stderr == f"The policy file is the live policy of {where}.\n"
    assert "Wrote planner.toml\nWrote registry_policy.json\nWrote .gitignore\n" in result.stdout
    assert f'account_id = "{account.account_id}"' in (cli.folder / "planner.toml").read_text()
    assert "No changes." in cli.ok("plan", "--detailed-exitcode")
    assert cli.ok("fmt", "--check") == ""
    assert not (cli.folder / ".planner").exists()


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
        bare = re.sub(r"^# (\w+ = |\[\[)", r"\1", text, flags=re.MULTILINE)
        config = parse_settings(bare.encode())
        assert config.account_id == "444455556666"
        assert config.lock_timeout == timedelta(seconds=60)
        assert len(config.assertions) == 1
        assert config.vars == {"source_account": "111122223333"}
        assert parse_settings(text.encode()).region == target.known.get("region")
        assert parse_policy(starter.policy_text(target)).policy.statements[0].sid


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("target", [PartialRegistry(), REGISTRY])
def test_nothing_is_left_open_in_a_ci_file(service: str, target: PartialRegistry) -> None:
    text = starter.ci_text(service, target)
    assert not re.search(r"@[A-Z_]+@", text)
    assert yaml.safe_load(text)
    region, account_id = (
        ("REGION", "ACCOUNT_ID") if target == PartialRegistry() else ("cn-north-1", "444455556666")
    )
    assert f"AWS_REGION: {region}\n" in text
    partition = "aws" if target == PartialRegistry() else "aws-cn"
    assert f"arn:{partition}:iam::{account_id}:role/planner-apply" in text


@pytest.mark.parametrize("service", SERVICES)
def test_ci_files_use_commands_and_options_that_exist(service: str) -> None:
    lines = re.findall(
        r"(?<![./-])\bplanner ((?:plan|apply|show) .*)", starter.ci_text(service, PartialRegistry())
    )
    assert len(lines) >= 2
    for line in lines:
        command = line.split()[0]
        shown = subprocess.run(
            [PLANNER, command, "--help"], capture_output=True, text=True, check=True
        )
        for option in re.findall(r"--[a-z-]+", line):
            assert re.search(rf"{option}\b", shown.stdout), line


def test_only_the_approved_job_writes() -> None:
    workflow: dict[str, Any] = yaml.safe_load(starter.ci_text("github", REGISTRY))
    jobs = workflow["jobs"]
    assert workflow["permissions"] == {}
    assert jobs["apply"]["environment"]
    assert jobs["apply"]["needs"] == "plan"
    assert "github.event_name == 'push'" in jobs["apply"]["if"]
    roles = {
        name: [
            step["with"]["role-to-assume"]
            for step in job["steps"]
            if "role-to-assume" in step.get("with", {})
        ]
        for name, job in jobs.items()
    }
    assert roles == {"plan": ["${{ env.PLAN_ROLE }}"], "apply": ["${{ env.APPLY_ROLE }}"]}
    pipeline = yaml.safe_load(starter.ci_text("gitlab", REGISTRY))
    assert [rule["when"] for rule in pipeline["apply"]["rules"]] == ["manual"]
    assert pipeline["apply"]["resource_group"]
    assert pipeline["apply"]["needs"] == ["plan"]


@pytest.fixture
def shell(cli: Cli) -> Callable[..., None]:
    """Runs the lines of a CI file, those that install planner left out."""

    def run_lines(lines: list[str], **environment: str) -> None:
        script = "\n".join(line for line in lines if "pip install" not in line)
        path = f"{Path(PLANNER).parent}:{os.environ['PATH']}"
        result = cli.run(["bash", "-e", "-c", script], PATH=path, **environment)
        assert result.returncode == 0, result.stderr

    return run_lines


def variables(text: str) -> dict[str, str]:
    """The `name=value` lines that a step leaves for other jobs."""
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.fixture
def wanted(cli: Cli, account: Account) -> str:
    """A project whose live policy is about to change."""
    account.put(document(statement("A")))
    assert cli("init", "--github", "--gitlab").returncode == 0
    cli.write("registry_policy.json", document(statement("A"), statement("B")))
    return '"B"'


def test_the_github_workflow_runs(
    cli: Cli, account: Account, shell: Callable[..., None], wanted: str
) -> None:
    jobs = yaml.safe_load((cli.folder / starter.CI_FILES["github"]).read_text())["jobs"]
    steps = {
        name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()
    }

    def plan() -> dict[str, str]:
        output, summary = cli.write("output", ""), cli.write("summary", "")
        shell(steps["plan"], GITHUB_OUTPUT=str(output), GITHUB_STEP_SUMMARY=str(summary))
        assert summary.read_text().startswith("```\nplanner plan")
        return variables(output.read_text())

    outputs = plan()
    assert outputs["changes"] == "true"
    shell(steps["apply"], PLAN_ID=outputs["plan_id"])
    assert wanted in str(account.live())
    assert plan()["changes"] == "false"
    cli.write("registry_policy.json", "{")
    with pytest.raises(AssertionError):
        plan()


def test_the_gitlab_pipeline_runs(
    cli: Cli, account: Account, shell: Callable[..., None], wanted: str
) -> None:
    pipeline = yaml.safe_load((cli.folder / starter.CI_FILES["gitlab"]).read_text())
    before = pipeline[".planner"]["before_script"]
    for job in ("plan", "apply"):
        assert pipeline[job]["extends"] == ".planner"
        shell([*before, *pipeline[job]["script"]], AWS_TOKEN="a token", AWS_ROLE_ARN="arn:of:it")
    assert wanted in str(account.live())
    assert json.loads((cli.folder / "plan.json").read_text())["plan_id"]
