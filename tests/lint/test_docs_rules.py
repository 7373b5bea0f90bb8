"""docs/rules.md: an entry for every rule, whose examples are what they are said to be."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from planner.config.parse import parse_settings
from planner.lint.annotation import Annotations
from planner.lint.check import all_rules, check, of_problems, suppressed, unknown, unused
from planner.lint.finding import Finding
from planner.policy.parse import ParsedPolicy
from planner.policy.placeholders import Placeholders
from planner.policy.syntax import read_source
from planner.workflow.reading import fill
from tests.support.lint import HERE
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
ABOVE, _, CHECKS = PAGE.partition("## Beside IAM Access Analyzer")
HEAD, *PARTS = re.split(r"^##+ ", ABOVE, flags=re.MULTILINE)
FENCE = re.compile(r"^```(json|yaml|toml)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BASE: dict[str, Any] = json.loads(FENCE.findall(HEAD)[-1][2])
RULES = {each.id: each for each in all_rules()}
OWN = ("placeholder", "unused-switch", "expired", "unknown-statement")
"""The rules that are about planner's own settings, of which AWS says nothing."""
SCOPES = {"V1": "V1", "V2": "V2", "unknown": None}


@dataclass
class Example:
    """The texts of a policy, the settings beside it, and what is known of the registry."""

    files: dict[str, str] = field(default_factory=dict)
    settings: str = ""
    words: dict[str, str] = field(default_factory=dict)

    def findings(self) -> list[str]:
        """The rules that find something, as `planner validate` would say."""
        trees = [read_source(text, name) for name, text in self.files.items()]
        parsed, _ = fill(trees, Placeholders({}), Path())
        settings = parse_settings(self.settings.encode())
        gone: list[Finding] = []
        if isinstance(parsed, ParsedPolicy):
            said = Annotations(settings.statements, date(2026, 11, 23))
            gone = unknown(said.without(each.sid for each in parsed.policy.statements), "p.toml")
            found = check(
                parsed,
                None if self.words.get("registry") == "unknown" else HERE,
                SCOPES[self.words.get("scope", "V2")],
                is_assumed=self.words.get("registry") == "assumed",
                annotations=said,
            )
        else:
            found = of_problems(parsed)
        kept, used = suppressed(found, settings.suppressions)
        idle = unused(settings.suppressions, used, "planner.toml")
        return [each.rule for each in (*kept, *idle, *gone)]


def example(text: str) -> Example:
    made = Example()
    for language, info, block in FENCE.findall(text):
        if language == "toml":
            made.settings = block
        elif language == "yaml":
            made.files = {"p.yaml": block}
        else:
            made.words = dict(each.split("=") for each in info.split())
            count = int(made.words.get("count", "1"))
            files = json.loads(block) if "files" in made.words else {"p.json": block}
            made.files = {
                name: policy_text(each if isinstance(each, str) else json.dumps(each), count)
                for name, each in files.items()
            }
    assert made.files
    return made


def policy_text(block: str, count: int) -> str:
    """The policy of a block: a whole document, or elements of one statement or of several."""
    try:
        document = json.loads(block)
    except ValueError:
        return block
    given = document if isinstance(document, list) else [document]
    if not all(is_statement(each) for each in given):
        return block
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [completed(each, count) for each in given]}
    )


def is_statement(document: dict[str, Any]) -> bool:
    return {name.removeprefix("Not") for name in document} <= {*BASE, "Condition"}


def completed(given: dict[str, Any], count: int) -> dict[str, Any]:
    """The elements with those of the common statement that they do not replace."""
    instead = {name.removeprefix("Not") for name in given}
    whole = {**{name: value for name, value in BASE.items() if name not in instead}, **given}
    if count > 1 and isinstance(whole["Resource"], list):
        (pattern,) = whole["Resource"]
        whole["Resource"] = [pattern.replace("NNNN", f"{n:04}") for n in range(1, count + 1)]
    return whole


def entries() -> dict[str, str]:
    """The text of each entry; the headings of groups have no example below them."""
    pairs = [part.split("\n", 1) for part in PARTS]
    names = [name for name, text in pairs if "Wrong:" in text]
    assert len(names) == len(set(names))
    return {name: text for name, text in pairs if "Wrong:" in text}


ENTRIES = entries()


def test_each_rule_has_one_entry() -> None:
    assert set(ENTRIES) == set(RULES)


@pytest.mark.parametrize("rule", ENTRIES)
def test_an_entry(rule: str) -> None:
    text = ENTRIES[rule]
    assert text.strip().startswith(f"**{RULES[rule].severity}**: {RULES[rule].title}.")
    assert "](https://docs.aws.amazon.com/" in text or rule in OWN
    before, _, after = text.partition("Right:")
    wrong, right = example(before), example(after)
    assert right.findings() == []
    if wrong.words.get("judged-by") == "aws":
        assert wrong.findings() == []
    else:
        assert rule in wrong.findings()


def test_the_checks_beside_access_analyzer() -> None:
    cells = re.findall(r"^\| .* \| (.*) \|$", CHECKS, re.MULTILINE)
    counts = {"covered": 0, "does not apply": 0, "not covered": 0}
    for cell in cells:
        if cell.startswith("`"):
            assert set(re.findall(r"`([a-z0-9-]+)`", cell)) <= set(RULES), cell
            counts["covered"] += 1
        elif cell != "here":
            assert cell.startswith(("not covered: ", "does not apply: ")), cell
            counts[cell.partition(":")[0]] += 1
    said = "Of {} checks {} are covered, {} do not apply to a registry policy, and {} are not"
    assert said.format(sum(counts.values()), *counts.values()) in " ".join(CHECKS.split())
