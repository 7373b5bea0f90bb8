"""What was recorded, and what it was at a serial or a time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from planner.records.snapshot import Record, Snapshot, next_snapshot
from planner.registry import Registry
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from tests.support.cli import Cli
from tests.support.policies import policy, statement

REGISTRY = Registry("aws", "444455556666", "us-west-2")
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
POLICIES = (
    policy(statement("A", Action=PULL)),
    policy(statement("A", "222233334444", Action=PULL), statement("B")),
    None,
)
NOTE = "What was changed outside planner is not in it."


def write(cli: Cli, registry: Registry = REGISTRY) -> list[Snapshot]:
    """A state of three serials, of the evenings of three days; the first is of an older planner."""
    state = State(LocalBlobs(cli.folder / ".planner/state"))
    written: list[Snapshot] = []
    for number, each in enumerate(POLICIES, 1):
        at = f"2026-11-{number:02}T18:00:00Z"
        record = Record(each, f"{number:064x}", f"arn:of:{number}", at, "planner 1")
        if number > 1:
            summary = {"add": number, "change": 0, "destroy": 1}
            record = replace(record, owner="team-a", verdict="both", summary=summary)
        previous = written[-1] if written else None
        written.append(next_snapshot(previous, registry, record, "lineage"))
        state.write_snapshot(written[-1], state.raw_snapshot(registry).token)
    return written


@pytest.fixture
def recorded(offline: Cli) -> Cli:
    write(offline)
    return offline


def test_the_list(recorded: Cli) -> None:
    listed = recorded.ok("history")
    assert listed.splitlines()[0] == "444455556666/us-west-2"
    rows = [row.split() for row in listed.splitlines()[4:]]
    plan = "0" * 12
    assert rows == [
        ["3", "2026-11-03T18:00:00Z", "team-a", "both", "+3", "~0", "-1", plan, "arn:of:3"],
        ["2", "2026-11-02T18:00:00Z", "team-a", "both", "+2", "~0", "-1", plan, "arn:of:2"],
        ["1", "2026-11-01T18:00:00Z", "-", "-", "-", plan, "arn:of:1"],
    ]
    for words in (("list",), ("444455556666/us-west-2",), ("list", "444455556666/us-west-2")):
        assert recorded.ok("history", *words) == listed
    document = json.loads(recorded.ok("history", "--json"))
    assert (document["kind"], document["end"]) == ("history", None)
    assert [each["serial"] for each in document["entries"]] == [3, 2, 1]
    assert document["entries"][0]["summary"] == {"add": 3, "change": 0, "destroy": 1}


def test_where_it_ends(recorded: Cli) -> None:
    for path in (recorded.folder / ".planner/state/history").rglob("1-*.json"):
        path.write_text("{}")
    assert "The history ends here. The document of serial 1 is not" in recorded.ok("history")
    document = json.loads(recorded.ok("history", "--json"))
    assert [each["serial"] for each in document["entries"]] == [3, 2]
    assert document["end"]["summary"] == "The history ends here."
    assert "Serial 1" not in recorded.ok("history", "show", "2")
    assert "The history ends here." in recorded.fails(1, "history", "show", "1")
    assert "The history ends here." in recorded.fails(1, "history", "--at", "2026-11-01")


def test_one_of_more_registries(recorded: Cli) -> None:
    write(recorded, Registry("aws", "444455556666", "eu-west-1"))
    assert "Which registry?" in recorded.fails(1, "history")
    assert recorded.ok("history", "444455556666/eu-west-1").startswith("444455556666/eu-west-1\n")
    shown = recorded.ok("history", "show", "1", "--registry", "444455556666/eu-west-1")
    assert "# 444455556666/eu-west-1 · serial 1" in shown


def test_a_serial(recorded: Cli) -> None:
    shown = recorded.ok("history", "show", "1")
    assert "# 444455556666/us-west-2 · serial 1" in shown
    assert '"111122223333"' in shown
    assert json.loads(recorded.ok("history", "show", "2", "--json"))["serial"] == 2
    assert "has no serial 7" in recorded.fails(1, "history", "show", "7")
    assert "has no serial 0" in recorded.fails(1, "history", "show", "0")
    recorded.fails(64, "history", "show", "x")


def test_what_lies_between(recorded: Cli) -> None:
    text = recorded.ok("history", "diff", "1", "2")
    assert "# from serial 1, applied 2026-11-01T18:00:00Z by arn:of:1" in text
    of_registry = 'registry["444455556666/us-west-2"].statement'
    assert f'# {of_registry}["A"] was changed' in text
    assert f'# {of_registry}["B"] was added' in text
    assert "Access gained" in text
    assert "Access lost" in text
    assert "Verdict: both." in text
    assert "is not in them" in text
    back = json.loads(recorded.ok("history", "diff", "2", "1", "--json"))
    assert back["access"]["verdict"] == "both"
    assert (back["before"]["serial"], back["after"]["serial"]) == (2, 1)
    newest = recorded.ok("history", "diff", "2")
    assert "# to serial 3" in newest
    assert f'# {of_registry}["B"] was destroyed' in newest
    assert "The two policies are the same." in recorded.ok("history", "diff", "2", "2")


@pytest.mark.parametrize(
    ("at", "serial"),
    [
        ("2026-11-01", 1),
        ("2026-11-02T17:59Z", 1),
        ("2026-11-02 18:00:00", 2),
        ("2026-11-02", 2),
        ("2036-01-01", 3),
    ],
)
def test_a_time(recorded: Cli, at: str, serial: int) -> None:
    shown = recorded.ok("history", "--at", at)
    assert f"· serial {serial}" in shown
    assert NOTE in shown
    document = json.loads(recorded.ok("history", "--at", at, "--json"))
    assert document["serial"] == serial
    assert document["as_of"].startswith(at[:10])


def test_no_time(recorded: Cli) -> None:
    message = recorded.fails(1, "history", "--at", "2026-10-31")
    assert "Nothing of 444455556666/us-west-2 was recorded by 2026-10-31T23:59:59Z." in message
    assert "The first is serial 1, 2026-11-01T18:00:00Z." in message
    for wrong in ("yesterday", "2026-02-30", "2026-11-01T25:00Z", ""):
        assert "is no time" in recorded.fails(64, "history", "--at", wrong)


def test_what_could_be_done_then(recorded: Cli) -> None:
    asked = ("can", "222233334444", "pull", "team/image")
    before = recorded(*asked, "--at", "2026-11-01")
    assert before.returncode == 1
    assert "Not said here" in before.stdout
    result = recorded(*asked, "--at", "2026-11-02")
    assert "account and Region come from the state." in result.stderr
    allowed = result.stdout
    assert 'statement["A"] (serial 2:' in allowed
    assert NOTE in allowed
    document = json.loads(recorded.ok(*asked, "--at", "2026-11-02", "--json"))
    assert document["recorded"] == {
        "as_of": "2026-11-02T23:59:59Z",
        "serial": 2,
        "at": "2026-11-02T18:00:00Z",
    }
    table = recorded.ok("access", "--at", "2026-11-02")
    assert NOTE in table
    assert "222233334444" in table
    assert "Nobody: no statement allows" in recorded.ok("access", "--at", "2026-11-03")
    for words in (("--live",), ("--file", "x.json")):
        assert "--at takes no policy" in recorded.fails(64, *asked, "--at", "2026-11-02", *words)
    assert "--at takes no policy" in recorded.fails(64, "access", "x.json", "--at", "2026-11-02")


def test_the_registry_that_the_settings_name(recorded: Cli) -> None:
    write(recorded, Registry("aws", "444455556666", "eu-west-1"))
    asked = ("access", "--at", "2026-11-02")
    assert "Which registry?" in recorded.fails(1, *asked)
    found = json.loads(
        recorded.ok(*asked, "--account-id", "444455556666", "--region", "eu-west-1", "--json")
    )
    assert found["registry"]["region"] == "eu-west-1"


def test_an_empty_state(offline: Cli) -> None:
    assert "is empty" in offline.fails(1, "history")
    assert "Usage: planner history" in offline.ok("history", "--help")
    assert "Usage: planner history list" in offline.ok("history", "list", "--help")
