"""Nothing that planner prints is obeyed by a terminal or a CI runner, whoever wrote it."""

from __future__ import annotations

import ast
import itertools
import json
import random
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.cli.output import notice, print_error, print_lines, progress, say, warn
from planner.errors import (
    ConflictError,
    GuardError,
    InvalidPolicyError,
    Moved,
    PlannerError,
    StalePlanError,
)
from planner.render.text.terminal import line
from planner.render.text.unified_diff import diff_lines
from planner.text import inert, json_text
from tests.support.cli import Cli
from tests.support.effort import tries
from tests.support.hostile import PIECES, a_policy, assert_inert, obeyed, views
from tests.support.paths import PACKAGE
from tests.support.policies import document, statement

texts = st.lists(st.sampled_from(PIECES) | st.characters(codec="utf-8")).map("".join)


@given(texts)
def test_nothing_is_left_to_obey(text: str) -> None:
    assert obeyed(inert(text)) == []
    assert inert(inert(text)) == inert(text)
    assert obeyed(inert(text, commands=True)) == [] or "::" in text
    assert "\x1b" not in _without_styles(inert(text, styled=True))


def _without_styles(text: str) -> str:
    for number in range(100):
        text = text.replace(f"\x1b[{number}m", "").replace(f"\x1b[{number:02}m", "")
    return text


@settings(max_examples=tries(30))
@given(st.dictionaries(texts, st.lists(texts, max_size=3), max_size=3))
def test_json_means_the_same(document: object) -> None:
    assert obeyed(json_text(document)) == []
    assert json.loads(json_text(document)) == document
    assert json.loads(inert(json.dumps(document, ensure_ascii=False))) == document


@pytest.mark.parametrize("text", ["é", "a: b", " a::b", "##", "# [", "a #[b]", "[x]##", "a\nb"])
def test_what_nobody_obeys_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


def test_a_command_between_styles_is_one() -> None:
    assert inert("\x1b[1m#\x1b[0m#\x1b[1m[a]", styled=True) == "\x1b[1m#\x1b[0m\\u0023\x1b[1m[a]"
    assert inert(" \x1b[1m:\x1b[0m:a", styled=True) == " \x1b[1m\\u003a\x1b[0m:a"


@pytest.mark.parametrize("colour", ["", "1"])
@pytest.mark.parametrize("seed", [0, 1, 3])
def test_every_view_in_every_format(
    seed: int, colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", colour)
    for view in views(random.Random(seed)):
        assert_inert(view, coloured=bool(colour))


@pytest.mark.parametrize("colour", ["", "1"])
def test_everything_else_that_is_printed(
    colour: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", colour)
    for one, two in itertools.product(PIECES, repeat=2):
        text = one + two
        for tell in (say, progress, notice, warn):
            tell(text)
        print_lines([line("  ", ("bold", text)), line(("add", "#"), text)])
        print_lines(diff_lines(text, "a\n" + text, text))
        problem = {"file": text, "line": 1, "column": 1, "pointer": text, "message": text}
        problem |= {"hint": text, "rule": "r"}
        for error in (
            PlannerError(text, text, text),
            StalePlanError(text, text, text, [Moved(text, [])]),
            ConflictError(text, text, text, [Moved(text, [])], [text]),
            GuardError(text, [], text),
            InvalidPolicyError(text, [problem], text),
        ):
            print_error(error)
        printed = capsys.readouterr()
        assert obeyed(printed.out + printed.err, coloured=bool(colour)) == []


def test_the_commands_themselves(offline: Cli) -> None:
    hostile = "x\r##[group]\n::error::\u202e"
    offline.write("planner.toml", f'[accounts]\n"111122223333" = {json.dumps(hostile)}\n')
    live = document(statement(hostile), Id=hostile)
    offline.write("live.json", live)
    offline.write("##[x].json", a_policy(random.Random(3)))
    offline.write("registry_policy.json", document(statement("A", Condition={hostile: {"a": "b"}})))
    for words in (
        "plan live.json --live live.json",
        "plan live.json --live /dev/null --json",
        "plan --live live.json",
        "validate live.json ##[x].json registry_policy.json",
        "validate live.json --format sarif",
        "validate live.json --format github",
        "access live.json",
        "access live.json --format csv",
        "access live.json --format markdown",
        "can 111122223333 ecr:ReplicateImage a --file live.json",
        "compare live.json registry_policy.json --json",
        "fmt ##[x].json --diff",
        "fmt -",
        "state show x\r##[x]",
        "nothing##[x]",
        "plan \n::error::",
        "generate replication --sid ##[x] --account 111122223333",
    ):
        result = offline(*words.split(" "), stdin=live, FORCE_COLOR="0")
        annotations = "github" in words
        assert obeyed(result.stdout, annotations=annotations) == [], words
        assert obeyed(result.stderr) == [], words


def test_one_function_alone_writes_to_the_streams() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            writes = called in ("print", "stream.write") or called.endswith(
                ("stdout.write", "stderr.write", "buffer.write", ".echo", ".secho", "writelines")
            )
            where = path.relative_to(PACKAGE).as_posix()
            assert not writes or (where, called) == ("cli/output.py", "stream.write"), where


def test_a_stream_that_fails_changes_no_exit_code(offline: Cli) -> None:
    offline.write("registry_policy.json", "{")
    for stderr in ("/dev/full", "&-"):
        command = f"{sys.executable} -m planner validate no-such-file 2>{stderr}"
        result = offline.run(["sh", "-c", command])
        assert (result.returncode, result.stdout) == (1, "")
