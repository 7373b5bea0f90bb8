"""The examples, each planned, applied and planned again; and the demo."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.paths import ROOT

EXAMPLES = ROOT / "examples"
FOLDERS = sorted(
    path.name for path in EXAMPLES.iterdir() if path.is_dir() and path.name[0].isdigit()
)


@pytest.mark.parametrize("name", FOLDERS)
def test_an_example(cli: Cli, account: Account, name: str) -> None:
    shutil.copytree(EXAMPLES / name, cli.folder, dirs_exist_ok=True)
    cli.ok("plan", "--out", "plan.json", "--region", "us-west-2")
    cli.ok("apply", "plan.json")
    assert "No changes." in cli.ok("plan", "--region", "us-west-2")
    count = len(json.loads((EXAMPLES / name / "registry_policy.json").read_text())["Statement"])
    assert len(json.loads(str(account.live()))["Statement"]) == count


def test_the_ecr_guides_page_by_its_own_commands(cli: Cli, account: Account) -> None:
    """The page is "Setting a private registry permission statement"; boto3 makes its calls."""
    text = (EXAMPLES / "1-replication" / "registry_policy.json").read_text()
    cli.write("registry_policy.json", text)
    answer = account.client("us-west-2").put_registry_policy(policyText=text)
    assert answer["registryId"] == account.account_id
    live = account.client("us-west-2").get_registry_policy()["policyText"]
    assert canonicalise(parse_policy(live).policy) == canonicalise(parse_policy(text).policy)
    assert "The live policy matches registry_policy.json." in cli.ok(
        "plan", "--region", "us-west-2"
    )
    cli.ok("plan", "--destroy", "--out", "plan.json", "--region", "us-west-2")
    cli.ok("apply", "plan.json")
    assert account.live() is None
    cli.ok("plan", "--out", "plan.json", "--region", "us-west-2")
    cli.ok("apply", "plan.json")
    assert canonicalise(parse_policy(str(account.live())).policy) == canonicalise(
        parse_policy(text).policy
    )


def test_the_demo() -> None:
    words = [sys.executable, str(EXAMPLES / "demo.py")]
    result = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    assert result.stderr == ""
    for line in (
        "Plan: 1 to add, 1 to change, 1 to destroy.",
        "Apply complete! Resources: 1 added, 1 changed, 1 destroyed.",
        "No changes. The live policy matches registry_policy.json.",
    ):
        assert line in result.stdout
    assert len([line for line in result.stdout.splitlines()[-4:] if line.startswith("#   ")]) == 3
