"""`--github-output`: what later steps of a job get, and that nobody can add to it."""

from __future__ import annotations

import json

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement

NAMES = ["plan-id", "changes", "verdict", "to-add", "to-change", "to-destroy", "failure-reason"]
PLAN = ("plan", "--github-output", "--out", "plan.json")


def outputs(cli: Cli) -> dict[str, str]:
    """The file of outputs, read as GitHub reads it: every line has one name and one value."""
    lines = (cli.folder / "outputs").read_text().splitlines()
    assert all("=" in line and "<<" not in line.partition("=")[0] for line in lines)
    return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def step(project: Cli) -> Cli:
    """A project in a step of a job."""
    project.environment = {**project.environment, "GITHUB_OUTPUT": str(project.folder / "outputs")}
    return project


def test_a_plan_and_its_apply(step: Cli, account: Account) -> None:
    account.put(document(statement("A"), statement("C", "333344445555")))
    step.ok(*PLAN)
    plan_id = json.loads((step.folder / "plan.json").read_text())["plan_id"]
    found = outputs(step)
    assert list(found) == NAMES
    assert list(found.values()) == [plan_id, "true", "both", "0", "1", "0", ""]
    step.write("outputs", "earlier=1\n")
    step.ok("apply", "plan.json", "--expect", found["plan-id"], "--github-output")
    assert outputs(step) == {"earlier": "1", **found}
    step.write("outputs", "")
    step.ok("plan", "--github-output")
    done = outputs(step)
    assert (done["changes"], done["verdict"], done["to-add"]) == ("false", "equivalent", "0")
    step.write("outputs", "")
    step.ok("apply", "--auto-approve", "--github-output")
    assert outputs(step) == done


def test_a_failure_is_one_sentence_on_one_line(step: Cli) -> None:
    step.fails(1, "plan", "no\nplan-id=1\r\u2028##[x]<<y", "--github-output")
    assert list(outputs(step)) == ["failure-reason"]
    assert "\\u000aplan-id=1\\u000d\\u2028#\\u0023[x]" in outputs(step)["failure-reason"]
    step.write("outputs", "")
    step.fails(64, "apply", "--github-output")
    assert "no terminal" in outputs(step)["failure-reason"]
    step.write("outputs", "")
    step.write("registry_policy.json", document(statement("A", Principal="*")))
    assert step(*PLAN).returncode == 5
    refused = outputs(step)
    assert list(refused) == NAMES
    assert refused["failure-reason"] == "The guard refuses this plan."
    step.fails(5, "apply", "plan.json", "--github-output")
    assert outputs(step)["failure-reason"] == "The guard refuses this plan."


def test_without_github_nothing_is_done(project: Cli) -> None:
    for given in ({}, {"GITHUB_OUTPUT": ""}):
        message = project.fails(64, *PLAN, **given)
        assert "GITHUB_OUTPUT is not set" in message
        assert not (project.folder / "plan.json").exists()
    assert "GITHUB_OUTPUT" in project.fails(1, *PLAN, GITHUB_OUTPUT="/no/such/folder/file")
    assert "GITHUB_OUTPUT is not set" in project.fails(64, "apply", "--github-output")
