"""`planner generate`: options, conversation and file."""

from __future__ import annotations

import io
import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.cli import generating
from planner.cli.main import run
from planner.config.settings import Flags
from planner.errors import InterruptedRunError
from planner.policy.document import serialize
from tests.support.account import Account
from tests.support.cli import PLANNER, Cli
from tests.support.policies import document, parsed, statement

ROLE = "arn:aws:iam::111122223333:role/builder"


def generate(*words: str) -> int:
    return run(["generate", "replication", "--account", "111122223333", *words])


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_statement_alone_goes_to_standard_output(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate("--sid", "S") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["Sid"] == "S"
    assert "{{account_id}}" in out
    assert err.startswith("Replication - cross account: S\n  who    111122223333\n")
    assert list(here.iterdir()) == []


def test_into_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate("--sid", "A", "--into", "p.json", "--region", "cn-north-1") == 0
    assert capsys.readouterr().out == "Added the statement A in p.json.\n"
    assert "arn:aws-cn:ecr:cn-north-1:{{account_id}}:repository/*" in Path("p.json").read_text()
    assert generate("--sid", "A", "--into", "p.json") == 1
    assert "--replace" in capsys.readouterr().err
    assert generate("--sid", "A", "--into", "p.json", "--replace", "--repository-prefix", "x") == 0
    assert capsys.readouterr().out == "Replaced the statement A in p.json.\n"
    assert [each.sid for each in parsed(Path("p.json").read_bytes()).statements] == ["A"]


def test_the_registry_is_the_one_of_the_settings_or_of_the_file(here: Path) -> None:
    Path("registry_policy.json").write_text(document(statement("A")))
    generate("--sid", "B", "--into", "registry_policy.json")
    generate("--sid", "C", "--into", "registry_policy.json", "--account-id", "999999999999")
    Path("planner.toml").write_text('region = "us-gov-west-1"\naccount_id = "777788889999"\n')
    generate("--sid", "D", "--into", "registry_policy.json")
    resources = [
        str(each.resource) for each in parsed(Path("registry_policy.json").read_bytes()).statements
    ]
    wanted = ("aws:ecr:us-west-2:444455556666", "aws:ecr:us-west-2:999999999999")
    for resource, registry in zip(
        resources[1:], (*wanted, "aws-us-gov:ecr:us-gov-west-1:777788889999"), strict=True
    ):
        assert f"arn:{registry}:repository/*" in resource


def test_words_that_make_no_sense(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (("--replace",), ("--into", "-"), ("--into", "p", "--region", "x")):
        assert generate("--sid", "S", *words) == 64
        assert capsys.readouterr().err.startswith("Error: ")


def test_a_policy_that_would_be_too_large_is_refused(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def with_many(count: int) -> str:
        return document(
            statement(
                "A",
                Resource=[
                    "arn:{{partition}}:ecr:x/" + "r" * 70 + str(each)
                    for each in range(100, 100 + count)
                ],
            )
        )

    size = len(serialize(parsed(with_many(99)))) - 99 * len("{{partition}}")
    assert size + 99 * len("aws") < 10_000 < size + 99 * len("{{partition}}")
    Path("p.json").write_text(with_many(99))
    assert generate("--sid", "S", "--into", "p.json") == 0
    Path("p.json").write_text(with_many(120))
    assert generate("--sid", "S", "--into", "p.json") == 6
    assert "ECR takes 10,240" in capsys.readouterr().err
    assert Path("p.json").read_text() == with_many(120)


def test_what_is_made_is_planned_and_applied(cli: Cli, account: Account) -> None:
    common = ("--into", "registry_policy.json")
    lines = [
        ("replication", "--sid", "A", "--account", "111122223333"),
        ("pull", "--sid", "B", "--account", "111122223333"),
        ("push", "--sid", "C", "--organization", "o-a1b2c3d4e5"),
        ("pull-through-cache", "--sid", "D", "--principal", ROLE, "--namespace", "hub"),
    ]
    for words in lines:
        assert cli("generate", *words, *common).returncode == 0
    cli.ok("plan", "--out", "plan.json")
    cli.ok("apply", "plan.json")
    live = json.loads(str(account.live()))
    assert [each["Sid"] for each in live["Statement"]] == ["A", "B", "C", "D"]
    assert f":{account.account_id}:repository/*" in str(live)


def script(*replies: str) -> Callable[[str], str]:
    """Shows and answers one question after the other, and fails if one more is asked."""
    waiting = list(replies)

    def prompt(question: str) -> str:
        sys.stderr.write(question)
        return waiting.pop(0)

    return prompt


def test_a_conversation_asks_again(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replies = ["9", "1", "no good", "Rep1", "", "12", "111122223333,222233334444", "", "yes"]
    generating.converse(Flags(), script(*replies))
    out, err = capsys.readouterr()
    for reason in ("9 is none of them", "letters and digits only", "is needed", "12 is no account"):
        assert reason in err
    assert "Added the statement Rep1 in registry_policy.json." in out
    assert len(parsed(Path("registry_policy.json").read_bytes()).statements) == 1
    generating.converse(Flags(), script("3", "Rep1", "o-a1b2c3d4e5", "", "y", "no"))
    assert "ReplicateImage" in Path("registry_policy.json").read_text()
    generating.converse(Flags(), script("pull", "Rep1", "o-a1b2c3d4e5", "", "y", "yes"))
    assert "PrincipalOrgID" in Path("registry_policy.json").read_text()


def test_a_conversation_asks_which_of_several_files(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("planner.toml").write_text('policy = ["a.json", "b.json"]\n')
    for name in ("a", "b"):
        Path(f"{name}.json").write_text(document(statement(name, "111122223333")))
    before = Path("a.json").read_bytes()
    answers = ("pull", "Rep1", "o-a1b2c3d4e5", "")
    generating.converse(Flags(), script(*answers, "3", "2"))
    out, err = capsys.readouterr()
    assert "1 to 2, or nothing for none" in err
    assert "3 is none of them" in err
    assert "Added the statement Rep1 in b.json." in out
    assert Path("a.json").read_bytes() == before
    generating.converse(Flags(), script(*answers, ""))
    assert "Added" not in capsys.readouterr().out


def test_nobody_to_ask(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["generate"]) == 64
    assert "pull-through-cache" in capsys.readouterr().err
    with pytest.raises(InterruptedRunError):
        generating.ask_on_terminal("?")


def test_the_questions_on_a_terminal(offline: Cli) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [PLANNER, "generate"],
        cwd=offline.folder,
        env=offline.process_environment(),
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
    ) as process:
        os.close(follower)
        for question, reply in (
            (b"1 to 4: ", b"1"),
            (b"Statement id", b"S"),
            (b"Accounts", b"111122223333"),
            (b"prefix", b"prod-"),
            (b"Add it to registry_policy.json? (yes/no): ", b"no"),
        ):
            screen = b""
            while question not in screen:
                assert select.select([leader], [], [], 30)[0], screen
                screen += os.read(leader, 65536)
            os.write(leader, reply + b"\n")
        assert process.stdout is not None
        printed: dict[str, Any] = json.load(process.stdout)
        assert process.wait(30) == 0
    os.close(leader)
    assert printed["Resource"].endswith(":repository/prod-*")
    assert not (offline.folder / "registry_policy.json").exists()
