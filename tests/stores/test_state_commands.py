"""Looking at the state, and mending it."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.terminal import on_terminal

POLICY = document(statement("A"), statement(None, "222233334444")).replace(
    "us-west-2", "{{region}}"
)


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("registry_policy.json", POLICY)
    cli.ok("apply", "--auto-approve")
    return cli


def pulled(cli: Cli) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(cli.ok("state", "pull"))
    return found


def push(cli: Cli, snapshot: dict[str, Any], *words: str) -> Any:
    cli.write("pushed.json", json.dumps(snapshot))
    return cli("state", "push", "pushed.json", "--auto-approve", *words)


def test_list_and_show(project: Cli, account: Account) -> None:
    nameless, named = project.ok("state", "list").splitlines()
    of_registry = re.escape(f'registry["{account.account_id}/us-west-2"].')
    assert re.fullmatch(of_registry + r'statement\["#[0-9a-f]{12}"\]', nameless)
    assert re.fullmatch(of_registry + r'statement\["A"\]', named)
    text = project.ok("state", "show")
    assert f"# {account.account_id}/us-west-2 · serial 1" in text
    assert f"by arn:aws:iam::{account.account_id}:user/moto" in text
    assert '"222233334444"' in text
    project.write("registry_policy.json", document(statement("A")))
    project.ok("apply", "--auto-approve")
    assert "# `planner history` lists what was recorded before." in project.ok("state", "show")


def test_what_is_shown_as_json(project: Cli, account: Account) -> None:
    listed = json.loads(project.ok("state", "list", "--json"))
    assert (listed["kind"], listed["damaged"]) == ("addresses", [])
    assert listed["addresses"] == project.ok("state", "list").splitlines()
    shown = json.loads(project.ok("state", "show", "--format", "json"))
    recorded = pulled(project)
    assert shown["kind"] == "snapshot"
    assert {name: recorded[name] for name in shown if name in recorded} == {
        name: value
        for name, value in shown.items()
        if name not in ("kind", "format_version", "as_of")
    }
    assert json.loads(project.ok("locks", "--json"))["locks"] == []
    (project.folder / ".planner/state" / account.account_id / "us-west-2.json").write_text("{")
    damaged = project("state", "list", "--json")
    assert "is damaged" in damaged.stderr
    (told,) = json.loads(damaged.stdout)["damaged"]
    assert told["registry"]["region"] == "us-west-2"


def test_an_empty_state(offline: Cli) -> None:
    assert offline.ok("state", "list") == ""
    for words in ("show", "pull", "rm"):
        assert "is empty" in offline.fails(1, "state", words)


def test_more_than_one_registry(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve", "--region", "eu-west-1")
    message = project.fails(1, "state", "pull")
    assert f"{account.account_id}/eu-west-1" in message
    text = project.ok("state", "pull", f"{account.account_id}/eu-west-1")
    assert json.loads(text)["registry"]["region"] == "eu-west-1"
    assert "no registry 1/2" in project.fails(1, "state", "show", "1/2")


def test_push(project: Cli) -> None:
    snapshot = pulled(project)
    assert push(project, snapshot).stdout.startswith("The state has serial 1")
    older, newer = {**snapshot, "serial": 1, "at": "x"}, {**snapshot, "serial": 2}
    stranger = {**newer, "lineage": "another"}
    older["policy"] = json.loads(document(statement("Z")))
    for wrong, words in ((older, "serial 1, the file 1"), (stranger, "has lineage")):
        refused = push(project, wrong)
        assert refused.returncode == 3
        assert words in refused.stderr
        assert pulled(project) == snapshot
    assert push(project, newer).returncode == 0
    assert pulled(project)["serial"] == 2
    assert push(project, stranger, "--force").returncode == 0
    assert pulled(project)["lineage"] == "another"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 99}', "\x00"])
def test_push_refuses_what_is_no_snapshot(project: Cli, text: str) -> None:
    project.write("x.json", text)
    assert "state" in project.fails(1, "state", "push", "x.json")


def test_rm_and_back(project: Cli, account: Account) -> None:
    snapshot = pulled(project)
    output = project.ok("state", "rm", "--auto-approve")
    live = account.live()
    assert live is not None
    assert project.ok("state", "list") == ""
    assert "no state yet" in project.ok("plan")
    place = output.rsplit("push ", 1)[1].strip()
    project.ok("state", "push", place, "--auto-approve")
    assert pulled(project) == snapshot


def test_the_printed_command_brings_a_snapshot_back_to_its_place(project: Cli) -> None:
    project.ok("apply", "--auto-approve", "--state", "my state")
    output = project.ok("state", "rm", "--auto-approve", "--state", "my state")
    command = output.split("To bring it back: ")[1].strip()
    project.ok(*shlex.split(command)[1:], "--auto-approve")
    assert "serial 1" in project.ok("state", "show", "--state", "my state")


def test_the_state_elsewhere(project: Cli) -> None:
    assert "state serial 1" in project.ok("plan", "--state", ".planner/state")
    assert "no state yet" in project.ok("plan", "--state", "elsewhere")
    assert "names no bucket" in project.fails(1, "plan", "--state", "s3:///x")


def test_a_pushed_snapshot_of_a_registry_that_is_locked(project: Cli, account: Account) -> None:
    snapshot = pulled(project)
    folder = project.folder / ".planner/state" / account.account_id
    (folder / "us-west-2.lock.json").write_text(json.dumps(LEASE))
    refused = push(project, {**snapshot, "serial": 2})
    assert refused.returncode == 4
    assert "somebody on there holds it for work" in refused.stderr
    assert "2999-01-01T00:00:00Z" in project.ok("locks")
    project.ok("unlock", "01234567", "--auto-approve")
    assert push(project, {**snapshot, "serial": 2}).returncode == 0


def test_a_way_out_of_a_damaged_snapshot(project: Cli, account: Account) -> None:
    name = f"{account.account_id}/us-west-2"
    project.ok("apply", "--auto-approve", "--region", "eu-west-1")
    good = project.ok("state", "pull", name)
    path = project.folder / ".planner/state" / f"{name}.json"
    for damage in (b"{", b"\xff", good.replace('"version": 2', '"version": 3').encode()):
        path.write_bytes(damage)
        listed = project("state", "list")
        assert "eu-west-1" in listed.stdout
        assert "Warning: " in listed.stderr
        message = project.fails(1, "plan")
        assert "planner state rm" in message or "Use that version of planner" in message
        project.ok("state", "rm", name, "--auto-approve")
        assert "no state yet" in project.ok("plan")
        project.write("good.json", good)
        path.write_bytes(damage)
        project.ok("state", "push", "--force", "good.json", "--auto-approve")
        assert "state serial 1" in project.ok("plan")


def test_a_way_out_of_a_damaged_lock(project: Cli, account: Account) -> None:
    name = f"{account.account_id}/us-west-2"
    path = project.folder / ".planner/state" / f"{name}.lock.json"
    for damage in (b"{", b"\xff", b'{"version": 2}'):
        path.write_bytes(damage)
        assert "planner unlock " in project.fails(1, "apply", "--auto-approve")
        assert "damaged" in project.ok("locks")
        project.ok("unlock", name, "--auto-approve")
        project.ok("apply", "--auto-approve")


def test_a_copy_is_never_written_over_nor_through_a_link(project: Cli, account: Account) -> None:
    victim = project.write("victim", "mine")
    name = f"planner-removed-{account.account_id}-us-west-2"
    (project.folder / f"{name}.json").symlink_to(victim)
    assert f"{name}-2.json" in project.ok("state", "rm", "--auto-approve")
    assert victim.read_text() == "mine"
    assert json.loads((project.folder / f"{name}-2.json").read_text())["serial"] == 1


def test_serials_that_nobody_counted_to(project: Cli) -> None:
    for serial in (2**53 + 1, True, 0, "2", 1.5):
        assert push(project, {**pulled(project), "serial": serial}).returncode == 1


def test_a_deleted_policy_is_shown_as_such(project: Cli) -> None:
    project.ok("apply", "--destroy", "--auto-approve")
    shown = project.ok("state", "show")
    assert "# no policy: it was deleted" in shown
    assert "null" not in shown


def document_in(output: str) -> str:
    """The JSON document that a command has printed."""
    return output[output.index("{") : output.rindex("}") + 1] + "\n"


LEASE = {
    "version": 1,
    "id": "0123456789",
    "owner": "somebody",
    "host": "there",
    "operation": "work",
    "since": "2026-01-01T00:00:00Z",
    "until": "2999-01-01T00:00:00Z",
}


def test_nobody_is_asked_without_a_terminal(project: Cli, account: Account) -> None:
    project.write("next.json", json.dumps({**pulled(project), "serial": 2}))
    lock = project.folder / ".planner/state" / account.account_id / "us-west-2.lock.json"
    lock.write_text(json.dumps(LEASE))
    before = pulled(project)
    for words in (("state", "rm"), ("state", "push", "next.json"), ("unlock", "01234567")):
        refused = project(*words)
        assert refused.returncode == 64
        assert "--auto-approve" in refused.stderr
    assert pulled(project) == before
    assert lock.exists()


def test_only_yes_removes_or_replaces(project: Cli, account: Account) -> None:
    before = pulled(project)
    project.write("next.json", json.dumps({**before, "serial": 2}))
    lock = project.folder / ".planner/state" / account.account_id / "us-west-2.lock.json"
    lock.write_text(json.dumps(LEASE))
    code, screen = on_terminal(project, "y", "unlock", "01234567")
    assert (code, "Cancelled." in screen, lock.exists()) == (1, True, True)
    assert "somebody on there holds it for work" in screen
    code, screen = on_terminal(project, "yes", "unlock", "01234567")
    assert (code, "Unlocked" in screen, lock.exists()) == (0, True, False)
    for words in (("state", "push", "next.json"), ("state", "rm")):
        code, screen = on_terminal(project, "no", *words)
        assert (code, "Cancelled." in screen, pulled(project)) == (1, True, before)
        assert f"The state has serial 1 of {account.account_id}/us-west-2" in screen
        assert "Only 'yes' will be accepted to approve." in screen
    code, screen = on_terminal(project, "yes", "state", "push", "next.json")
    assert (code, pulled(project)["serial"]) == (0, 2)


def test_what_is_removed_can_be_put_back(project: Cli, account: Account) -> None:
    name = f"{account.account_id}/us-west-2"
    folder = project.folder / ".planner/state"
    lock = folder / f"{name}.lock.json"
    lock.write_text(json.dumps(LEASE))
    told = project.ok("unlock", name, "--auto-approve")
    assert f"The lock that stood in .planner/state/{name}.lock.json:" in told
    assert json.loads(document_in(told)) == LEASE
    snapshot = (folder / f"{name}.json").read_text()
    for force, words in ((False, ("push", "next.json")), (True, ("rm",))):
        project.write("next.json", json.dumps({**json.loads(snapshot), "serial": 2}))
        printed = document_in(project.ok("state", *words, "--auto-approve"))
        assert json.loads(printed)["serial"] == (2 if force else 1)
        project.write("back.json", printed)
        project.ok("state", "push", "back.json", "--auto-approve", *(["--force"] * (not force)))
        assert (folder / f"{name}.json").read_text() == printed
        project.ok("state", "push", "next.json", "--auto-approve", "--force")
