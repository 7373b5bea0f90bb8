"""Words on the command line: help, and what makes no sense."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.cli import Cli
from tests.support.paths import ROOT
from tests.support.policies import document, statement


def test_foolish_things(project: Cli) -> None:
    original = (project.folder / "registry_policy.json").read_text()
    assert "a policy, not a saved plan" in project.fails(1, "apply", "registry_policy.json")
    assert "would overwrite" in project.fails(1, "plan", "--out", "registry_policy.json")
    assert "no regular file" in project.fails(1, "plan", "--out", "/dev/null")
    assert "no regular file" in project.fails(1, "plan", "--out", ".")
    assert "cannot be written" in project.fails(1, "plan", "--out", "no/such/plan.json")
    assert (project.folder / "registry_policy.json").read_text() == original
    assert "There is no policy file at nothing.json" in project.fails(1, "plan", "nothing.json")
    assert "is a folder" in project.fails(1, "plan", ".")
    assert "There is no saved plan" in project.fails(1, "show", "nothing.json")
    project.ok("plan", "--out", "plan.json")
    assert "saved plan, not a policy" in project.fails(6, "plan", "plan.json")
    assert "complete" in project.fails(64, "apply", "plan.json", "--destroy")
    assert "takes no policy file" in project.fails(64, "plan", "x.json", "--destroy")
    assert "wants a plan id" in project.fails(64, "apply", "plan.json", "--expect", "")
    assert "--partition" in project.fails(
        64, "digest", "registry_policy.json", "--partition", "mars"
    )
    assert "planner plan --help" in project.fails(64, "plan", "--region")
    assert "no Region" in project.fails(64, "plan", "--region", "usa")


@pytest.mark.parametrize(
    "words",
    [("plan", "--nope"), ("nope",), ("show",), ("sandbox", "--port", "x"), ("show", "a", "b")],
)
def test_wrong_usage(offline: Cli, words: tuple[str, ...]) -> None:
    assert "--help" in offline.fails(64, *words)


def test_bare_planner_shows_its_help(offline: Cli) -> None:
    result = offline()
    assert result.returncode == 64
    assert "Commands:" in result.stdout


def test_version_and_completion(offline: Cli) -> None:
    assert offline.ok("--version").startswith("planner 0.")
    environment = {"_PLANNER_COMPLETE": "complete_bash", "COMP_WORDS": "planner pl"}
    assert "plan" in offline(COMP_CWORD="1", **environment).stdout


@pytest.mark.parametrize(
    "command",
    [
        "",
        "plan",
        "show",
        "apply",
        "digest",
        "fmt",
        "scope",
        "recover",
        "locks",
        "unlock",
        "state",
        "state push",
        "state rm",
        "rollback",
        "history",
        "history list",
        "history diff",
        "sandbox",
        "owners",
    ],
)
def test_help_fits_80_columns(offline: Cli, command: str) -> None:
    text = offline.ok(*command.split(), "--help", COLUMNS="200")
    assert max(map(len, text.splitlines())) <= 80
    assert "Usage: planner" in text
    cut = [each for each in text.splitlines() if each.startswith("  ") and each.endswith("...")]
    assert [each for each in cut if not each.endswith("]...")] == []


@pytest.mark.parametrize(
    "option", ["--region", "--profile", "--endpoint-url", "--account-id", "--state"]
)
def test_an_empty_option_is_not_taken_for_none(project: Cli, option: str) -> None:
    assert f"{option} is empty" in project.fails(64, "plan", option, "")


def test_python_dash_m(offline: Cli) -> None:
    words = [sys.executable, "-m", "planner", "--version"]
    result = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.startswith("planner 0.")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("--state", ("plan", "--state", "a", "--state", "b")),
        ("--state", ("state", "list", "--state=a", "--state", "a")),
        ("--account-id", ("apply", "--account-id", "111122223333", "--account-id=222233334444")),
        ("--sid", ("generate", "pull", "--sid", "A", "--account", "1", "--sid", "B")),
        ("--format", ("validate", "--format", "json", "-", "--format", "text")),
        ("--approve", ("apply", "--approve", "--expect", "--approve", "b")),
    ],
)
def test_an_option_with_one_value_is_given_once(
    offline: Cli, name: str, words: tuple[str, ...]
) -> None:
    assert f"{name} is given twice" in offline.fails(64, *words)


def test_what_may_be_repeated_and_what_only_looks_like_it(offline: Cli) -> None:
    offline.write("registry_policy.json", document(statement("{{a}}", "{{b}}")))
    values = ("--var", "a=A", "--var", "b=111122223333")
    offline.ok("plan", "--live", "/dev/null", *values, "--no-color", "--no-color")
    message = offline.fails(64, "apply", "--approve", "--expect", "--expect", "x")
    assert "given twice" not in message
    assert "is given twice" not in offline.fails(1, "validate", "--", "--format", "--format")
