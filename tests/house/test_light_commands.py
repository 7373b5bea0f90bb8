"""What only looks at records or files loads neither engine nor plan."""

from __future__ import annotations

import subprocess
import sys
from keyword import iskeyword

import pytest

from planner.cli.main import COMMANDS
from planner.records.snapshot import Record, next_snapshot
from planner.registry import Registry
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from tests.support.cli import Cli
from tests.support.paths import ROOT
from tests.support.policies import document, policy, statement

ENGINE = ("planner.access", "planner.diff.pairing", "planner.guard.checks")
PLAN = ("planner.plans.plan", "planner.plans.file", "planner.workflow.planning")
LINT = ("planner.lint.check", "planner.lint.rules", "planner.generate", "planner.scaffold")
IO = ("socket", "tempfile", "tabulate", "jsonpatch", "boto3")

SCRIPT = """
import sys
from planner.cli.main import run
code = run(sys.argv[1:])
sys.stderr.write("\\n".join(sys.modules))
sys.exit(code)
"""


def loaded(cli: Cli, *words: str) -> set[str]:
    """All modules that a command has loaded once it has run."""
    env = {"PATH": "", "HOME": str(cli.folder), "PYTHONPATH": str(ROOT)}
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, *words],
        cwd=cli.folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr[:400]
    return set(result.stderr.splitlines())


@pytest.fixture
def recorded(offline: Cli) -> Cli:
    """A project with settings, whose state has a snapshot and whose policy is formatted."""
    offline.write("planner.toml", 'account_id = "444455556666"\nscope = "V2"\n')
    offline.write("registry_policy.json", document(statement("A")))
    offline.ok("fmt")
    registry = Registry("aws", "444455556666", "us-west-2")
    record = Record(policy(statement("A")), "0" * 64, "me", "then", "planner")
    snapshot = next_snapshot(None, registry, record, "lineage")
    State(LocalBlobs(offline.folder / ".planner/state")).write_snapshot(snapshot, None)
    return offline


def module_of(command: str) -> str:
    return f"planner.cli.commands.{command}{'_' * iskeyword(command)}"


@pytest.mark.parametrize(
    "words",
    [
        ("state", "list"),
        ("state", "show"),
        ("state", "pull"),
        ("history", "show", "1"),
        ("locks",),
        ("fmt",),
        ("digest", "registry_policy.json"),
    ],
)
def test_records_and_files_are_looked_at_without_engine_and_plan(
    recorded: Cli, words: tuple[str, ...]
) -> None:
    modules = loaded(recorded, *words)
    assert module_of(words[0]) in modules
    rooms = (*ENGINE, *PLAN, *LINT, *IO)
    heavy = {each for each in modules if f"{each}.".startswith(tuple(f"{r}." for r in rooms))}
    assert not heavy


def test_only_the_command_that_is_called_is_loaded(offline: Cli) -> None:
    for name in ("state", "locks"):
        words = (name, "--help")
        modules = loaded(offline, *words)
        others = set(map(module_of, COMMANDS)) - {module_of(name)}
        assert module_of(name) in modules
        assert not others & modules
    assert set(map(module_of, COMMANDS)) <= loaded(offline, "--help")
