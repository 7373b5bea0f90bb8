"""Owners as they are stored, and what is no such document."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from planner.errors import InvalidPolicyError
from planner.ownership.documents import owners_from
from planner.ownership.owned import Owned, OwnerSource, owners_json
from tests.support.policies import policy, statement

OWNERS = {
    "b": Owned(policy(statement("B"), statement(None)).statements, OwnerSource("h/r", "p"), 7, "t"),
    "a": Owned(()),
}


def test_what_was_stored_comes_back() -> None:
    document = json.loads(json.dumps(owners_json(OWNERS)))
    assert list(document) == ["a", "b"]
    assert owners_from(document, "aws") == OWNERS


def test_statements_are_canonical_once_read() -> None:
    document = owners_json(OWNERS)
    document["b"]["statements"].reverse()
    document["b"]["statements"][0]["Principal"] = {"AWS": ["111122223333"]}
    assert owners_from(document, "aws") == OWNERS


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((), []),
        (("a/b",), {}),
        (("b",), None),
        (("b", "serial"), -1),
        (("b", "serial"), True),
        (("b", "serial"), 2**60),
        (("b", "serial"), "7"),
        (("b", "at"), None),
        (("b", "source"), None),
        (("b", "source"), {}),
        (("b", "source", "path"), 7),
        (("b", "statements"), {}),
        (("b", "statements"), [{"Effect": "Allow"}]),
        (("b", "statements"), ["A"]),
    ],
)
def test_what_is_no_such_document(path: tuple[str, ...], value: Any) -> None:
    document: Any = copy.deepcopy(owners_json(OWNERS))
    if not path:
        document = value
    else:
        place = document
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
    with pytest.raises((KeyError, TypeError, ValueError, InvalidPolicyError)):
        owners_from(document, "aws")
