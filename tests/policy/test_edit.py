"""A statement that is added to a policy file, and the rest of the file that stays as it is."""

from __future__ import annotations

import codecs
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import InvalidPolicyError, PlannerError
from planner.policy.document import Policy, policy_json, statement_json
from planner.policy.edit import insert_statement, new_policy
from planner.policy.formatter import format_policy
from planner.policy.parse import parse_policy
from planner.policy.source_text import Lines
from tests.support.effort import tries
from tests.support.policies import document, parsed, policies, statement

NEW = parsed(document(statement("New", "222233334444"))).statements[0]
OLD = {
    "Sid": "Old",
    "Effect": "Allow",
    "Principal": {"AWS": ["111122223333"]},
    "Action": "ecr:*",
    "Resource": "*",
}
LIST = {"Version": "2012-10-17", "Id": "an id", "Statement": [OLD]}
ECRS_OWN = '{ "Statement" : [ {\n  "Sid" : "A",\n  "Effect" : "Deny",\n  "Principal" : "*",\n  \
"Action" : "*",\n  "Resource" : "*"\n} ] }'
LAYOUTS = {
    "two spaces": json.dumps(LIST, indent=2),
    "four spaces": json.dumps(LIST, indent=4) + "\n",
    "tabs": json.dumps(LIST, indent="\t"),
    "one line": json.dumps(LIST),
    "compact": json.dumps(LIST, separators=(",", ":")),
    "one object": json.dumps({"Statement": OLD, "Version": "2012-10-17"}, indent=2),
    "one object on a line": json.dumps({"Statement": OLD}),
    "carriage returns": json.dumps(LIST, indent=2).replace("\n", "\r\n"),
    "lists on one line": document(OLD).replace('{"Sid', '{\n "Sid').replace('"}]', '"\n}]'),
    "as ECR prints": ECRS_OWN,
    "no indentation": json.dumps(LIST, indent=0),
}


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_rest_of_the_file_stays_as_it_is(name: str, mark: bytes) -> None:
    before = LAYOUTS[name]
    after = insert_statement(mark + before.encode(), NEW, "p.json")
    assert after.startswith(mark)
    text = after[len(mark) :].decode()
    assert parsed(text).statements == (*parsed(before).statements, NEW)
    node = parse_policy(before).root.at("/Statement")
    if node.kind == "object":
        start, end = Lines(before).span(node.location)
        before = f"{before[:start]}[{before[start:end]}]{before[end:]}"
    assert any(
        text.startswith(before[:at]) and text.endswith(before[at:]) for at in range(len(before))
    )
    assert ("\r\n" in text) == ("\r\n" in before)
    if "\r\n" in text:
        assert "\n" not in text.replace("\r\n", "")
    assert ("\n" in text) == ("\n" in before)


@pytest.mark.parametrize("indent", [1, 2, 4, "\t"])
def test_a_file_in_pythons_style_stays_in_it(indent: int | str) -> None:
    before = json.dumps(LIST, indent=indent)
    wanted = {**LIST, "Statement": [OLD, statement_json(NEW)]}
    text = insert_statement(before.encode(), NEW, "p.json").decode()
    assert text == json.dumps(wanted, indent=indent)


def test_lists_on_one_line_stay_on_one_line() -> None:
    text = insert_statement(
        b'{"Statement": [\n  {\n    "Sid": "A", "Effect": "Deny",\n    "Principal": {"AWS": ["1"]},'
        b'\n    "Action": "*", "Resource": "*"\n  }\n]}',
        NEW,
        "p.json",
    ).decode()
    assert '\n    "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],\n' in text


@given(policies, st.sampled_from([None, 0, 1, 4, "\t"]), st.booleans())
@settings(max_examples=tries(60))
def test_every_policy_takes_one_more(
    policy: Policy, indent: int | str | None, carriage_returns: bool
) -> None:
    before = json.dumps(policy_json(policy), indent=indent)
    before = before.replace("\n", "\r\n") if carriage_returns else before
    after = parsed(insert_statement(before.encode(), NEW, "p.json"))
    assert after.statements == (*parsed(before).statements, NEW)
    again = insert_statement(
        insert_statement(before.encode(), NEW, "p.json"), NEW, "p.json", may_replace=True
    )
    assert parsed(again) == after


def test_a_namesake_is_replaced_in_its_place_and_only_if_one_says_so() -> None:
    other = parsed(document(statement("B", Resource="*"))).statements[0]
    before = json.loads(document(statement("A"), statement("B"), statement("C")))
    data = json.dumps(before, indent=1).encode()
    with pytest.raises(PlannerError, match="Sid B already"):
        insert_statement(data, other, "p.json")
    before["Statement"][1] = statement_json(other)
    result = insert_statement(data, other, "p.json", may_replace=True)
    assert result.decode() == json.dumps(before, indent=1)


def test_a_sid_that_stands_twice_is_refused() -> None:
    before = document(statement("New"), statement("New", "333344445555")).encode()
    for may_replace in (False, True):
        with pytest.raises(PlannerError, match="2 statements with the Sid New"):
            insert_statement(before, NEW, "p.json", may_replace=may_replace)


@pytest.mark.parametrize("text", ["", "[]", '{"Statement": []}', '{"Statement": [{}] // no\n}'])
def test_what_is_no_policy_is_left_alone(text: str) -> None:
    with pytest.raises(InvalidPolicyError):
        insert_statement(text.encode(), NEW, "p.json")


def test_a_new_file_is_in_the_style_of_fmt() -> None:
    assert format_policy(new_policy(NEW)) == new_policy(NEW)
    assert parsed(new_policy(NEW)).statements == (NEW,)
