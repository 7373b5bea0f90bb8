"""A second syntax is a reader, a writer and a row: shown with a small YAML, known to no product."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from planner.errors import InvalidPolicyError
from planner.lint.check import check
from planner.policy import syntax
from planner.policy.edit import insert_statement, new_policy
from planner.policy.formatter import format_policy
from planner.policy.parse import find_problems, parse_policy, valid_policy
from planner.policy.placeholders import Placeholders
from planner.policy.syntax import Syntax, read_source
from planner.policy.tree import Location, Member, Node, Tree, node_of

TEXT = """\
Version: "2012-10-17"
Statement:
- Sid: A
  Effect: Allow
  Principal: {AWS: "111122223333"}
  Action: ["ecr:ReplicateImage", "ecr:CreateRepository"]
  Resource: arn:aws:ecr:us-west-2:444455556666:repository/{{team}}/*
"""


def location(node: yaml.Node, file: str) -> Location:
    start, end = node.start_mark, node.end_mark
    return Location(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def read_node(node: yaml.Node, file: str) -> Node:
    where = location(node, file)
    if isinstance(node, yaml.MappingNode):
        members = [
            Member(key.value, read_node(value, file), location(key, file))
            for key, value in node.value
        ]
        return Node("object", members, where)
    if isinstance(node, yaml.SequenceNode):
        return Node("array", [read_node(each, file) for each in node.value], where)
    return Node("string", node.value, where)


def read_yaml(text: str, file: str) -> Tree:
    return Tree(file, read_node(yaml.compose(text, Loader=yaml.SafeLoader), file))


def plain(node: Node) -> Any:
    if node.kind == "object":
        return {each.key: plain(each.value) for each in node.value}
    return [plain(each) for each in node.value] if node.kind == "array" else node.value


def write_yaml(root: Node) -> str:
    return str(yaml.safe_dump(plain(root), sort_keys=False))


def append_yaml(text: str, root: Node, pointer: str, value: Node) -> str:
    assert pointer == "/Statement"
    item = "- " + write_yaml(value).rstrip().replace("\n", "\n  ")
    lines = text.splitlines()
    return "\n".join([*lines[: root.at(pointer).location.end_line - 1], item, ""])


def replace_yaml(text: str, root: Node, pointer: str, value: Node) -> str:
    return append_yaml(text, root, pointer.rsplit("/", 1)[0], value)


def remove_yaml(text: str, root: Node, pointer: str) -> str:
    lines, where = text.splitlines(), root.at(pointer).location
    return "\n".join([*lines[: where.line - 1], *lines[where.end_line - 1 :], ""])


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    toy = Syntax((".yaml", ".yml"), read_yaml, write_yaml, append_yaml, replace_yaml, remove_yaml)
    monkeypatch.setattr(syntax, "SYNTAXES", (syntax.JSON, toy))


def test_problems_and_findings_stand_at_their_lines() -> None:
    broken = TEXT.replace("Effect: Allow", "Effect: allow")
    with pytest.raises(InvalidPolicyError) as caught:
        parse_policy(broken, "p.yaml")
    (problem,) = caught.value.problems
    place = (problem["file"], problem["line"], problem["column"], problem["pointer"])
    assert place == ("p.yaml", 4, 11, "/Statement/0/Effect")
    assert problem["message"].startswith("Effect cannot be")
    source = read_source(TEXT.replace("111122223333", "1234"), "p.yaml")
    findings = check(valid_policy(Placeholders({"team": "a"}).fill(source).tree))
    assert ("p.yaml", 5, 20) in [each.location[:3] for each in findings]
    (unfilled,) = Placeholders({}).fill(source).tree.problems
    assert (unfilled.rule, unfilled.location[:3]) == ("placeholder", ("p.yaml", 7, 13))


def test_a_policy_means_the_same_in_both() -> None:
    as_json = json.dumps(yaml.safe_load(TEXT))
    assert parse_policy(TEXT, "p.yml").policy == parse_policy(as_json, "p.json").policy


def test_fmt_and_generate_write_it() -> None:
    formatted = format_policy(TEXT, "p.yaml")
    assert yaml.safe_load(formatted)["Statement"][0]["Action"] == [
        "ecr:CreateRepository",
        "ecr:ReplicateImage",
    ]
    new = parse_policy(TEXT.replace("Sid: A", "Sid: B"), "p.yaml").policy.statements[0]
    assert yaml.safe_load(new_policy(new, "p.yaml"))["Statement"][0]["Sid"] == "B"
    changed = insert_statement(TEXT.encode(), new, "p.yaml").decode()
    assert changed.startswith(TEXT)
    assert [each.sid for each in parse_policy(changed, "p.yaml").policy.statements] == ["A", "B"]


def test_a_name_that_tells_of_no_syntax_is_json() -> None:
    for name in ("standard input", "policy", "p.yaml (policyText)"):
        problems = find_problems(TEXT, name)
        assert isinstance(problems, list)
        assert problems[0].rule == "json"


def test_plain_values_have_a_tree() -> None:
    value: dict[str, Any] = {"a": [1, True, None, "x", {"b/c": []}]}
    root = node_of(value)
    assert root.at("/a/4/b~1c").kind == "array"
    assert [each.kind for each in root.at("/a").value] == [
        "number",
        "boolean",
        "null",
        "string",
        "object",
    ]
