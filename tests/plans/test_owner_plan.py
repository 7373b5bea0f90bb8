"""The plan file of an owner: it comes back whole, and is believed as a whole or not at all."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from planner.errors import PlannerError
from planner.ownership.owned import Owned, OwnerSource
from planner.ownership.settle import Share
from planner.plans.build import Desired, Known, build_plan
from planner.plans.file import load_plan
from planner.plans.plan import Plan
from planner.plans.source import Source, SourceFile, StateRef
from planner.plans.view import checksum, plan_text, plan_view
from planner.registry import Registry
from tests.support.policies import document, parsed, places_in, policy, statement
from tests.support.schema import PLAN

REGISTRY = Registry("aws", "444455556666", "us-west-2")
HERE = OwnerSource("github.com/acme/registry", "planner.toml")
TWO = "222233334444"
MINE, THEIRS, TAKEN = statement("Mine"), statement("Theirs", TWO), statement("Taken")
ADOPTED, NOBODYS, NAMELESS = statement("Adopted"), statement("Nobodys"), statement(None)
EDITED = statement("Theirs", "333344445555")
LIVE = policy(MINE, EDITED, TAKEN, ADOPTED, NOBODYS, NAMELESS)
WANTED = document(statement("Mine", TWO), statement("Taken", TWO), ADOPTED, NAMELESS)
OWNERS = {
    "a": Owned(policy(MINE, NAMELESS).statements, HERE, 7, "then"),
    "b": Owned(policy(THEIRS, TAKEN, NAMELESS).statements, OwnerSource(), 5, "before"),
}


def make(**share: Any) -> Plan:
    wanted = parsed(WANTED)
    return build_plan(
        Desired(
            wanted, Source("files", (SourceFile("mine.json", "0" * 64),)), (), places_in(wanted)
        ),
        LIVE,
        policy(MINE, THEIRS, TAKEN, NOBODYS, NAMELESS),
        Known(
            REGISTRY,
            "ecr",
            "2026-11-23T22:37:57Z",
            StateRef("a-lineage", 9, "s3://bucket/", 7, exclusive=False),
            share=Share("a", None, HERE, **{"take": ("Taken",), **share}),
            owners=OWNERS,
        ),
    )


def sealed(view: dict[str, Any]) -> bytes:
    """The file of a view that somebody changed, under a checksum that fits."""
    content = {key: value for key, value in view.items() if key != "checksum"}
    return json.dumps({**content, "checksum": checksum(content)}).encode()


def test_it_comes_back() -> None:
    plan = make()
    view = plan_view(plan)
    PLAN.validate(view)
    assert load_plan(plan_text(plan).encode(), "plan.json") == plan
    assert [each["owners"] for each in view["taken"]] == [["b"]]
    told = {each["name"]: each["owners"] for each in view["kept"]}
    assert told == {
        'statement["Theirs"]': ["b"],
        'statement["Nobodys"]': [],
        "statement[3]": ["a", "b"],
    }
    assert view["own"]["adopted"] == ['statement["Adopted"]']
    assert [(each["owners"], each["resolution"]) for each in view["drift"]] == [
        ([], "keep"),
        (["b"], "keep"),
    ]


def test_whose_takes_how_much() -> None:
    sizes = {each["owner"]: each["size"] for each in plan_view(make())["sizes"]}
    assert set(sizes) == {"a", "b", "a and b", None}
    assert sizes["a"] > sizes["b"] > 0
    assert sum(sizes.values()) < len(make().after_text or "")


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        for key in path[:-1]:
            document = document[key]
        document[path[-1]] = to

    return change


STATEMENT = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}


@pytest.mark.parametrize(
    "change",
    [
        _set("owner", to=None),
        _set("owner", to="b"),
        _set("owner", to="a/b"),
        _set("own", to=None),
        _set("own", "before", to=[]),
        _set("own", "before", 0, "Effect", to="Deny"),
        _set("own", "after", to=None),
        _set("own", "after", "Statement", 0, "Effect", to="Deny"),
        _set("own", "adopted", to=[]),
        _set("own", "take", to=[]),
        _set("own", "take", to=[7]),
        _set("own", "take_all", to="yes"),
        _set("own", "source", to=None),
        _set("own", "source", "path", to=7),
        _set("taken", to=[]),
        _set("taken", 0, "owners", to=[]),
        _set("taken", 0, "owners", to=["c"]),
        _set("kept", to=[]),
        _set("kept", 0, "owners", to=["a"]),
        _set("sizes", 0, "size", to=1),
        _set("owners", to={}),
        _set("owners", "b", "statements", to=[]),
        _set("owners", "a", "statements", to=[]),
        _set("owners", "c", to={"statements": [STATEMENT]}),
        _set("after", "Statement", 0, "Effect", to="Deny"),
        _set("drift", to=[]),
        _set("drift", 0, "resolution", to="restore"),
        _set("drift", 0, "owners", to=["a"]),
        _set("state", "exclusive", to="no"),
        _set("state", "exclusive", to=True),
        _set("state", "owner_serial", to=8),
        _set("state", "owner_serial", to=None),
        _set("owners", "a", "serial", to=8),
    ],
)
def test_an_edit_is_seen_even_under_a_right_checksum(change: Callable[[Any], None]) -> None:
    view = copy.deepcopy(plan_view(make()))
    change(view)
    with pytest.raises(PlannerError, match="not an intact plan"):
        load_plan(sealed(view), "plan.json")


def test_what_only_one_owner_lists_is_no_exclusive_plan() -> None:
    """Without an owner the same documents would destroy what others have."""
    view = copy.deepcopy(plan_view(make()))
    view.update(owner=None, own=None)
    with pytest.raises(PlannerError, match="not an intact plan"):
        load_plan(sealed(view), "plan.json")


def test_the_id_is_of_what_is_ones_own_too() -> None:
    plan = make()
    other = build_plan(
        Desired(parsed(WANTED), plan.source),
        LIVE,
        None,
        Known(
            REGISTRY,
            "ecr",
            "2027-01-01T00:00:00Z",
            StateRef(place="elsewhere"),
            share=Share("a", None, take_all=True),
        ),
    )
    assert other.after == plan.after
    assert other.id != plan.id
    assert make(take_all=True).id == plan.id
