"""YAML that is changed: the one value that was meant, and every comment stays."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.policy.document import Policy, policy_json
from planner.policy.edit import insert_statement, new_policy
from planner.policy.formatter import format_policy
from planner.policy.parse import parse_policy
from planner.policy.tree import node_of
from planner.policy.yaml_text import read_yaml
from planner.policy.yaml_writer import remove_yaml, write_yaml
from tests.support.effort import tries
from tests.support.policies import document, parsed, policies, statement
from tests.support.trees import value_of

NEW = parsed(document(statement("New", "222233334444"))).statements[0]
OTHER = parsed(document(statement("A", "333344445555"))).statements[0]

UGLY = """\
# The policy of team X.

# statements of the team
Statement:  # in the order of their age

- # the oldest
  Effect: Allow  # never Deny
  Sid: A
  # builds from the build account
  Principal:
    AWS: ["333344445555", # second
      "111122223333"]
  Action:
    - ecr:ReplicateImage  # copies
    # and makes what is missing
    - ecr:CreateRepository
    - ecr:ReplicateImage  # again
    # no more
  Resource:
  - "arn:aws:ecr:us-west-2:444455556666:repository/{{team}}/*"
  Condition: {}  # none

# who is kept out
- Effect: Deny
  Principal: {AWS: "*"} # everybody
  Action: ecr:DeleteRepository
  Resource: '*'
# the end
Version: '2012-10-17'
"""
TIDY = """\
# The policy of team X.

