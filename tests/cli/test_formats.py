"""`--format` and `--json` mean the same for every command that has them."""

from __future__ import annotations

import json

import pytest

from planner.render.formats import format_names
from planner.render.interface import ViewKind
from tests.support.cli import Cli
from tests.support.policies import document, statement

COMMANDS: dict[ViewKind, tuple[str, ...]] = {
    "findings": ("validate", "a.json"),
    "rules": ("validate", "--list-rules"),
    "access": ("access", "a.json"),
    "decision": ("can", "999999999999", "ecr:ReplicateImage", "x", "--file", "a.json"),
    "comparison": ("compare", "a.json", "b.json"),
}
every_command = pytest.mark.parametrize(("kind", "words"), COMMANDS.items())


@pytest.fixture
def files(offline: Cli) -> Cli:
    hidden = {"StringEquals": {"aws:PrincipalTag/é": "a\u202eb"}}
    offline.write("a.json", document(statement("A", Condition=hidden)))
    offline.write("b.json", document(statement("B", "222233334444")))
    return offline


@every_command
def test_json_is_the_format_json(files: Cli, kind: str, words: tuple[str, ...]) -> None:
    text = files(*words, "--json").stdout
    assert text == files(*words, "--format", "json").stdout
    assert text == files(*words, "--json", "--format", "json").stdout
    assert json.loads(text)["kind"] == kind
    assert "\u202e" not in text


@every_command
def test_a_format_that_is_none_is_refused_with_those_that_are(
    files: Cli, kind: ViewKind, words: tuple[str, ...]
) -> None:
    message = files.fails(64, *words, "--format", "xml")
    for name in format_names(kind):
        assert name in message


@pytest.mark.parametrize(("kind", "name"), [("findings", "sarif"), ("access", "csv")])
def test_json_and_another_format_are_one_too_many(files: Cli, kind: ViewKind, name: str) -> None:
    assert "Leave one out" in files.fails(64, *COMMANDS[kind], "--json", "--format", name)


def test_the_list_of_rules_is_no_finding(files: Cli) -> None:
    message = files.fails(64, "validate", "--list-rules", "--format", "sarif")
    assert "It can be one of text, json." in message
