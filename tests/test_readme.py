"""Every command that the README shows is run, and must print what the README prints."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from conftest import PLANNER, Cli

from planner.cli.main import app
from planner.config import parse_config
from planner.errors import LockedError, PlannerError, StalePlanError, UsageError

README = Path(__file__).parents[1] / "README.md"
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
        parse_config(block.encode())


def test_every_make_target_exists() -> None:
    makefile = (README.parent / "Makefile").read_text()
    for target in re.findall(r"make ([a-z]+)", TEXT):
        assert f"\n{target}:" in makefile


@pytest.mark.parametrize("words", sorted(set(re.findall(r"planner ([a-z]+(?: --[a-z-]+)?)", TEXT))))
def test_every_command_and_option_exists(words: str) -> None:
    command, _, option = words.partition(" ")
    names = {
        registered.callback.__name__
        for registered in app.registered_commands
        if registered.callback
    }
    if command in names:
        result = subprocess.run(
            [PLANNER, command, "--help"], capture_output=True, text=True, check=True
        )
        assert option in result.stdout
    else:
        assert not option


def test_the_exit_codes() -> None:
    rows = dict(re.findall(r"^\| (\d+) \| (.*?) \|$", TEXT, re.MULTILINE))
    for error in (PlannerError, StalePlanError, LockedError, UsageError):
        assert str(error.exit_code) in rows