Version: "2012-10-17"
# statements of the team
Statement:  # in the order of their age

  # the oldest
  - Sid: A
    Effect: Allow  # never Deny
    # builds from the build account
    Principal:
      AWS:
        - "111122223333"
        - "333344445555"  # second
    Action:
      # and makes what is missing
      # again
      - ecr:CreateRepository
      # no more
      - ecr:ReplicateImage  # copies
    # none
    Resource: arn:aws:ecr:us-west-2:444455556666:repository/{{team}}/*

  # who is kept out
  - Effect: Deny
    # everybody
    Principal: "*"
    Action: ecr:DeleteRepository
    Resource: "*"
"""


def comments(text: str) -> Counter[str]:
    """The comments of a text in which a `#` stands in no value."""
    return Counter(re.findall(r"#[^\r\n]*[^\s]", text))


def test_the_style_keeps_comments_with_what_they_are_about() -> None:
    formatted = format_policy(UGLY, "p.yaml")
    assert comments(formatted) == comments(UGLY)
    assert formatted.replace("# the end\n", "") == TIDY
    assert format_policy(formatted, "p.yaml") == formatted


COMMENT = st.sampled_from(["", "", "", "  # why", "\n# at the margin", "\n\n      # deep", "\n"])


@given(policies, st.data())
@settings(max_examples=tries(25))
def test_comments_survive_fmt_which_is_done_once(policy: Policy, data: st.DataObject) -> None:
    lines = write_yaml(node_of(policy_json(policy))).splitlines()
    text = "".join(f"{line}{data.draw(COMMENT)}\n" for line in lines)
    once = format_policy(text, "p.yaml")
    assert _without_values(once) == _without_values(text)
    assert format_policy(once, "p.yaml") == once


def _without_values(text: str) -> Counter[str]:
    return Counter(re.findall(r"# (?:why|at the margin|deep)$", text, re.MULTILINE))


@given(policies, st.data())
@settings(max_examples=tries(25))
def test_every_policy_takes_one_more_and_no_other_line_moves(
    policy: Policy, data: st.DataObject
) -> None:
    lines = write_yaml(node_of(policy_json(policy))).splitlines()
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    text = "".join(f"{line}{data.draw(COMMENT)}\n" for line in lines).replace("\n", end)
    text = text if data.draw(st.booleans()) else text.rstrip("\r\n")
    after = insert_statement(text.encode(), NEW, "p.yaml").decode()
    assert parse_policy(after, "p.yaml").policy.statements == (*policy.statements, NEW)
    left = iter(after.splitlines())
    assert all(line in left for line in text.splitlines())
    again = insert_statement(after.encode(), NEW, "p.yaml", may_replace=True).decode()
    assert parse_policy(again, "p.yaml") == parse_policy(after, "p.yaml")
    assert ("\r\n" in after) == ("\r\n" in text)


LAYOUTS = {
    "as fmt has it": format_policy(UGLY, "p.yaml"),
    "ugly": UGLY,
    "one block": "Statement:\n  # why\n  Sid: A  # here\n  Effect: Deny\n  Principal: '*'\n"
    "  Action: |-\n    *\n  Resource: '*'\n# end\nVersion: 2012-10-17\n",
    "one in brackets": "Statement: {Sid: A, # here\n  Effect: Deny, Principal: '*',\n"
    "  Action: '*', Resource: '*'} # end\n",
    "brackets": "Statement: [{Sid: A, Effect: Deny, # here\n Principal: '*', Action: '*',\n"
    " Resource: '*'}, # between\n {Effect: Deny, Principal: '*', Action: '*', Resource: '*'}"
    ", # last\n ]\n",
    "JSON": document(statement("A"), statement("B")),
    "items of brackets": "Statement:\n- {Sid: A, Effect: Deny, Principal: '*', # here\n"
    "   Action: '*', Resource: '*'}\n  # inside\n# behind\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_statement_is_appended_in_every_layout(name: str) -> None:
    before = LAYOUTS[name]
    after = insert_statement(before.encode(), NEW, "p.yaml").decode()
    wanted = (*parse_policy(before, "p.yaml").policy.statements, NEW)
    assert parse_policy(after, "p.yaml").policy.statements == wanted
    assert comments(after) == comments(before)


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_statement_is_replaced_in_every_layout(name: str) -> None:
    before = LAYOUTS[name]
    after = insert_statement(before.encode(), OTHER, "p.yaml", may_replace=True).decode()
    wanted = (OTHER, *parse_policy(before, "p.yaml").policy.statements[1:])
    assert parse_policy(after, "p.yaml").policy.statements == wanted
    assert comments(after) == comments(before)


@pytest.mark.parametrize("name", ["as fmt has it", "ugly", "brackets", "JSON"])
@pytest.mark.parametrize("at", [0, 1])
def test_a_statement_is_taken_away_in_every_layout(name: str, at: int) -> None:
    before = LAYOUTS[name]
    root = read_yaml(before, "p.yaml").root
    assert root is not None
    after = remove_yaml(before, root, f"/Statement/{at}")
    wanted = parse_policy(before, "p.yaml").policy.statements
    assert parse_policy(after, "p.yaml").policy.statements == wanted[1 - at :][:1]


def test_the_comments_of_other_statements_stay() -> None:
    root = read_yaml(TIDY, "p.yaml").root
    assert root is not None
    first = TIDY.index("  # the oldest")
    second = TIDY.index("  # who is kept out")
    assert remove_yaml(TIDY, root, "/Statement/0") == TIDY[:first] + TIDY[second - 1 :]
    assert remove_yaml(TIDY, root, "/Statement/1") == TIDY[:second]


def test_what_is_replaced_keeps_its_comments_where_they_were() -> None:
    before = TIDY[: TIDY.index("Resource") + 20].splitlines()
    after = insert_statement(TIDY.encode(), OTHER, "p.yaml", may_replace=True).decode()
    assert "    # builds from the build account\n    Principal:\n" in after
    assert "      - ecr:ReplicateImage  # copies\n" in after
    assert after.startswith("\n".join(before[:8]))
    assert after.endswith(TIDY[TIDY.index("\n  # who is kept out") :])


def test_a_new_file_is_in_the_style_of_fmt() -> None:
    assert format_policy(new_policy(NEW, "p.yml"), "p.yml") == new_policy(NEW, "p.yml")
    assert new_policy(NEW, "p.yml").startswith('Version: "2012-10-17"\nStatement:\n  - Sid: New\n')


@given(st.text(), st.text())
def test_every_text_comes_back(key: str, value: str) -> None:
    text = write_yaml(node_of({key: [value, {"a": {key: value}}, [[value]]], "b": [], "c": {}}))
    tree = read_yaml(text, "p.yaml")
    assert tree.root is not None, tree.problems
    assert json.dumps(value_of(tree.root)) == json.dumps(
        {key: [value, {"a": {key: value}}, [[value]]], "b": [], "c": {}}
    )
