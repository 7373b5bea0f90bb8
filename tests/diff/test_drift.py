"""What becomes of a change that was made outside planner."""

from __future__ import annotations

import pytest

from planner.diff.changes import diff
from planner.diff.drift import resolutions
from planner.policy.canonical import canonicalise
from planner.policy.document import JsonObject, Policy
from planner.policy.parse import parse_policy
from tests.support.policies import document, statement

A, B = statement("A"), statement("B", "222233334444")
A2, A3 = (statement("A", number * 12) for number in "34")


def policy(*statements: JsonObject) -> Policy | None:
    text = document(*statements)
    return canonicalise(parse_policy(text).policy, "aws") if statements else None


@pytest.mark.parametrize(
    ("recorded", "live", "desired", "found"),
    [
        ([A], [A2], [A], "restore"),
        ([A], [A2], [A2], "agree"),
        ([A], [A2], [A3], "replace"),
        ([A, B], [B], [B], "agree"),
        ([B], [B, A], [B], "remove"),
        ([B], [B, A], [B, A2], "replace"),
        ([A2], [A2, A], [A2], "remove"),
        ([B], [B, A], [B, A], "agree"),
    ],
)
def test_resolutions(
    recorded: list[JsonObject], live: list[JsonObject], desired: list[JsonObject], found: str
) -> None:
    before, now, after = policy(*recorded), policy(*live), policy(*desired)
    assert resolutions(diff(before, now), now, after) == (found,)
