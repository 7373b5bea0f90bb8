"""Placeholders are filled in the tree: it is read once, and filled as often as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.cli.main import run
from planner.policy import json_text
from planner.policy.parse import valid_policy
from planner.policy.placeholders import Placeholders, sampling
from planner.policy.syntax import read_source
from tests.support.policies import document, statement

TEXT = """{
  "{{name}}": {"x": "{{b}}", "{{a}}": 1, "x": [true, "{{name}}"]},
  "name": "{{b", // why
}"""


def test_problems_come_in_order_of_place_with_those_of_the_text() -> None:
    tree = read_source(TEXT, "p.json")
    filled, used = Placeholders({"name": "name", "a": "x"}).fill(tree)
    assert used == {"name", "a", "b"}
    assert [(each.rule, *each.location[1:3], each.pointer) for each in filled.problems] == [
        ("placeholder", 2, 21, "/name/x"),  # {{b}} has no value
        ("json", 2, 30, "/name/x"),  # {{a}} gives the name that stands there
        ("json", 2, 42, "/{{name}}/x"),  # and it is written twice
        ("json", 3, 3, "/name"),  # as {{name}} does
        ("placeholder", 3, 11, "/name"),  # {{b is not closed
        ("json", 3, 16, ""),
        ("json", 3, 18, ""),
    ]
    assert filled.root is not None
    assert filled.root.keys() == ["name", "name"]
    assert tree.root is not None
    assert filled.root.location == tree.root.location


def test_filling_leaves_the_tree_as_it_was() -> None:
    tree = read_source(document(statement(Resource="{{x}}")))
    for value in ("a", "b"):
        policy = valid_policy(Placeholders({"x": value}).fill(tree).tree).policy
        assert policy.statements[0].resource is not None
        assert policy.statements[0].resource.texts == (value,)
    assert tree == read_source(document(statement(Resource="{{x}}")))


def test_a_sample_has_no_problems() -> None:
    filled, _ = sampling({"region": "us-east-1"}).fill(read_source('["{{region}}{{x}}", "{{"]'))
    assert filled.problems == ()
    assert filled.root is not None
    assert [each.value for each in filled.root.value] == ["us-east-1000000000000", "{{"]


def test_what_cannot_be_read_cannot_be_filled() -> None:
    tree = read_source('{"{{x}}": ', "p.json")
    assert Placeholders({}).fill(tree) == (tree, frozenset())


@pytest.mark.parametrize(
    "words",
    [
        ["plan", "--live", "/dev/null"],
        ["validate"],
        ["access"],
        ["can", "111122223333", "ecr:ReplicateImage", "a"],
    ],
)
def test_a_run_reads_the_policy_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    """For the draft that names the registry, and for the policy with the registry's values."""
    monkeypatch.chdir(tmp_path)
    Path("planner.toml").write_text('account_id = "444455556666"\nregion = "us-west-2"\n')
    everything = "arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/*"
    Path("registry_policy.json").write_text(document(statement("A", Resource=everything)))
    files: list[str] = []
    read = json_text._Parser.__init__

    def counting(parser: json_text._Parser, text: str, file: str) -> None:
        files.append(file)
        read(parser, text, file)

    monkeypatch.setattr(json_text._Parser, "__init__", counting)
    assert run(words) == 0
    assert files.count("registry_policy.json") == 1
