"""What the settings file may say, and where it is looked for."""

from __future__ import annotations

import json

import pytest

from planner.config.parse import parse_settings
from planner.errors import PlannerError
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import POLICY


def test_placeholders(cli: Cli, account: Account) -> None:
    text = document(
        statement(
            "{{name}}",
            Resource="arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/${aws:PrincipalAccount}/*",
        )
    )
    cli.write("registry_policy.json", text)
    cli.write("planner.toml", '[vars]\nname = "FromFile"\nunused = "x"\n')
    cli.ok("apply", "--auto-approve", "--var", "name=FromFlag")
    (live,) = json.loads(str(account.live()))["Statement"]
    assert live["Sid"] == "FromFlag"
    arn = f"arn:aws:ecr:us-west-2:{account.account_id}:repository/${{aws:PrincipalAccount}}/*"
    assert live["Resource"] == arn
    assert '~ Sid = "FromFlag" -> "FromFile"' in cli.ok("plan")
    assert "--var other is not used" in cli.fails(64, "plan", "--var", "other=1")
    assert "cannot set 'region'" in cli.fails(64, "plan", "--var", "region=x")
    assert "not NAME=VALUE" in cli.fails(64, "plan", "--var", "x")
    cli.write("registry_policy.json", text.replace("{{name}}", "{{nmae}}"))
    assert "did you mean 'name'" in cli.fails(6, "plan")


def test_settings_file(cli: Cli, account: Account) -> None:
    folder = cli.folder / "sub"
    folder.mkdir()
    (folder / "policy.json").write_text(POLICY.replace("us-west-2", "{{region}}"))
    (folder / "p.toml").write_text(
        f'policy = "policy.json"\nstate = "kept"\nregion = "eu-west-1"\n'
        f'account_id = "{account.account_id}"\n'
    )
    cli.ok("apply", "--config", "sub/p.toml", "--auto-approve")
    assert (folder / "kept" / account.account_id / "eu-west-1.json").exists()
    assert account.live() is None
    assert "us-west-2" in cli.ok("plan", "--config", "sub/p.toml", "--region", "us-west-2")
    message = cli.fails(1, "plan", "--config", "sub/p.toml", "--account-id", "000000000000")
    assert "belong to another account" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = ", "not valid TOML"),
        ("polcy = 'x'", "Did you mean 'policy'"),
        ("region = 'nowhere'", "no Region"),
        ("account_id = 444455556666", "must be a text"),
        ("account_id = '4444'", "12 digits"),
        ("[s3]\nexpected_bucket_owner = '4444'", "12 digits"),
        ("vars = 1", "must be a table"),
        ("[vars]\na = 1", '"1"'),
        ("[vars]\nregion = 'x'", "cannot set 'region'"),
        ("[vars]\na-b = 'x'", "cannot be a variable"),
        ("[vars]\na = []", "a list of the wrong length"),
        ("[vars]\na = ['x', 1]", '"1"'),
        ("[vars]\na = [['x']]", "must be a text"),
        ("policy = []", "names no file"),
        ("policy = ['']", "must be a text"),
        ("policy = 5", "must be a text"),
    ],
)
def test_a_wrong_settings_file(offline: Cli, text: str, words: str) -> None:
    offline.write("registry_policy.json", POLICY)
    offline.write("planner.toml", text)
    assert words in offline.fails(1, "plan")


def test_lists() -> None:
    found = parse_settings(b"policy = ['a.json', 'b/*.json']\n[vars]\nx = ['1', '2']\ny = '3'\n")
    assert found.policy == ("a.json", "b/*.json")
    assert found.vars == {"x": ("1", "2"), "y": "3"}
    assert parse_settings(b"policy = 'a.json'").policy == ("a.json",)


def test_accounts_of_the_settings() -> None:
    assert parse_settings(b'[accounts]\n111122223333 = "build"').accounts == {
        "111122223333": "build"
    }
    for wrong in ("111 = 'a'", "111122223333 = ''", "111122223333 = 7"):
        with pytest.raises(PlannerError):
            parse_settings(f"[accounts]\n{wrong}".encode())


@pytest.mark.parametrize(
    ("table", "key", "most"), [("accounts", "111122223333", 64), ("vars", "x", 2048)]
)
def test_names_and_values_have_an_end(table: str, key: str, most: int) -> None:
    text = f'[{table}]\n"{key}" = "{{}}"\n'
    assert getattr(parse_settings(text.format("é" * most).encode()), table)[key] == "é" * most
    with pytest.raises(PlannerError) as caught:
        parse_settings(text.format("é" * (most + 1)).encode())
    assert caught.value.summary == f"planner.toml: '{table}.{key}' is too long."
    assert f"at most {most:,}" in caught.value.detail
