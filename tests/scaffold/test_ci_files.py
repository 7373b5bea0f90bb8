"""CI files that work, and that nobody who opens a pull request can turn into something else."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from planner.generate.policy_types import PartialRegistry
from planner.scaffold import project as starter
from tests.support.account import Account
from tests.support.cli import PLANNER, Cli, Result
from tests.support.policies import document, statement

REGISTRY = PartialRegistry("aws-cn", "444455556666", "cn-north-1")
SERVICES = tuple(starter.CI_FILES)


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


def steps_of(job: str) -> dict[str, str]:
    """The scripts of a job of the GitHub workflow, by the names of their steps."""
    job_of = yaml.safe_load(starter.ci_text("github", REGISTRY))["jobs"][job]
    return {step["name"]: step["run"] for step in job_of["steps"] if "run" in step}


@pytest.fixture
def shell(cli: Cli) -> Callable[..., Result]:
    """Runs a script as GitHub does, with a pip that only says what it was asked for."""
    tools = cli.folder / "tools"
    tools.mkdir()
    pip = tools / "pip"
    pip.write_text('#!/bin/sh\necho pip "$@"\n')
    pip.chmod(0o755)
    path = f"{tools}:{Path(PLANNER).parent}:{os.environ['PATH']}"

    def run_script(script: str, **environment: str) -> Result:
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return cli.run(command, PATH=path, **environment)

    return run_script


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
    cli: Cli, account: Account, shell: Callable[..., Result], wanted: str
) -> None:
    # What Python would import from the checkout, if any of it ran there.
    for name in ("json.py", "os.py", "planner.py"):
        cli.write(name, "raise SystemExit(99)")

    def plan(code: int = 0) -> dict[str, str]:
        output, summary = cli.write("output", ""), cli.write("summary", "")
        outputs = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
        result = shell(steps_of("plan")["Plan"], **outputs)
        assert result.returncode == code, result.stderr
        head, *_, tail = result.stdout.splitlines()
        token = head.removeprefix("::stop-commands::")
        assert re.fullmatch("[0-9a-f]{32}", token)
        assert tail == f"::{token}::"
        shown = summary.read_text()
        assert all(not each or each.startswith("    ") for each in shown.split("\n"))
        assert ("planner plan" in shown) == (code in (0, 5))
        return {**variables(output.read_text()), "token": token}

    outputs = plan()
    assert outputs["changes"] == "true"
    assert plan()["token"] != outputs["token"]
    applied = shell(steps_of("apply")["Apply"], PLAN_ID=outputs["plan-id"])
    assert applied.returncode == 0, applied.stderr
    assert wanted in str(account.live())
    assert plan()["changes"] == "false"
    cli.write("registry_policy.json", document(statement("A", Principal="*")))
    assert plan(5)["failure-reason"] == "The guard refuses this plan."
    cli.write("registry_policy.json", "{")
    assert "is not a valid policy" in plan(6)["failure-reason"]
    other = shell(steps_of("apply")["Apply"], PLAN_ID="0" * 64, REASON="it is meant")
    assert other.returncode == 3
    assert other.stdout.splitlines()[-1].startswith("::")


def test_the_gitlab_pipeline_runs(
    cli: Cli, account: Account, shell: Callable[..., Result], wanted: str
) -> None:
    pipeline = yaml.safe_load((cli.folder / starter.CI_FILES["gitlab"]).read_text())
    before = pipeline[".planner"]["before_script"]
    cli.write("planner-requirements.txt", "")
    given = {"AWS_TOKEN": "a token", "AWS_ROLE_ARN": "arn:of:it", "PLANNER_SOURCE": "a.whl"}
    for job in ("plan", "apply"):
        assert pipeline[job]["extends"] == ".planner"
        result = shell("\n".join([*before, *pipeline[job]["script"]]), **given)
        assert result.returncode == 0, result.stderr
    assert wanted in str(account.live())
    assert json.loads((cli.folder / "plan.json").read_text())["plan_id"]


def install_scripts() -> list[str]:
    """How each job of each service installs planner."""
    pipeline = yaml.safe_load(starter.ci_text("gitlab", REGISTRY))
    before = [each for each in pipeline[".planner"]["before_script"] if "AWS" not in each]
    return [steps_of("plan")["Install"], steps_of("apply")["Install"], "\n".join(before)]


@pytest.mark.parametrize("script", install_scripts())
def test_nothing_is_installed_until_somebody_says_from_where(
    cli: Cli, shell: Callable[..., Result], script: str
) -> None:
    given = {"PLANNER_SOURCE": ""}
    for _ in range(2):
        result = shell(script, **given)
        assert result.returncode == 1
        assert "Set PLANNER_SOURCE and add planner-requirements.txt" in result.stdout
        assert "pip install" not in result.stdout
        given["PLANNER_SOURCE"] = "https://host/planner.whl#sha256=0"
    cli.write("planner-requirements.txt", "")
    asked = shell(script, **given).stdout.splitlines()
    assert len(asked) == 2
    assert {"--require-hashes", "--only-binary", "planner-requirements.txt"} <= {*asked[0].split()}
    assert {"--no-deps", "--no-index", given["PLANNER_SOURCE"]} <= {*asked[1].split()}


def test_no_name_is_installed_by_default_and_both_jobs_install_the_same() -> None:
    scripts = install_scripts()
    assert scripts[0] == scripts[1]
    for service in SERVICES:
        text = starter.ci_text(service, REGISTRY)
        assert re.search(r"^ +PLANNER_SOURCE: \"\"$", text, re.MULTILINE)
        assert "ecr-registry-planner" not in text


def test_actions_are_pinned_and_leave_no_credentials() -> None:
    text = starter.ci_text("github", REGISTRY)
    used = re.findall(r"uses: (.*)", text)
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", each) for each in used)
    for job in yaml.safe_load(text)["jobs"].values():
        (checkout,) = (each for each in job["steps"] if "checkout" in each.get("uses", ""))
        assert checkout["with"]["persist-credentials"] is False


def test_no_python_runs_but_planner_itself() -> None:
    for script in [*steps_of("plan").values(), *steps_of("apply").values(), *install_scripts()]:
        assert "python" not in script
