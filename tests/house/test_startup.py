"""Nobody waits for an import: what each command loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.paths import ROOT
from tests.support.policies import document, statement

ASSERTION = """
[[assert]]
principal = "111122223333"
action = "replicate"
repository = "*"
may = true
reason = "it is copied from there"
"""
HEAVY = ("boto3", "botocore", "moto", "rich", "werkzeug", "pydantic")


def loaded(cli: Cli, *words: str, **environment: str) -> str:
    """The modules that a command imports, as `-X importtime` lists them."""
    command = [sys.executable, "-X", "importtime", "-m", "planner", *words]
    env = {"PATH": "", "HOME": str(cli.folder), "PYTHONPATH": str(ROOT), **environment}
    result = subprocess.run(
        command, cwd=cli.folder, env=env, capture_output=True, text=True, check=True
    )
    return result.stderr


def modules(report: str) -> set[str]:
    return {line.rsplit("|", 1)[1].strip() for line in report.splitlines() if "|" in line}


@pytest.mark.parametrize(
    "words",
    [
        ("--help",),
        ("plan", "--help"),
        ("--version",),
        ("digest", "registry_policy.json"),
        ("access", "registry_policy.json"),
        ("test", "registry_policy.json"),
        ("can", "111122223333", "ecr:ReplicateImage", "a"),
        ("compare", "registry_policy.json", "live.json"),
        ("plan", "--live", "live.json", "--out", "plan.json"),
        ("show", "made.json"),
        ("init", "new", "--offline", "--github"),
        ("generate", "pull", "--sid", "S", "--account", "111122223333", "--into", "new.json"),
    ],
)
def test_light_commands_load_nothing_heavy(offline: Cli, words: tuple[str, ...]) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    offline.write("live.json", document(statement("B", "222233334444")))
    offline.write("planner.toml", ASSERTION)
    offline.ok("plan", "--live", "live.json", "--out", "made.json")
    report = loaded(offline, *words)
    names = {name.split(".")[0] for name in modules(report)}
    assert "planner" in names
    assert not names & set(HEAVY)


def test_a_plan_against_ecr_loads_boto3(offline: Cli, account: Account) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    assert "boto3" in loaded(offline, "plan", **account.environment)
