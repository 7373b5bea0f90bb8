"""YAML text: what is read as which text, what is refused, where it stands, and that nothing takes
long."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.policy.document import Policy, policy_json
from planner.policy.json_text import MAX_DEPTH
from planner.policy.parse import ParsedPolicy, find_problems, parse_policy
from planner.policy.tree import Node, node_of
from planner.policy.yaml_text import MAX_YAML, read_yaml
from planner.policy.yaml_writer import write_yaml
from tests.support.policies import policies
from tests.support.trees import value_of

TEXT = """\
# who may replicate
Version: 2012-10-17
Statement:
- Sid: A
  Effect: Allow
  Principal: {AWS: 012345678901}
  Action: [ecr:ReplicateImage, "ecr:CreateRepository"]
  Resource: arn:aws:ecr:us-west-2:444455556666:repository/{{team}}/*
"""


def root_of(text: str) -> Node:
    tree = read_yaml(text, "p.yaml")
    assert tree.root is not None, tree.problems
    assert not tree.problems
    return tree.root


@pytest.mark.parametrize(
    "word",
    "2012-10-17 012345678901 yes no on true True 1.0 0x1f 1_000 .inf 12:30:45 =".split(),
)
def test_a_plain_scalar_is_the_text_that_is_written(word: str) -> None:
    assert value_of(root_of(f"a: {word}\nb: [{word}]\n{word}: c")) == {
        "a": word,
        "b": [word],
        word: "c",
    }


def test_values_stand_where_they_are_written() -> None:
    root = root_of(TEXT)
    places = {
        "/Version": (2, 10, 2, 20),
        "/Statement": (4, 1, 8, 69),
        "/Statement/0": (4, 3, 8, 69),
        "/Statement/0/Principal": (6, 14, 6, 33),
        "/Statement/0/Principal/AWS": (6, 20, 6, 32),
        "/Statement/0/Action/1": (7, 32, 7, 54),
    }
    assert {each: root.at(each).location[1:] for each in places} == places
    effect = root.at("/Statement/0").value[1]
    assert effect.location == ("p.yaml", 5, 3, 5, 9)


def test_blocks_of_text_and_carriage_returns_are_read() -> None:
    text = "a: |\r\n  x\r\n  y\r\n\r\n# why\r\nb: >-\r\n  x\r\n  y\r\n"
    root = root_of(text)
    assert value_of(root) == {"a": "x\ny\n", "b": "x y"}
    assert root.at("/a").location[1:] == (1, 4, 3, 4)


@pytest.mark.parametrize(
    ("text", "place", "words", "mend"),
    [
        ("Principal: *\n", (1, 12), "* alone", 'Quote it: "*".'),
        ("Resource:\n- *", (2, 3), "* alone", 'Quote it: "*".'),
        ("Resource: {a: *}", (1, 15), "alias", "Quote"),
        ("Action: *all", (1, 9), "an alias (*all)", '"*all"'),
        ("a: &all x", (1, 4), "an anchor (&all)", "Write the value out"),
        ("a: &all [x]", (1, 4), "an anchor (&all)", "Write the value out"),
        ("<<: x", (1, 1), "a merge key (<<)", "Write the members out"),
        ("a: 1\n---\nb: 2", (2, 1), "a second document", "a file of its own"),
        ("%YAML 1.1\n---\na: b", (2, 1), "a directive", "Leave it out"),
        ("a: 1\nb: 2\na: 3", (3, 1), 'the name "a" stands twice', ""),
        ("a: {{x}}", (1, 4), "a placeholder", '"{{name}}"'),
        ("a: {{x}}-y", (1, 4), "a placeholder", '"{{name}}"'),
        ("{{x}}: y", (1, 1), "a placeholder", '"{{name}}"'),
        ("a: [r/{{x}}]", (1, 7), "a placeholder", '"{{name}}"'),
        ("a: @x", (1, 4), "cannot begin with", "Quote the text"),
        ("a: b: c", (1, 5), "a colon", "Quote a text"),
        ("a:\n\tb: c", (2, 1), "a tab", "spaces"),
        ('a: "b', (1, 4), "quotation mark", "cut off"),
        ('a: "\x01"', (1, 5), "U+0001", "Remove"),
        ('a: "\\ud800"', (1, 4), "surrogate", ""),
        ('a: "\\U99999999"', (1, 1), "no character", ""),
        ("? [a]\n: b", (1, 3), "a name must be a text", "Quote"),
        (": b", (1, 1), "a name is missing", ""),
        ("a: [b, c", (1, 9), "flow sequence", "brackets"),
        ("", (1, 1), "empty", ""),
        ("# only this\n---\n", (1, 1), "empty", ""),
    ],
)
def test_what_is_wrong_is_told_in_its_place(
    text: str, place: tuple[int, int], words: str, mend: str
) -> None:
    (problem,) = read_yaml(text, "p.yaml").problems
    assert (problem.rule, problem.location[1:3]) == ("yaml", place)
    assert words in problem.message
    assert mend in problem.hint


@pytest.mark.parametrize(
    ("element", "place", "words"),
    [
        ("Sid:", (4, 6), "Sid has no value"),
        ("Sid: # none", (4, 6), "Sid has no value"),
        ("Sid: ~", (4, 8), "Sid is ~, no value"),
        ("Sid: null", (4, 8), "Sid is null, no value"),
        ("Sid: !!str A", (4, 8), "a tag (!!str)"),
        ("Sid: !Sub A", (4, 8), "a tag (!Sub)"),
    ],
)
def test_what_only_a_template_may_hold_is_told_once(
    element: str, place: tuple[int, int], words: str
) -> None:
    found = find_problems(TEXT.replace("Sid: A", element), "p.yaml")
    assert isinstance(found, list)
    (problem,) = found
    assert problem.location[1:3] == place
    assert words in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000,
        "[" * 100_000,
        "- " * 50_000,
        "? " * 50_000,
        "a: " + "{a: " * 40 + "1" + "}" * 40,
        "a: &" + "x" * 50_000,
        "!" * 50_000,
        "a: " + "'" * 50_001,
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]",
        "x" * (MAX_YAML + 1),
    ],
)
def test_harmful_text_ends_soon_with_a_short_problem(text: str) -> None:
    began = time.process_time()
    tree = read_yaml(text, "p.yaml")
    assert time.process_time() - began < 5
    (problem,) = tree.problems or tree.in_policies
    assert len(problem.message) < 200
    assert problem.pointer.count("/") <= MAX_DEPTH + 1


@given(st.text(alphabet="{}[]\"':\\u012abc \n\t-.&*!#%@|>?,~<\r\x01\ud800"))
def test_any_text_gives_a_tree_or_a_problem(text: str) -> None:
    tree = read_yaml(text, "p.yaml")
    assert tree.root is not None or tree.problems


@given(policies)
def test_a_policy_means_the_same_as_in_json(policy: Policy) -> None:
    text = write_yaml(node_of(policy_json(policy)))
    read = find_problems(text, "p.yaml")
    assert isinstance(read, ParsedPolicy)
    assert read.policy == parse_policy(json.dumps(policy_json(policy))).policy
