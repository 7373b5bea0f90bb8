"""planner is replaced by a newer one between two runs, or in the middle of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.earlier_formats import journal_1, snapshot_1
from tests.support.policies import document, statement
from tests.support.project import AFTER, WAIT, Project

LATER = document(statement("Later", "333344445555"))


def replace(path: Path, old: dict[str, Any]) -> None:
    path.write_text(json.dumps(old))


@pytest.fixture
def folder(local: Project) -> Path:
    return local.cli.folder / ".planner/state" / local.account.account_id


def test_a_snapshot_of_format_1_becomes_one_of_format_2_when_it_is_next_written(
    local: Project, folder: Path
) -> None:
    cli = local.cli
    cli.ok("apply", "plan.json")
    path = folder / "us-west-2.json"
    first = json.loads(path.read_text())
    older = {**first, "serial": 6, "history": [{**first, "serial": 5}]}
    replace(path, snapshot_1(older))
    stood = path.read_text()
    cli.write("registry_policy.json", LATER)
    for words in (("plan", "--out", "plan.json"), ("state", "list"), ("state", "show")):
        cli.ok(*words)
    assert json.loads(path.read_text())["version"] == 1  # reading changes nothing
    assert json.loads(cli.ok("state", "pull"))["serial"] == 6
    cli.ok("apply", "plan.json")
    written = json.loads(path.read_text())
    assert (written["version"], written["lineage"]) == (2, first["lineage"])
    assert (written["serial"], written["history"]) == (7, [])
    assert local.stored()[written["predecessor"]] == stood


@pytest.mark.parametrize(
    ("call", "has_put"), [("State.write_journal", False), ("EcrRegistry.put", True)]
)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_journal_of_format_1_is_settled(
    local: Project, folder: Path, call: str, has_put: bool, is_first: bool
) -> None:
    cli, wanted, expected = local.cli, AFTER, None
    if not is_first:
        cli.ok("apply", "plan.json")
        path = folder / "us-west-2.json"
        first = json.loads(path.read_text())
        expected = first["plan_id"]
        replace(path, snapshot_1(first))
        wanted = LATER
        cli.write("registry_policy.json", LATER)
        cli.ok("plan", "--out", "plan.json")
    cli.with_fault("kill", call, "1", "apply", "plan.json")
    path = folder / "us-west-2.journal.json"
    journal = json.loads(path.read_text())
    replace(path, journal_1(journal))
    assert "has not ended" in cli("plan").stderr
    output = cli("recover", *WAIT).stdout
    if has_put:
        assert "Recovered: ECR holds exactly what was planned" in output
    else:
        assert "nothing had been written" in output
        cli.ok("apply", "plan.json")
    assert local.live_is(wanted)
    written = json.loads((folder / "us-west-2.json").read_text())
    if written["predecessor"]:
        assert json.loads(local.stored()[written["predecessor"]])["plan_id"] == expected
    if has_put:
        unknown_then = dict.fromkeys(("verdict", "summary"))
        predecessor = written["predecessor"]
        assert written == {**journal["next"], **unknown_then, "predecessor": predecessor}


def test_a_newer_journal_is_left_for_the_planner_that_wrote_it(
    local: Project, folder: Path
) -> None:
    cli = local.cli
    cli.with_fault("kill", "EcrRegistry.put", "1", "apply", "plan.json")
    path = folder / "us-west-2.journal.json"
    journal = path.read_text()
    newer = journal.replace('"version": 2', '"version": 3', 1)
    path.write_text(newer)
    refused = cli("recover", *WAIT)
    assert refused.returncode == 1
    assert "has format 3; this planner knows 2" in refused.stderr
    assert "Run `planner recover` with that version" in refused.stderr
    assert path.read_text() == newer
    path.write_text(journal)
    cli("recover", *WAIT)
    local.assert_settled(AFTER, 1)
