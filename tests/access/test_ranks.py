"""What a registry's policy denies, and what its scope and its own account make of it."""

from __future__ import annotations

from typing import Any

import pytest

from planner.access.compare import compare
from tests.support.comparing import REGISTRY, at, checked, deny, not_at, rule
from tests.support.policies import policy
from tests.support.small_world import TWO

RANKS = [
    ("a Deny beside it", [at("a*")], [at("a*"), not_at("b*")], "narrows"),
    ("a Deny that goes", [rule(), deny(Principal={"AWS": TWO})], [rule()], "broadens"),
    ("a Deny alone", [], [deny(Principal="*", Action="ecr:*", Resource="*")], "narrows"),
    ("the own account by its name", [], [rule(Principal={"AWS": "444455556666"})], "equivalent"),
]


@pytest.mark.parametrize(("before", "after", "verdict"), [case[1:] for case in RANKS])
def test_what_is_denied_in_a_registry_counts(
    before: list[dict[str, Any]], after: list[dict[str, Any]], verdict: str
) -> None:
    """Under IAM or a repository's own policy it may have been allowed."""
    old = policy(*before) if before else None
    found = checked(old, policy(*after), REGISTRY)
    assert found.verdict == verdict
    assert found.unknown == ()


def test_the_own_people_come_first_among_the_denied() -> None:
    frozen = policy(deny(Principal="*", Action="ecr:*", Resource="*"))
    own, *others = checked(None, frozen, REGISTRY).denied
    assert (own.principal.kind, own.principal.id, own.own) == ("own", "444455556666", True)
    assert own.ranks == ("not said", "denied")
    assert not any(each.own for each in others)


def test_under_v1_three_actions_count() -> None:
    wide = policy(rule(Action="ecr:*"))
    (row,) = compare(None, wide, REGISTRY, "V1").gained
    assert row.actions == (
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
        "ecr:ReplicateImage",
    )
    assert compare(wide, wide, REGISTRY, "V1", "V2").verdict == "broadens"
    assert compare(None, policy(rule(Action="ecr:PutImage")), REGISTRY, "V1").gained == ()
