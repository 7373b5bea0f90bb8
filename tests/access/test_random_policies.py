"""Comparisons against brute force over a small universe, and the algebra of policies."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given as drawn
from hypothesis import settings

from planner.access.compare import compare
from planner.access.principal_classes import PrincipalPartition, principal_classes
from planner.access.request import is_meant
from planner.policy.canonical import canonicalise
from planner.policy.document import Policy
from tests.support.comparing import REGISTRY, checked, turned
from tests.support.effort import tries
from tests.support.policies import policies
from tests.support.small_world import missed, random_policy


@pytest.mark.parametrize("seed", range(tries(4)))
def test_brute_force_finds_nothing_that_was_missed(seed: int) -> None:
    rng = random.Random(seed)
    verdicts = set()
    for _ in range(12):
        before = random_policy(rng)
        after = random_policy(rng, keys=1)
        if rng.random() < 0.5:
            after = replace(before, statements=(*before.statements[1:], after.statements[0]))
        found = checked(before, after)
        assert missed(before, after, found) == (None, None)
        verdicts.add(found.verdict)
    assert len(verdicts) > 1


@settings(max_examples=tries(10))
@drawn(policies, policies)
def test_the_algebra_of_policies(one: Policy, other: Policy) -> None:
    assert compare(one, one).verdict == "equivalent"
    found = checked(one, other)
    swapped = compare(other, one)
    assert (swapped.gained, swapped.lost) == (turned(found.lost), turned(found.gained))
    assert (swapped.denied, swapped.released) == (turned(found.released), turned(found.denied))
    assert found.verdict == compare(canonicalise(one), canonicalise(other)).verdict
    assert found == compare(one, other)
    more = replace(
        one,
        statements=(
            *one.statements,
            *(each for each in other.statements if each.effect == "Allow"),
        ),
    )
    broader = compare(one, more)
    assert not broader.lost
    assert broader.verdict in ("equivalent", "broadens", "unknown")
    less = replace(
        one,
        statements=(*one.statements, *(each for each in other.statements if each.effect == "Deny")),
    )
    assert not compare(one, less).gained


@settings(max_examples=tries(40))
@drawn(policies)
def test_a_crowd_knows_whom_a_principal_means(one: Policy) -> None:
    crowd = PrincipalPartition(principal_classes(one.statements, REGISTRY))
    for each in one.statements:
        meant = crowd.meant(each)
        for number, someone in enumerate(crowd.members):
            assert bool(meant >> number & 1) == (
                is_meant(each.principal, someone.caller, each.effect, someone.context) is True
            )
