"""A statement has one name, whichever document it stands in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given

from planner.plans.address import Names, places_of
from planner.plans.build import Desired, Known, build_plan
from planner.plans.file import load_plan
from planner.plans.plan import Plan
from planner.plans.source import Source, SourceFile, StateRef
from planner.plans.view import plan_text, plan_view
from planner.policy.address import StatementPlace
from planner.policy.canonical import canonical_statement, canonicalise
from planner.policy.document import Policy
from tests.support.fakes import REGISTRY
from tests.support.policies import document, parsed, places_in, policies, policy, statement
from tests.support.schema import PLAN

FILE = (SourceFile("policy.json", "0" * 64),)


def make(desired: Policy | None, live: Policy | None, recorded: Policy | None = None) -> Plan:
    known = Known(REGISTRY, "ecr", "now", StateRef("a-lineage", 7) if recorded else StateRef())
    source = Source("files", FILE) if desired else Source("destroy")
    asked = Desired(desired, source, places=places_in(desired))
    return build_plan(asked, live, recorded and canonicalise(recorded), known)


@given(policies)
def test_the_places_are_those_of_the_same_statements(given: Policy) -> None:
    after = canonicalise(given)
    every = range(len(given.statements))
    places = places_of(given, every, after, "aws")
    assert {*places} == {*every}
    for each, place in zip(after.statements, places, strict=True):
        assert place is not None
        assert each == canonical_statement(given.statements[place])


def nameless(account: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return statement(None, account, Resource=resource, **more)


FIRST, SECOND = nameless("999999999999"), nameless("111122223333")
CHANGED = nameless("111122223333", "x")
GONE = nameless("222233334444", Action="ecr:DeleteRepository")


def test_the_file_gives_the_name_to_what_became_of_a_statement() -> None:
    after = policy(FIRST, SECOND)
    given = parsed(document(FIRST, SECOND))
    names = Names(after, places_of(given, places_in(given), after, "aws"))
    by_statement = dict(zip(after.statements, names.of(after), strict=True))
    assert by_statement[policy(FIRST).statements[0]] == "statement[0]"
    assert by_statement[policy(SECOND).statements[0]] == "statement[1]"
    assert names.of(policy(CHANGED)) == ("statement[1]",)
    (gone,) = names.of(policy(GONE))
    assert gone.startswith('statement["#')
    assert Names().of(policy(GONE)) == (gone,)


def test_drift_and_change_of_a_statement_have_one_address() -> None:
    desired = parsed(document(FIRST, SECOND))
    view = plan_view(make(desired, parsed(document(CHANGED, GONE)), parsed(document(SECOND, GONE))))
    (drift,) = view["drift"]
    assert drift["name"] == "statement[1]"
    names = {each["action"]: each["name"] for each in view["changes"]}
    assert names["update"] == drift["name"]
    assert names["create"] == "statement[0]"
    assert names["delete"] == Names().of(policy(GONE))[0]


def test_a_change_has_its_place_in_the_file() -> None:
    desired = parsed(document(FIRST, SECOND))
    places = (StatementPlace(0, 0, 3), StatementPlace(0, 1, 12))
    asked = Desired(desired, Source("files", FILE), places=places)
    known = Known(REGISTRY, "ecr", "now")
    changes = plan_view(build_plan(asked, policy(GONE), None, known))["changes"]
    assert {each["name"]: each["place"] for each in changes if each["action"] != "delete"} == {
        "statement[0]": {"file": "policy.json", "line": 3},
        "statement[1]": {"file": "policy.json", "line": 12},
    }
    assert [each["place"] for each in changes if each["action"] == "delete"] == [None]


def test_of_several_files_each_has_its_name_in_a_name() -> None:
    files = tuple(SourceFile(f"conf/{each}.json", "0" * 64) for each in ("a", "b"))
    source = Source("files", files, settings=SourceFile("conf/planner.toml", "1" * 64))
    places = (StatementPlace(0, 0, 3), StatementPlace(1, 0, 12))
    asked = Desired(parsed(document(FIRST, SECOND)), source, places=places)
    known = Known(REGISTRY, "ecr", "now")
    plan = build_plan(asked, policy(GONE), None, known)
    assert {each["name"]: each["place"] for each in plan_view(plan)["changes"][:2]} == {
        'statement["a.json:0"]': {"file": "conf/a.json", "line": 3},
        'statement["b.json:0"]': {"file": "conf/b.json", "line": 12},
    }
    assert load_plan(plan_text(plan).encode(), "plan.json") == plan


def test_what_stands_in_no_file_has_its_digest_and_no_place() -> None:
    after = policy(FIRST, SECOND)
    source = Source("files", (SourceFile("a.json", "0" * 64),), (None, StatementPlace(0, 0, 1)))
    plan = replace(make(parsed(document(FIRST)), None), after=after, source=source)
    first, second = plan_view(plan)["changes"]
    assert (first["name"], first["place"]) == (Names().of(after)[0], None)
    assert (second["name"], second["place"]) == ("statement[0]", {"file": "a.json", "line": 1})


def test_the_guard_names_a_statement_as_the_changes_do() -> None:
    deny = nameless("111122223333", Effect="Deny")
    view = plan_view(make(parsed(document(FIRST)), parsed(document(FIRST, deny))))
    (stop,) = view["guard"]["stops"]
    assert stop["statement"] == view["changes"][0]["name"]


def test_no_value_is_told_that_the_policy_does_not_show() -> None:
    text = document(statement("A", Action="ecr:{{action}}", Resource="*"))
    filled = parsed(text.replace("{{action}}", "replicateimage"))
    values = {"action": "replicateimage", "account": "111122223333", "secret": "hunter2"}
    known = Known(REGISTRY, "ecr", "now")
    plan = build_plan(Desired(filled, Source("files", vars=values)), None, None, known)
    assert plan.source.vars == {"action": None, "account": "111122223333", "secret": None}
    assert "hunter2" not in json.dumps(plan_view(plan))
    lists = {"ids": ("111122223333",), "more": ("111122223333", "hunter2")}
    plan = build_plan(Desired(filled, Source("files", vars=lists)), None, None, known)
    assert plan.source.vars == {"ids": ("111122223333",), "more": None}
    assert load_plan(plan_text(plan).encode(), "plan.json") == plan
    PLAN.validate(plan_view(plan))
    gone = build_plan(Desired(None, Source("destroy", vars=values)), filled, None, known)
    assert set(gone.source.vars.values()) == {None}


def test_what_comes_next() -> None:
    desired, live = parsed(document(FIRST)), parsed(document(SECOND))
    change = make(desired, live)
    same = make(desired, desired, desired)
    everyone = make(parsed(document(statement("P", Principal="*"))), None)
    for plan, step, writes, records in (
        (change, "apply", True, True),
        (make(desired, desired), "apply", False, True),
        (same, "nothing", False, False),
        (everyone, "refused", True, True),
        (replace(change, live="file"), "review", True, False),
        (replace(everyone, live="file"), "review", True, False),
    ):
        told = plan_view(plan)["next"]
        assert (told["step"], told["writes"], told["records"]) == (step, writes, records)
        assert told["refused"] == (plan.source == everyone.source and plan.after == everyone.after)
