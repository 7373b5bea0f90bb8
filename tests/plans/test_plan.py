"""The plan value and its file: ids, damage, and nothing believed that does not follow."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import PlannerError
from planner.ownership.settle import Share
from planner.plans.file import load_plan
from planner.plans.plan import Plan
from planner.plans.plan_id import expects
from planner.plans.source import Source, SourceFile, StateRef
from planner.plans.view import checksum, plan_text, plan_view
from planner.policy.document import Policy
from planner.policy.opaque import read_any
from planner.registry import RAISED, Registry, ScopeChange
from tests.support.effort import tries
from tests.support.policies import canonical_policies, document, places_in, policy, statement
from tests.support.schema import PLAN

REGISTRY = Registry("aws", "444455556666", "us-west-2")
maybe = st.none() | canonical_policies


def source_of(after: Policy | None) -> Source:
    if after is None:
        return Source("destroy")
    return Source(
        "files",
        (SourceFile("registry_policy.json", "0" * 64),),
        tuple(reversed(places_in(after))),
        {"shown": "111122223333", "hidden": None},
        SourceFile("planner.toml", "1" * 64),
    )


def make(before: Policy | None, after: Policy | None, recorded: Policy | None = None) -> Plan:
    return Plan(
        registry=REGISTRY,
        source=source_of(after),
        state=StateRef("a-lineage", 7, "s3://bucket/") if recorded else StateRef(),
        live="ecr",
        recorded=recorded,
        before=before,
        after=after,
        notes=("a note",),
        created_at="2026-11-23T22:37:57Z",
        tool="planner 0",
        origins={"region": "AWS_REGION"},
        endpoint="http://127.0.0.1:5566",
        scope=ScopeChange("V1", "V1"),
    )


SAMPLE = make(
    policy(statement("A"), statement("B", "222233334444")),
    policy(statement("A", Resource="*"), statement("C", "333344445555", Action="ecr:PutImage")),
    policy(statement("A")),
)


@settings(max_examples=tries(20))
@given(maybe, maybe, maybe, st.sampled_from([ScopeChange("V1", "V1"), RAISED, ScopeChange()]))
def test_a_plan_file_gives_the_plan_back(
    before: Policy | None, after: Policy | None, recorded: Policy | None, scope: ScopeChange
) -> None:
    plan = replace(make(before, after, recorded), scope=scope)
    text = plan_text(plan)
    loaded = load_plan(text.encode(), "plan.json")
    assert loaded == plan
    assert plan_text(loaded) == text
    PLAN.validate(json.loads(text))


@settings(max_examples=tries(20))
@given(maybe, maybe)
def test_reversing_a_plan_inverts_it(before: Policy | None, after: Policy | None) -> None:
    there, back = plan_view(make(before, after)), plan_view(make(after, before))
    assert there["summary"]["add"] == back["summary"]["destroy"]
    assert there["summary"]["change"] == back["summary"]["change"]
    assert (there["before"], there["after"]) == (back["after"], back["before"])


@given(maybe)
def test_a_plan_after_its_apply_is_empty(after: Policy | None) -> None:
    document = plan_view(make(after, after, after))
    assert document["changes"] == document["drift"] == document["patch"] == []
    assert not make(after, after).has_changes


def test_the_id_is_of_the_change_alone() -> None:
    again = replace(SAMPLE, created_at="later", tool="other", notes=(), recorded=None)
    assert again.id == SAMPLE.id
    for other in (
        replace(SAMPLE, registry=replace(REGISTRY, region="eu-west-1")),
        replace(SAMPLE, registry=replace(REGISTRY, account_id="555566667777")),
        replace(SAMPLE, registry=replace(REGISTRY, partition="aws-cn")),
        replace(SAMPLE, before=SAMPLE.after, after=SAMPLE.known_before),
        replace(SAMPLE, after=None),
        replace(SAMPLE, share=Share("me", SAMPLE.after)),
    ):
        assert other.id != SAMPLE.id


def test_an_expected_id_may_be_shortened_to_what_is_shown() -> None:
    assert expects(SAMPLE.id, SAMPLE.id)
    assert expects(SAMPLE.id, f" {SAMPLE.id[:32].upper()} ")
    assert expects(SAMPLE.id, SAMPLE.id[:33])
    for typed in (SAMPLE.id[:31], SAMPLE.id[:12], "", "0" * 32, SAMPLE.id + "0", SAMPLE.id[1:]):
        assert not expects(SAMPLE.id, typed)


def test_a_changed_version_alone_is_a_change_of_the_policy() -> None:
    body = statement(Resource="a/${aws:username}")
    plan = make(policy(body, Version="2008-10-17"), policy(body))
    document = plan_view(plan)
    assert document["summary"] == {"add": 0, "change": 1, "destroy": 0}
    (change,) = document["changes"]
    assert change["address"] == 'registry["444455556666/us-west-2"].policy'
    assert change["elements"][0]["removed"] == ["2008-10-17"]


def refused(data: bytes) -> str:
    with pytest.raises(PlannerError) as caught:
        load_plan(data, "plan.json")
    assert caught.value.hint
    return f"{caught.value.summary} {caught.value.detail}"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a saved plan"),
        (b"{", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 5000, "not valid JSON"),
        (b"{}", "no `plan_id`"),
        (b'{"plan_id": ' + b"9" * 5000 + b"}", "not a saved plan"),
        (document(statement()).encode(), "a policy, not a saved plan"),
        (b" " * 17_000_000, "larger"),
        (b'{"plan_id": "x"}', "plan format None"),
        (b'{"plan_id": "x", "format_version": 1}', "An older version of planner"),
        (b'{"plan_id": "x", "format_version": 2}', "reads format 3 alone"),
        (b'{"plan_id": "x", "format_version": 4}', "A newer version of planner"),
        (b'{"plan_id": "x", "format_version": 3}', "checksum"),
        (b'{"plan_id": "x", "plan_id": "x"}', "twice"),
    ],
)
def test_what_is_no_plan(data: bytes, words: str) -> None:
    assert words in refused(data)


def test_any_damage_is_seen() -> None:
    data = plan_text(SAMPLE).encode()
    for position in range(0, len(data), 37):
        damaged = data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]
        assert refused(damaged)
    for cut in range(0, len(data) - 2, 101):
        assert refused(data[:cut])


def _set(key: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.__setitem__(key, value)


def _place(file: int = 0, index: int = 0, line: int = 1) -> dict[str, int]:
    return {"file": file, "index": index, "line": line}


STATE = plan_view(SAMPLE)["state"]


@pytest.mark.parametrize(
    "edit",
    [
        _set("plan_id", "0" * 64),
        _set("after_text", "{}"),
        _set("after", None),
        _set("before", None),
        _set("before", {"Version": "2012-10-17", "Statement": []}),
        _set("patch", []),
        _set("patch", [{"op": "test", "path": "", "value": {}}]),
        _set("patch", [{"op": "explode"}]),
        _set("patch", {}),
        _set("changes", []),
        _set("summary", {"add": 0, "change": 0, "destroy": 0}),
        _set("registry", {"partition": "aws", "account_id": "1", "region": "us-west-2"}),
        _set("registry", None),
        _set("kind", "fleet"),
        _set("owner", "somebody"),
        _set("own", {"before": [], "after": []}),
        _set("taken", ["A"]),
        _set("next", {}),
        _set("state", {**STATE, "serial": True}),
        _set("state", {**STATE, "lineage": 5}),
        _set("notes", "x"),
        _set("live", "somewhere"),
        _set("source", []),
        _set("source", None),
        lambda document: document["source"].update(kind="magic"),
        lambda document: document["source"].update(places=[0, 1]),
        lambda document: document["source"].update(places=[_place()]),
        lambda document: document["source"].update(places=[_place(), _place()]),
        lambda document: document["source"].update(places=[_place(), _place(index=2)]),
        lambda document: document["source"].update(places=[_place(), _place(index=True)]),
        lambda document: document["source"].update(places=[_place(), _place(file=1)]),
        lambda document: document["source"].update(places=[_place(), _place(file=-1)]),
        lambda document: document["source"].update(places=[_place(), _place(index=1), None]),
        lambda document: document["source"].update(places=[_place(), None]),
        lambda document: document["source"].update(places=[_place(), _place(index=1, line=0)]),
        lambda document: document["source"].update(places=[_place(line=3), _place(index=1)]),
        lambda document: document["source"].update(files=[]),
        lambda document: document["source"].update(vars={"x": 5}),
        lambda document: document["source"].update(extra=1),
        lambda document: document["after_text"].update(size=5),
        lambda document: document["scope"].update(before=1),
        _set("extra", 1),
        _set("state", {**STATE, "lineage": None, "serial": 0}),
        _set("state", {**STATE, "serial": -4}),
        _set("patch", [{"op": "copy", "from": "/Statement", "path": "/Statement/-"}] * 40),
        _set("notes", [7]),
        lambda document: document["changes"][0].update(address="elsewhere"),
        lambda document: document["changes"][0].update(cause="drift"),
        lambda document: document["after"]["Statement"].pop(),
        lambda document: document.pop("recorded"),
    ],
)
def test_an_edit_is_seen_even_under_a_right_checksum(
    edit: Callable[[dict[str, Any]], None],
) -> None:
    document = plan_view(SAMPLE)
    edit(document)
    content = {key: value for key, value in document.items() if key != "checksum"}
    document["checksum"] = checksum(content)
    assert "not an intact plan" in refused(json.dumps(document).encode())


def test_another_way_to_write_the_same_patch_is_no_damage() -> None:
    document = plan_view(SAMPLE)
    document["patch"] = [{"op": "replace", "path": "", "value": document["after"]}]
    document["checksum"] = checksum({k: v for k, v in document.items() if k != "checksum"})
    assert load_plan(json.dumps(document).encode(), "plan.json") == SAMPLE


def test_a_text_before_stands_for_what_cannot_be_read() -> None:
    grade = read_any('{"Version": "2012-10-17", "Statement": [], "Grade": 5}', "it")
    made = replace(SAMPLE, before=grade)
    assert load_plan(plan_text(made).encode(), "plan.json") == made
    document = plan_view(made)
    assert document["patch"][0] == {"op": "test", "path": "", "value": document["before"]}
    for text in (json.dumps(document["after"]), "", document["before"].strip()):
        forged = {**document, "before": text}
        del forged["checksum"]
        with pytest.raises(PlannerError, match="is not an intact plan"):
            load_plan(json.dumps({**forged, "checksum": checksum(forged)}).encode(), "plan.json")


def test_a_rollback_names_an_earlier_serial() -> None:
    made = replace(SAMPLE, source=Source("rollback", serial=6))
    assert load_plan(plan_text(made).encode(), "plan.json") == made
    files = (SourceFile("registry_policy.json", "0" * 64),)
    for forged in (
        Source("rollback"),
        Source("rollback", serial=7),
        Source("rollback", serial=0),
        Source("rollback", files, serial=6),
        Source("destroy", serial=6),
    ):
        text = plan_text(replace(SAMPLE, source=forged))
        with pytest.raises(PlannerError, match="is not an intact plan"):
            load_plan(text.encode(), "plan.json")
