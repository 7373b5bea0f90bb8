"""What changed outside planner, brought into the policy file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.config.load import load_settings
from planner.config.settings import Flags
from planner.errors import PlannerError
from planner.policy.canonical import canonicalise
from planner.policy.document import Policy, Statement, policy_json
from planner.policy.parse import parse_policy
from planner.records.drift import Drift
from planner.records.snapshot import Record, Snapshot
from planner.workflow.keeping import bring_in
from planner.workflow.planning import Inputs
from planner.workflow.reading import PolicyFile
from tests.support.fakes import REGISTRY
from tests.support.policies import policies, policy, statement, statements

RESOURCE = "arn:aws:ecr:us-west-2:444455556666:repository/*"


def plain(sid: str, account: str, **more: Any) -> dict[str, Any]:
    """A statement as planner writes it."""
    return statement(sid, Principal={"AWS": account}, Resource=RESOURCE, **more)


A, B = plain("A", "111122223333"), plain("B", "222233334444")
A2 = {**A, "Action": ["ecr:ReplicateImage"]}
C = plain("C", "333344445555", Action="ecr:PutImage")
VARS = '[vars]\nbuild = "111122223333"\nother = "222233334444"\n'


def brought(file: str, recorded: Policy | None, live: Policy | None, toml: str = "") -> str:
    """The file after it was brought to what is live."""
    settings = load_settings(Flags(), lambda _: toml.encode())
    record = Record(recorded, "0" * 64, "me", "then", "planner", 1)
    drift = Drift(Snapshot("lineage", REGISTRY, record), live, "state")
    files = (PolicyFile("registry_policy.json", file.encode()),)
    return bring_in(drift, Inputs(settings, files))[0].data.decode()


def text_of(*found: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2012-10-17", **more, "Statement": list(found)}, indent=2) + "\n"


def test_a_statement_is_added_replaced_and_removed() -> None:
    file = text_of(A, B)
    assert brought(file, policy(A, B), policy(A, B, C)) == text_of(A, B, C)
    assert brought(file, policy(A, B), policy(A2, B)) == text_of(A2, B)
    assert brought(file, policy(A, B), policy(A)) == text_of(A)
    assert brought(file, policy(A, B), policy(B)) == text_of(B)
    assert brought(file, policy(A, B), policy(A2, C)) == text_of(A2, C)


def test_all_else_stays_as_it_is_written() -> None:
    file = """{ "Statement": [
  {"Sid":"A", "Effect" : "Allow", "Action": ["ECR:replicateimage"],
     "Resource":"*", "Principal":{"AWS":"arn:aws:iam::111122223333:root"}},
  { "Sid": "B", "Effect": "Allow", "Principal": {"AWS": ["333344445555", "222233334444"]},
    "Action": "ecr:ReplicateImage", "Resource": "*" }
  ],   "Version": "2012-10-17"
}
"""
    recorded = canonicalise(parse_policy(file).policy)
    more = file.replace('"222233334444"]', '"222233334444", "111122223333"]')
    live = canonicalise(parse_policy(more).policy)
    text = brought(file, recorded, live)
    assert text.splitlines()[:3] == file.splitlines()[:3]
    assert text.splitlines()[-2:] == file.splitlines()[-2:]
    assert '["333344445555", "222233334444", "111122223333"]' in text
    assert brought(text, live, recorded) == text.replace(', "111122223333"]', "]")


def test_what_still_holds_keeps_its_placeholders() -> None:
    resource = "arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/*"
    written = {**A, "Principal": {"AWS": ["{{build}}"]}, "Resource": resource}
    more = {**A, "Principal": {"AWS": ["111122223333", "999999999999"]}}
    text = brought(text_of(written), policy(A), policy(more), VARS)
    assert json.loads(text)["Statement"] == [
        {**written, "Principal": {"AWS": ["{{build}}", "999999999999"]}}
    ]
    gone = {**A, "Principal": {"AWS": "999999999999"}}
    text = brought(text_of(written), policy(A), policy(gone), VARS)
    assert json.loads(text)["Statement"][0]["Principal"] == {"AWS": ["999999999999"]}
    assert json.loads(text)["Statement"][0]["Resource"] == resource


def test_conditions() -> None:
    block = {"StringEquals": {"AWS:principalorgid": ["o-a1b2c3d4e5"]}, "Bool": {"a:b": True}}
    one, two = (
        {**A, "Condition": block},
        {**A, "Condition": {"StringEquals": block["StringEquals"]}},
    )
    text = brought(text_of(one), policy(one), policy(two))
    assert json.loads(text)["Statement"] == [two]
    text = brought(text_of(one), policy(one), policy(A))
    assert json.loads(text)["Statement"] == [A]
    text = brought(text_of(A), policy(A), policy(two))
    assert canonicalise(parse_policy(text).policy) == policy(two)


def test_what_the_file_has_already_stays() -> None:
    file = text_of(A2, B, C)
    assert brought(file, policy(A, B), policy(A2, B, C)) == file
    assert brought(text_of(A), policy(A, B), policy(A)) == text_of(A)


def test_the_file_may_have_more() -> None:
    new = plain("New", "444455556666")
    assert brought(text_of(A, new), policy(A), policy(A2)) == text_of(A2, new)


@pytest.mark.parametrize(
    ("file", "live"),
    [
        (text_of({**A, "Action": "ecr:CreateRepository"}), policy(A2)),
        (text_of({**A, "Action": "ecr:CreateRepository"}), None),
        (text_of(B), policy(A2)),
        (text_of(A, {**C, "Action": "ecr:*"}), policy(A, C)),
    ],
)
def test_what_the_file_changed_too_is_a_conflict(file: str, live: Policy | None) -> None:
    with pytest.raises(PlannerError, match="and in the file"):
        brought(file, policy(A), live)


def test_a_file_has_a_statement() -> None:
    with pytest.raises(PlannerError, match="no statement left") as caught:
        brought(text_of(A), policy(A), None)
    assert "--destroy" in caught.value.hint


def test_version_and_id_are_for_people() -> None:
    with pytest.raises(PlannerError, match="Version or the Id"):
        brought(text_of(A), policy(A), policy(A, Id="an id"))
    assert brought(text_of(A, Id="an id"), policy(A), policy(A, Id="an id")) == text_of(
        A, Id="an id"
    )
    variable = {**B, "Resource": RESOURCE.replace("*", "${aws:username}")}
    file = text_of(A).replace('  "Version": "2012-10-17",\n', "")
    with pytest.raises(PlannerError, match="Version or the Id"):
        brought(file, policy(A), policy(A, variable))
    assert brought(text_of(A), policy(A), policy(A, variable)) == text_of(A, variable)


def test_statements_without_a_sid() -> None:
    one, other = statement(None), statement(None, "222233334444")
    assert brought(text_of(one, other), policy(one, other), policy(other)) == text_of(other)
    assert brought(text_of(one, one), policy(one, one), policy(one)) == text_of(one)


def of_several(live: Policy, toml: str = "", **texts: str) -> dict[str, str]:
    """Those of the files that change, `one` for one.json, where A, B and C are recorded."""
    files = tuple(PolicyFile(f"{name}.json", text.encode()) for name, text in texts.items())
    settings = load_settings(Flags(), lambda _: toml.encode())
    record = Record(policy(A, B, C), "0" * 64, "me", "then", "planner", 1)
    drift = Drift(Snapshot("lineage", REGISTRY, record), live, "state")
    pairs = zip(files, bring_in(drift, Inputs(settings, files)), strict=True)
    return {old.name: new.data.decode() for old, new in pairs if old != new}


def test_each_statement_goes_into_its_own_file() -> None:
    files = {"one": text_of(A), "two": text_of(B, C)}
    new = plain("New", "444455556666", Action="ecr:PutImage")
    assert of_several(policy(A2, B, C), **files) == {"one.json": text_of(A2)}
    assert of_several(policy(A, C), **files) == {"two.json": text_of(C)}
    assert of_several(policy(A2, B), **files) == {"one.json": text_of(A2), "two.json": text_of(B)}
    assert of_several(policy(A, B, C, new), **files) == {"one.json": text_of(A, new)}
    with pytest.raises(PlannerError, match="would have no statement left"):
        of_several(policy(B, C), **files)


def test_a_variable_that_is_a_list_stays_whole_or_goes_whole() -> None:
    toml = '[vars]\nbuild = ["111122223333", "222233334444"]\n'
    written = {**A, "Principal": {"AWS": ["{{build}}"]}}
    both = {**A, "Principal": {"AWS": ["111122223333", "222233334444"]}}
    three = {**A, "Principal": {"AWS": ["111122223333", "222233334444", "999999999999"]}}
    text = brought(text_of(written), policy(both), policy(three), toml)
    (found,) = json.loads(text)["Statement"]
    assert found["Principal"]["AWS"] == ["{{build}}", "999999999999"]
    other = {**A, "Principal": {"AWS": "999999999999"}}
    text = brought(text_of(written), policy(both), policy(other), toml)
    assert json.loads(text)["Statement"][0]["Principal"]["AWS"] == ["999999999999"]
    with pytest.raises(PlannerError, match="stands for several values") as caught:
        brought(text_of(written), policy(both), policy(A), toml)
    assert "222233334444" in caught.value.detail


_lists = st.lists(statements, min_size=1, max_size=4)


@given(policies, _lists)
def test_the_file_says_what_is_live_then(written: Policy, found: list[Statement]) -> None:
    """Whatever stands where: the same meaning comes out, or an error that writes nothing."""
    recorded = canonicalise(written)
    live = canonicalise(replace(written, statements=tuple(found)))
    file = json.dumps(policy_json(written))
    try:
        text = brought(file, recorded, live)
    except PlannerError:
        return
    assert canonicalise(parse_policy(text).policy) == live
    assert brought(text, live, live) == text
