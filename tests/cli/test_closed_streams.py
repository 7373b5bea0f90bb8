"""No standard input, output or error at all: an answer or an error, never a defect."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from planner.cli.main import COMMANDS
from tests.support import closed
from tests.support.cli import PLANNER, Cli
from tests.support.policies import document, statement
from tests.support.warm import Warm

WORDS = (
    "init x --offline --keep",
    "plan --live live.json",
    "plan - --live live.json",
    "plan --live -",
    "plan",
    "show plan.json",
    "show -",
    "apply",
    "apply -",
    "apply plan.json",
    "validate",
    "validate -",
    "fmt",
    "fmt -",
    "digest -",
    "digest live.json",
    "access",
    "access -",
    "can 111122223333 ecr:ReplicateImage a",
    "can 111122223333 ecr:ReplicateImage a --file -",
    "compare live.json -",
    "test",
    "recover",
    "locks",
    "unlock x",
    "sandbox --port 70000",
    "generate",
    "generate replication --sid A --account 111122223333",
    "generate replication --sid A --account 111122223333 --into -",
    "state list",
    "state show",
    "state push -",
    "history",
    "rollback",
    "owners",
    "owners release a",
    "drift",
    "scope",
    "import",
    "state",
    "--help",
    "",
)


def test_every_command_is_here() -> None:
    assert {words.split(" ")[0] for words in WORDS} >= set(COMMANDS)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Path:
    """A folder with a policy, a live one, and the plan between them."""
    cli = Cli(tmp_path_factory.mktemp("files"), warm)
    cli.write("registry_policy.json", document(statement("A")))
    cli.write("live.json", document(statement("B")))
    cli.ok("plan", "--live", "live.json", "--out", "plan.json")
    return cli.folder


@pytest.fixture
def streams(offline: Cli, files: Path) -> Cli:
    shutil.copytree(files, offline.folder, dirs_exist_ok=True)
    return offline


@pytest.mark.parametrize("words", WORDS)
def test_an_answer_or_an_error(streams: Cli, words: str) -> None:
    codes = {}
    for numbers in ("", "0", "1", "012"):
        program = (str(Path(closed.__file__)), numbers)
        result = replace(streams, program=program)(*words.split(), stdin="")
        codes[numbers] = result.returncode
        assert "Traceback" not in result.stderr
        assert "defect" not in result.stderr
        if result.returncode and numbers in ("", "0"):
            assert result.stderr or result.stdout
    assert codes["1"] == codes[""]
    if "-" in words.split() and "--into" not in words:
        assert codes["0"] == codes["012"] == 1
    else:
        assert codes["0"] in (codes[""], 1, 64)


@pytest.mark.parametrize("words", ["apply", "generate", "validate -", "digest -"])
def test_standard_input_that_a_service_manager_has_closed(streams: Cli, words: str) -> None:
    result = streams.run(["sh", "-c", f"{PLANNER} {words} <&-"])
    assert result.returncode in (1, 64)
    assert result.stderr.startswith(
        ("Error: Standard input cannot be read.\n\n  It is closed.", "Error: Nobody can be asked")
    )
