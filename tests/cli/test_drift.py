"""`planner drift`, against the sandbox."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import proxy_to
from tests.support.policies import document, statement
from tests.support.project import POLICY, same, state_of

JANE = "arn:aws:sts::444455556666:assumed-role/console/ci"
EDITED = document(
    statement("A", Action="ecr:ReplicateImage"), statement("C", "333344445555", Effect="Deny")
)


@pytest.fixture
def applied(cli: Cli) -> Cli:
    """A project that is applied."""
    cli.write("registry_policy.json", POLICY)
    cli.ok("apply", "--auto-approve")
    return cli.hurried()


@pytest.fixture
def drifted(applied: Cli, account: Account) -> Cli:
    """A project whose policy somebody else has changed."""
    account.as_role("console").put(EDITED)
    return applied


def view_of(cli: Cli, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli.ok("drift", "--json", *words))
    return found


def test_one_line_where_all_is_well(applied: Cli) -> None:
    text = "No drift. 444455556666/us-west-2 holds what serial 1 recorded.\n"
    assert applied.ok("drift") == applied.ok("drift", "--detailed-exitcode", "--who") == text
    assert view_of(applied)["changes"] == []


def test_a_policy_in_another_spelling_is_none(applied: Cli, account: Account) -> None:
    account.put(json.dumps(json.loads(POLICY), indent=4))
    assert applied.ok("drift", "--detailed-exitcode").startswith("No drift.")


def test_each_statement_is_told(drifted: Cli) -> None:
    result = drifted("drift", "--detailed-exitcode")
    assert result.returncode == 7
    text = result.stdout
    name = 'registry["444455556666/us-west-2"].statement'
    assert f'  ~ {name}["A"]\n      ~ Action\n          - ecr:CreateRepository\n' in text
    assert f'  + {name}["C"]\n      + Sid       = "C"\n      + Effect    = "Deny"\n' in text
    assert f'  - {name}["B"]\n      - Sid       = "B"\n' in text
    assert "Verdict: narrows." in text
    assert "Drift: 1 added, 1 changed, 1 removed.\n" in text
    view = view_of(drifted)
    assert [each["action"] for each in view["changes"]] == ["update", "create", "delete"]
    assert view["summary"] == {"added": 1, "changed": 1, "removed": 1}
    assert [each["owners"] for each in view["changes"]] == [[], [], []]
    assert drifted("drift").returncode == 0


def test_who_it_was(drifted: Cli) -> None:
    assert JANE not in drifted.ok("drift")
    assert drifted.ok("drift", "--who").count(f"      by {JANE}, 20") == 3
    who = [each["who"] for each in view_of(drifted, "--who")["changes"]]
    assert {(each["basis"], each["missing"]) for each in who} == {("text", False)}


def test_without_the_permission_all_else_works(drifted: Cli, sandbox_url: str) -> None:
    answer = json.dumps({"__type": "AccessDeniedException", "message": "no"})
    with proxy_to(sandbox_url) as proxy:
        proxy.fail("LookupEvents", answer=(400, answer))
        text = drifted.ok("drift", "--who", AWS_ENDPOINT_URL=proxy.url)
    assert "cloudtrail:LookupEvents" in " ".join(text.split())
    assert "Drift: 1 added" in text


def test_annotations(drifted: Cli) -> None:
    lines = drifted.ok("drift", "--format", "github", "--who").splitlines()
    head = "::warning title=Drift of 444455556666/us-west-2::registry"
    assert [each.startswith(head) for each in lines] == [True, True, True]
    assert f'statement["B"] was removed outside planner since serial 1: by {JANE}' in lines[2]


def test_a_policy_that_is_gone(applied: Cli, account: Account) -> None:
    account.client().delete_registry_policy()
    result = applied("drift", "--detailed-exitcode")
    assert result.returncode == 7
    assert "Drift: 0 added, 0 changed, 2 removed." in result.stdout


def test_an_id_of_the_policy(applied: Cli, account: Account) -> None:
    account.put(json.dumps({**json.loads(POLICY), "Id": "by hand"}))
    view = view_of(applied, "--who")
    assert [each["name"] for each in view["changes"]] == ["policy"]
    assert view["changes"][0]["who"]["basis"] == "text"


def test_nothing_is_recorded(cli: Cli, account: Account) -> None:
    account.put(POLICY)
    message = cli.fails(1, "drift")
    assert "Nothing is recorded of 444455556666/us-west-2" in message
    assert "planner import" in message


def test_no_policy_file_is_needed(drifted: Cli) -> None:
    (drifted.folder / "registry_policy.json").unlink()
    assert "Drift: 1 added" in drifted.ok("drift")


def test_accepting_changes_the_state_alone(drifted: Cli, account: Account) -> None:
    drifted.ok("plan", "--out", "plan.json")
    result = drifted("drift", "--accept", "--auto-approve", "--detailed-exitcode")
    assert (result.returncode, "Recorded in the state: serial 2." in result.stderr) == (0, True)
    state = state_of(drifted, account)
    assert same(json.dumps(state["policy"]), EDITED)
    assert (state["serial"], state["verdict"]) == (2, "narrows")
    assert state["summary"] == {"add": 1, "change": 1, "destroy": 1}
    assert str(state["predecessor"]).startswith("history/444455556666/us-west-2/1-")
    assert same(account.live(), EDITED)
    assert (drifted.folder / "registry_policy.json").read_text() == POLICY
    assert drifted.ok("drift").startswith("No drift.")
    plan = json.loads(drifted.ok("plan", "--json"))
    assert plan["drift"] == []
    assert "stale" in drifted.fails(3, "apply", "plan.json", "--approve", "so")


def test_accepting_asks(drifted: Cli, account: Account) -> None:
    message = drifted.fails(64, "drift", "--accept")
    assert "--auto-approve" in message
    assert state_of(drifted, account)["serial"] == 1


def test_there_is_nothing_to_accept(applied: Cli, account: Account) -> None:
    applied.ok("drift", "--accept", "--auto-approve")
    assert state_of(applied, account)["serial"] == 1


def test_json_stays_json_while_accepting(drifted: Cli) -> None:
    result = drifted("drift", "--json", "--accept", "--auto-approve")
    assert json.loads(result.stdout)["drifted"]


def test_writing_brings_it_into_the_file(drifted: Cli, account: Account) -> None:
    result = drifted("drift", "--write", "--auto-approve", "--detailed-exitcode")
    assert (result.returncode, result.stderr.splitlines()[-1]) == (
        7,
        "Changed registry_policy.json.",
    )
    assert "+++ registry_policy.json (as ECR has it)" in result.stdout
    assert same((drifted.folder / "registry_policy.json").read_text(), EDITED)
    assert (state_of(drifted, account)["serial"], same(account.live(), EDITED)) == (1, True)
    again = drifted("drift", "--write", "--auto-approve")
    assert "registry_policy.json has it already." in again.stderr
    drifted.ok("plan")


def test_writing_and_accepting_ends_with_no_changes(drifted: Cli, account: Account) -> None:
    drifted("drift", "--write", "--accept", "--auto-approve")
    assert state_of(drifted, account)["serial"] == 2
    result = drifted("plan", "--detailed-exitcode")
    assert (result.returncode, "No changes." in result.stdout) == (0, True)
    assert "drift-undone" not in result.stdout


def test_a_file_that_changed_too_is_left(drifted: Cli, account: Account) -> None:
    text = POLICY.replace("ecr:CreateRepository", "ecr:PutImage")
    drifted.write("registry_policy.json", text)
    result = drifted("drift", "--write", "--accept", "--auto-approve")
    assert result.returncode == 1
    assert "and in the file" in result.stderr
    assert (drifted.folder / "registry_policy.json").read_text() == text
    assert state_of(drifted, account)["serial"] == 1


def test_another_file_is_named(drifted: Cli) -> None:
    drifted.write("other.json", POLICY)
    drifted("drift", "--write", "--auto-approve", "--file", "other.json")
    assert same((drifted.folder / "other.json").read_text(), EDITED)
    assert (drifted.folder / "registry_policy.json").read_text() == POLICY
    message = drifted.fails(64, "drift", "--write", "--auto-approve", "--file", "-")
    assert "--write wants a file" in message


def test_a_policy_that_cannot_be_read(applied: Cli, account: Account, sandbox_url: str) -> None:
    with proxy_to(sandbox_url) as proxy:
        proxy.rewritten[b"Effect"] = b"Grade"
        environment = {"AWS_ENDPOINT_URL": proxy.url}
        result = applied("drift", "--who", "--detailed-exitcode", **environment)
        assert result.returncode == 7
        assert "cannot read" in result.stdout
        message = applied("drift", "--accept", "--auto-approve", **environment).stderr
    assert "can be neither recorded nor written" in message
    assert state_of(applied, account)["serial"] == 1
