"""`[statements.SID]`: whom to ask about a statement, why it is there, until when."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.schema import PLAN

TOML = """account_id = "444455556666"
region = "us-west-2"

[statements.A]
contact = "build@example.com"
ticket = "SEC-12"
expires = 2999-01-01

[statements."Not there"]
ticket = "SEC-13"
"""
PLANNING = ("plan", "--live", "live.json")


@pytest.fixture
def project(offline: Cli) -> Cli:
    offline.write("planner.toml", TOML)
    offline.write("registry_policy.json", document(statement("A"), statement("B", "222233334444")))
    offline.write("live.json", document(statement("B", "222233334444")))
    return offline


def found(project: Cli, *words: str) -> list[dict[str, Any]]:
    findings: list[dict[str, Any]] = json.loads(project("validate", "--json", *words).stdout)[
        "findings"
    ]
    return [each for each in findings if each["rule"] in ("expired", "unknown-statement")]


def test_a_plan_shows_it_below_the_change(project: Cli) -> None:
    text = project.ok(*PLANNING, "--out", "plan.json")
    assert "  # contact: build@example.com, ticket: SEC-12, expires 2999-01-01\n" in text
    plan = json.loads((project.folder / "plan.json").read_text())
    PLAN.validate(plan)
    said = {"contact": "build@example.com", "ticket": "SEC-12", "expires": "2999-01-01"}
    assert plan["annotations"] == {"A": said}
    assert [each["annotation"] for each in plan["changes"]] == [said]
    assert "expires 2999-01-01" in project.ok("show", "plan.json")


def test_it_is_shown_of_a_statement_that_goes_and_is_no_part_of_the_id(project: Cli) -> None:
    before = json.loads(project.ok(*PLANNING, "--json"))
    project.write("planner.toml", TOML.replace("SEC-12", "SEC-14"))
    after = json.loads(project.ok(*PLANNING, "--json"))
    assert before["plan_id"] == after["plan_id"]
    gone = json.loads(project.ok("plan", "live.json", "--live", "registry_policy.json", "--json"))
    assert gone["changes"][0]["annotation"]["ticket"] == "SEC-14"


def test_an_expired_one_is_found_where_the_statement_stands(project: Cli) -> None:
    assert [each["rule"] for each in found(project)] == ["unknown-statement"]
    project.write("planner.toml", TOML.replace("2999", "2020"))
    by_rule = {each["rule"]: each for each in found(project)}
    expired = by_rule["expired"]
    assert (expired["file"], expired["statement"]) == ("registry_policy.json", 'statement["A"]')
    assert expired["message"] == "it expired on 2020-01-01"
    assert "build@example.com" in expired["hint"]
    assert "it expired on 2020-01-01" in project.ok(*PLANNING)
    allow = '[[lint.allow]]\nrule = "expired"\nstatement = "A"\nreason = "until the move"\n'
    project.write("planner.toml", TOML.replace("2999", "2020") + allow)
    assert [each["rule"] for each in found(project)] == ["unknown-statement"]


def test_one_without_a_statement_is_found_where_it_stands(project: Cli) -> None:
    (unknown,) = found(project)
    assert (unknown["file"], unknown["line"]) == ("planner.toml", 9)
    assert "Not there" in unknown["message"]
    assert "Not there" in project.ok(*PLANNING)
    assert found(project, "registry_policy.json") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("expires = '2027-01-01'", "expires = 2027-01-01"),
        ("expires = 2027-01-01T00:00:00Z", "expires = 2027-01-01"),
        ("expire = 2027-01-01", "Did you mean 'expires'"),
        ("contact = 5", '"5"'),
        (f"contact = '{'x' * 257}'", "at most 256"),
        ("", "says nothing"),
    ],
)
def test_what_it_cannot_say(project: Cli, text: str, words: str) -> None:
    project.write("planner.toml", f"[statements.A]\n{text}\n")
    assert words in project.fails(1, "validate")


def test_what_is_shown_of_it_is_harmless(project: Cli) -> None:
    project.write("planner.toml", '[statements.A]\ncontact = "a\\u001b[2J\\n# fake"\n')
    line = next(each for each in project.ok(*PLANNING).splitlines() if "contact: " in each)
    assert "\x1b" not in line
    assert "fake" in line
