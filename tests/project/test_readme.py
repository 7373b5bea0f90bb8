"""Every command that the README shows is run, and must print what the README prints."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from planner.cli.main import COMMANDS
from planner.config.parse import parse_settings
from planner.errors import GuardError, LockedError, PlannerError, StalePlanError, UsageError
from planner.guard.settings import DEFAULTS
from planner.lint.check import all_rules
from tests.support.cli import PLANNER, Cli
from tests.support.paths import ROOT
from tests.support.policies import document, statement

README = ROOT / "README.md"
TEXT = README.read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def sessions() -> list[tuple[str, str]]:
    """Commands and outputs, in order, of all the console blocks."""
    parts = re.split(r"^\$ (.*)\n", "".join(blocks("console")), flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_the_sessions(cli: Cli) -> None:
    """`make readme` writes the outputs anew."""
    steps = sessions()
    assert len(steps) >= 4
    text = TEXT
    for command, expected in steps:
        words = command.split()
        if words[0] == "cat":
            cli.write(words[1], expected)
            continue
        assert words[0] == "planner"
        output = cli.ok(*words[1:])
        text = text.replace(f"$ {command}\n{expected}", f"$ {command}\n{output}")
    if os.environ.get("WRITE_README"):
        README.write_text(text, encoding="utf-8")
    assert text == TEXT


def test_the_settings_are_settings() -> None:
    for block in blocks("toml"):
        parse_settings(block.encode())


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", TEXT):
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize("words", sorted(set(re.findall(r"planner ([a-z]+(?: --[a-z-]+)?)", TEXT))))
def test_every_command_and_option_exists(words: str) -> None:
    command, _, option = words.partition(" ")
    if command in COMMANDS:
        result = subprocess.run(
            [PLANNER, command, "--help"], capture_output=True, text=True, check=True
        )
        assert option in result.stdout
    else:
        assert not option


def test_the_checks_beside_access_analyzer() -> None:
    table = TEXT.partition("## Beside IAM Access Analyzer")[2]
    cells = re.findall(r"^\| .* \| (.*) \|$", table, re.MULTILINE)
    rules = {each.id for each in all_rules()}
    for cell in cells:
        if cell.startswith("`"):
            assert set(re.findall(r"`([a-z0-9-]+)`", cell)) <= rules, cell
        else:
            assert cell == "here" or cell.startswith(("not covered: ", "does not apply: ")), cell


def test_the_guard() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| `(allow|ask|refuse)` \|$", TEXT, re.MULTILINE)
    assert dict(rows) == DEFAULTS


def test_the_generated_statements(offline: Cli) -> None:
    offline.write("registry_policy.json", document(statement("A")))
    (block,) = [each for each in blocks("sh") if "planner generate" in each]
    for line in block.splitlines():
        assert offline(*line.split()[1:]).returncode == 0, line


def test_the_exit_codes() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (.*?) \|$", TEXT, re.MULTILINE))
    for error in (PlannerError, StalePlanError, LockedError, GuardError, UsageError):
        assert str(error.exit_code) in rows
