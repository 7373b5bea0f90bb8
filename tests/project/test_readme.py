"""Every command that README, docs/ and examples/ show is run, and must print what they print."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from planner.cli.main import COMMANDS
from planner.config.parse import parse_settings
from planner.errors import GuardError, LockedError, PlannerError, StalePlanError, UsageError
from planner.guard.settings import DEFAULTS
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.paths import ROOT
from tests.support.policies import document, statement
from tests.support.sessions import Shell, blocks, sessions

README = ROOT / "README.md"
EXAMPLES = ROOT / "examples"
PAGES = [
    README,
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(EXAMPLES.glob("**/README.md")),
]
TEXTS = {page: page.read_text("utf-8") for page in PAGES}
TEXT = "\n".join(TEXTS.values())


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_readme_has_a_session() -> None:
    assert len(sessions(TEXTS[README])) >= 4


@pytest.mark.parametrize("page", [each for each in PAGES if "```console" in TEXTS[each]], ids=_name)
def test_the_sessions(page: Path, cli: Cli, account: Account) -> None:
    """`make readme` writes the outputs anew. An example's are those of its own folder."""
    if EXAMPLES in page.parents:
        shutil.copytree(page.parent, cli.folder, dirs_exist_ok=True)
    text = Shell(cli, account).rewritten(TEXTS[page])
    if os.environ.get("WRITE_README"):
        page.write_text(text, encoding="utf-8")
    assert text == TEXTS[page]


def test_no_screen_has_two_empty_lines_together() -> None:
    for command, shown in sessions(TEXT):
        assert "\n\n\n" not in shown, command


def test_the_settings_are_settings() -> None:
    for block in blocks("toml", TEXT):
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
    (block,) = [each for each in blocks("sh", TEXT) if "planner generate" in each]
    for line in block.splitlines():
        assert offline(*line.split()[1:]).returncode == 0, line


def test_the_exit_codes() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (.*?) \|$", TEXT, re.MULTILINE))
    for error in (PlannerError, StalePlanError, LockedError, GuardError, UsageError):
        assert str(error.exit_code) in rows
