"""A project whose policy stands in several files, command by command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.schema import PLAN

TOML = 'policy = "policies/*.json"\naccount_id = "444455556666"\nregion = "us-west-2"\n'
BUILD = document(statement("Build"), statement(None, "333344445555", Action="ecr:PutImage"))
STAGE = document(statement("Stage", "222233334444", Action="ecr:BatchGetImage"))
PLANNING = ("plan", "--live", "/dev/null")


@pytest.fixture
def project(offline: Cli) -> Cli:
    offline.write("planner.toml", TOML)
    (offline.folder / "policies").mkdir()
    offline.write("policies/stage.json", STAGE)
    offline.write("policies/build.json", json.dumps(json.loads(BUILD), indent=2))
    return offline


def plan_of(project: Cli, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(project.ok(*PLANNING, "--json", *words))
    PLAN.validate(found)
    return found


def test_a_plan_names_each_statement_and_its_place(project: Cli) -> None:
    found = plan_of(project)
    assert [each["path"] for each in found["source"]["files"]] == [
        "policies/build.json",
        "policies/stage.json",
    ]
    places = {each["name"]: each["place"] for each in found["changes"]}
    assert places == {
        'statement["Build"]': {"file": "policies/build.json", "line": 4},
        'statement["policies/build.json:1"]': {"file": "policies/build.json", "line": 18},
        'statement["Stage"]': {"file": "policies/stage.json", "line": 1},
    }
    text = project.ok(*PLANNING, "--out", "plan.json")
    assert 'statement["policies/build.json:1"] will be created' in text
    assert project.ok("show", "plan.json").splitlines()[:9] == text.splitlines()[:9]


def test_the_same_policy_in_one_file_has_the_same_plan_id(project: Cli) -> None:
    whole = json.loads(BUILD)["Statement"] + json.loads(STAGE)["Statement"]
    project.write("one.json", document(*whole))
    assert plan_of(project)["plan_id"] == plan_of(project, "one.json")["plan_id"]
    named = plan_of(project, "policies/stage.json", "policies/build.json")
    assert named == {**plan_of(project), "created_at": named["created_at"]} | {
        "checksum": named["checksum"]
    }


def test_without_changes_the_files_are_counted(project: Cli) -> None:
    project.write("live.json", document(*(json.loads(BUILD) | json.loads(STAGE))["Statement"]))
    whole = json.loads(BUILD)["Statement"] + json.loads(STAGE)["Statement"]
    project.write("live.json", document(*whole))
    assert "matches 2 policy files." in project.ok("plan", "--live", "live.json")


def test_can_access_and_test_read_them_as_one(project: Cli) -> None:
    project.write(
        "planner.toml",
        TOML + '[[assert]]\nprincipal = "222233334444"\naction = "ecr:BatchGetImage"\n'
        'repository = "aa"\nmay = true\nreason = "it pulls"\n',
    )
    asking = ("can", "333344445555", "ecr:PutImage", "a", "--scope", "V2", "--json")
    (deciding,) = json.loads(project.ok(*asking))["actions"][0]["deciding"]
    assert deciding == {
        "name": 'statement["policies/build.json:1"]',
        "file": "policies/build.json",
        "line": 18,
    }
    one = project(*asking, "--file", "policies/stage.json")
    assert one.returncode == 1
    rows = json.loads(project.ok("access", "--scope", "V2", "--json"))["access"]
    assert len(rows) == 3
    project.ok("test", "--scope", "V2")
    assert project("test", "policies/build.json").returncode == 5


def test_validate_reads_the_project_as_one_and_named_files_alone(project: Cli) -> None:
    project.write("policies/stage.json", document(statement("Build", "222233334444")))
    together = json.loads(project("validate", "--json").stdout)
    (problem,) = together["findings"]
    assert (problem["rule"], problem["file"]) == ("fragments", "policies/stage.json")
    assert problem["message"] == "policies/build.json:5 has the Sid 'Build' too"
    assert together["files"] == 2
    files = ("policies/build.json", "policies/stage.json")
    alone = json.loads(project.ok("validate", *files, "--json"))
    assert "fragments" not in {each["rule"] for each in alone["findings"]}
    assert "policies/build.json:5 has the Sid 'Build' too" in project.fails(6, *PLANNING)


def test_fmt_formats_each(project: Cli) -> None:
    assert project("fmt", "--check").returncode == 1
    told = project.ok("fmt").splitlines()
    assert told == ["policies/build.json", "policies/stage.json"]
    assert project.ok("fmt", "--check") == ""


def test_generate_adds_to_the_one_that_is_named(project: Cli) -> None:
    words = ("generate", "replication", "--sid", "New", "--account", "111122223333")
    result = project(*words, "--into", "policies/stage.json")
    assert result.stdout == "Added the statement New in policies/stage.json.\n"
    assert "several files" in project.fails(64, *words, "--into", "policies/*.json")
    assert project(*words).returncode == 0
    assert len(plan_of(project)["changes"]) == 4


def test_a_list_and_patterns_on_the_command_line(project: Cli) -> None:
    project.write("extra.json", document(statement("Extra", "555566667777")))
    project.write(
        "planner.toml", TOML.replace('"policies/*.json"', '["policies/s*.json", "extra.json"]')
    )
    assert {each["name"] for each in plan_of(project)["changes"]} == {
        'statement["Extra"]',
        'statement["Stage"]',
    }
    assert len(plan_of(project, "policies/*.json")["changes"]) == 3
    assert "No file matches policies/*.yml." in project.fails(1, *PLANNING, "policies/*.yml")


def test_files_that_are_none_are_named(project: Cli) -> None:
    project.write("planner.toml", TOML.replace("*.json", "*"))
    project.ok(*PLANNING)
    project.write("policies/.notes.txt", "")
    project.ok(*PLANNING)
    project.write("policies/notes.txt", "")
    assert "policies/notes.txt is among the policy files" in project.fails(1, *PLANNING)


@pytest.mark.parametrize("pattern", ["/etc/*.json", "../*/*.json", "linked/*.json", "*/x.json"])
def test_no_pattern_leads_out(
    project: Cli, tmp_path_factory: pytest.TempPathFactory, pattern: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "x.json").write_text('{"secret": "hunter2"}')
    (project.folder / "linked").symlink_to(elsewhere)
    project.write("planner.toml", TOML.replace("policies/*.json", pattern))
    message = project.fails(1, *PLANNING)
    assert "lies outside" in message
    assert "hunter2" not in message


def test_init_keeps_what_a_pattern_names(offline: Cli) -> None:
    offline.write("planner.toml", TOML)
    assert "Wrote policies/registry_policy.json" in offline.ok("init", "--offline", "--keep")
    (offline.folder / "policies/registry_policy.json").rename(offline.folder / "policies/a.json")
    assert "There is nothing to write" in offline.ok("init", "--offline", "--keep")


def test_a_label_is_seen_from_the_settings(project: Cli, tmp_path: Path) -> None:
    there = project.folder / "planner.toml"
    elsewhere = Cli(tmp_path, project.warm)
    words = ("--config", str(there), "--live", "/dev/null", "--json")
    names = {each["name"] for each in json.loads(elsewhere.ok("plan", *words))["changes"]}
    assert 'statement["policies/build.json:1"]' in names
