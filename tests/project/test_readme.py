"""Every command that the README and docs/ show is run, and must print what they print."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from planner.cli.main import COMMANDS
from planner.config.parse import parse_settings
from planner.errors import GuardError, LockedError, PlannerError, StalePlanError, UsageError
from planner.guard.settings import DEFAULTS
from tests.support.cli import Cli
from tests.support.paths import ROOT
from tests.support.policies import document, statement

SANDBOX = "http://127.0.0.1:5566"
"""Where `planner sandbox` listens when nothing is said."""
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXTS = {page.name: page.read_text("utf-8") for page in PAGES}
TEXT = "\n".join(TEXTS.values())


def blocks(language: str, text: str = TEXT) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def sessions(text: str) -> list[tuple[str, str]]:
    """Commands and outputs, in order, of all the console blocks."""
    parts = re.split(r"^\$ (.*)\n", "".join(blocks("console", text)), flags=re.MULTILINE)
    return list(zip(parts[1::2], parts[2::2], strict=True))


def test_the_readme_has_a_session() -> None:
    assert len(sessions(TEXTS[README.name])) >= 4


@pytest.mark.parametrize(
    "page", [each for each in PAGES if "```console" in TEXTS[each.name]], ids=lambda page: page.name
)
def test_the_sessions(page: Path, cli: Cli) -> None:
    """`make readme` writes the outputs anew."""
    before = text = TEXTS[page.name]
    for command, expected in sessions(before):
        words = command.split()
        if words[0] == "cat":
            cli.write(words[1], expected)
            continue
        assert words[0] == "planner"
        result = cli(*words[1:])
        assert all(each.startswith("Registry ") for each in result.stderr.splitlines())
        output = result.stdout.replace(cli.environment["AWS_ENDPOINT_URL"], SANDBOX)
        text = text.replace(f"$ {command}\n{expected}", f"$ {command}\n{output}")
    if os.environ.get("WRITE_README"):
        page.write_text(text, encoding="utf-8")
    assert text == before


def test_the_settings_are_settings() -> None:
    for block in blocks("toml"):
        parse_settings(block.encode())


def test_every_make_target_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"(?:`|^)make ([a-z]+)", TEXT, re.MULTILINE):
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize("words", sorted(set(re.findall(r"planner ([a-z]+(?: --[a-z-]+)?)", TEXT))))
def test_every_command_and_option_exists(words: str, offline: Cli) -> None:
    command, _, option = words.partition(" ")
    if command in COMMANDS:
        assert option in offline.ok(command, "--help")
    else:
        assert not option


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
