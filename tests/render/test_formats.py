"""The table of formats: what there is of it draws, and what there is not is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from planner.access.answer import Words, answer, question_of
from planner.access.compare import compare
from planner.access.query import Filters, granted
from planner.access.view import access_view, comparison_view, decision_view
from planner.errors import UsageError
from planner.lint.view import findings_view, rules_view
from planner.policy.parse import ParsedPolicy, find_problems
from planner.registry import Registry
from planner.render.formats import FORMATS, format_names, render
from planner.render.interface import Look, View, ViewKind
from tests.support.lint import find
from tests.support.policies import document, statement

HERE = Registry("aws", "444455556666", "us-west-2")
TEXT = document(
    statement("Replicate", Action="ecr:ReplicateImage"),
    statement("Unclear", "222233334444", Condition={"StringMatches": {"a:b": "c"}}),
)
NAMES = [each.name for each in FORMATS]


def views() -> dict[ViewKind, dict[str, Any]]:
    parsed = find_problems(TEXT, "p.json")
    assert isinstance(parsed, ParsedPolicy)
    policy = parsed.policy
    question = question_of(Words("999999999999", "ecr:ReplicateImage", "a"), HERE)
    found = answer(policy, question, HERE, None)
    return {
        "findings": findings_view(find(TEXT), 1),
        "rules": rules_view(),
        "access": access_view(granted(policy, HERE, Filters()), HERE, {"111122223333": "build"}),
        "decision": decision_view(found, parsed, HERE, None),
        "comparison": comparison_view(compare(None, policy, HERE), HERE),
    }


VIEWS = views()
DRAWN: list[tuple[ViewKind, str]] = [(kind, name) for kind in VIEWS for name in format_names(kind)]


@pytest.mark.parametrize(("kind", "name"), DRAWN)
def test_every_format_of_a_kind_draws_it(kind: ViewKind, name: str) -> None:
    text = render(View(kind, VIEWS[kind]), name, Look())
    assert text.endswith("\n")
    assert "\x1b" not in text
    assert {"findings": "replicat", "rules": "own-account", "decision": "Replicate"}.get(
        kind, "111122223333"
    ) in text


@pytest.mark.parametrize("kind", VIEWS)
def test_json_is_the_view_and_says_first_what_it_is(kind: ViewKind) -> None:
    view = VIEWS[kind]
    assert list(view)[:2] == ["kind", "format_version"]
    assert view["kind"] == kind
    assert json.loads(render(View(kind, view), "json", Look())) == view


@pytest.mark.parametrize("kind", VIEWS)
def test_text_is_coloured_where_that_is_asked_for_and_says_the_same(kind: ViewKind) -> None:
    view = View(kind, VIEWS[kind])
    plain, coloured = (render(view, "text", Look(colour=each)) for each in (False, True))
    for code in ("0", "1", "2", "31", "32", "33"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert [each.rstrip() for each in coloured.splitlines()] == plain.splitlines()


@pytest.mark.parametrize(
    ("kind", "name"),
    [(kind, name) for kind in VIEWS for name in NAMES if (kind, name) not in DRAWN],
)
def test_what_a_format_does_not_draw_is_refused_with_those_that_do(
    kind: ViewKind, name: str
) -> None:
    with pytest.raises(UsageError) as caught:
        render(View(kind, VIEWS[kind]), name, Look())
    assert caught.value.exit_code == 64
    assert all(each in caught.value.hint for each in format_names(kind))
