"""Whatever a malformed value may mean, what is said for certain stays true."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from planner.access.api import compare
from planner.policy.action import ActionPattern, parse_action
from planner.policy.document import Patterns, Policy, Principal, Statement
from planner.policy.principal import PrincipalId, parse_principal
from planner.policy.resource import ResourcePattern, parse_resource
from tests.support.effort import tries
from tests.support.small_world import ONE, TWO, missed, random_policy

ROLE = f"arn:aws:iam::{ONE}:role/a/"
PRINCIPALS = (parse_principal("AWS", ROLE), parse_principal("AWS", "someone"))
ACTIONS = (parse_action("CreateRepository"), parse_action("ecr:Create Repository"))
RESOURCES = (parse_resource("b*"), parse_resource("arn:aws:ecr:uswest2:1:repository/*"))
# What each malformed value may mean: nothing at all, or what some other value means.
Value = PrincipalId | ActionPattern | ResourcePattern
MEANINGS: dict[Value, tuple[str, ...]] = {
    PRINCIPALS[0]: ("", "*", ONE, f"arn:aws:iam::{ONE}:role/p/ci"),
    PRINCIPALS[1]: ("", "*", TWO),
    ACTIONS[0]: ("", "*", "ecr:CreateRepository"),
    ACTIONS[1]: ("", "ecr:*"),
    RESOURCES[0]: ("", "*"),
    RESOURCES[1]: ("", "arn:aws:ecr:us-west-2:111111111111:repository/a*"),
}


def spoiled(rng: random.Random, policy: Policy) -> Policy:
    """The policy with malformed values among the others."""
    return replace(policy, statements=tuple(_spoiled(rng, each) for each in policy.statements))


def _spoiled(rng: random.Random, each: Statement) -> Statement:
    assert each.principal is not None
    if rng.random() < 0.35:
        ids = (*each.principal.ids, ("AWS", (rng.choice(PRINCIPALS),)))
        each = replace(each, principal=replace(each.principal, ids=ids[rng.randrange(2) :]))
    if rng.random() < 0.15:
        actions = (*each.action.values, rng.choice(ACTIONS))
        each = replace(each, action=replace(each.action, values=actions))
    if rng.random() < 0.15 and each.resource:
        resources = (*each.resource.values, rng.choice(RESOURCES))
        each = replace(each, resource=replace(each.resource, values=resources))
    return each


def meaning(policy: Policy, chosen: dict[Value, str]) -> Policy:
    """The policy if its malformed values mean what is chosen."""

    def of(each: Statement) -> Statement:
        assert each.principal is not None
        assert each.resource is not None
        ids = tuple(
            (
                kind,
                tuple(
                    parse_principal("AWS", chosen[one]) if one in chosen else one
                    for one in found
                    if chosen.get(one) != ""
                ),
            )
            for kind, found in each.principal.ids
        )
        actions = tuple(
            parse_action(chosen.get(one, one.text))
            for one in each.action.values
            if chosen.get(one) != ""
        )
        resources = tuple(
            parse_resource(chosen.get(one, one.text))
            for one in each.resource.values
            if chosen.get(one) != ""
        )
        return replace(
            each,
            principal=Principal(ids, each.principal.negated),
            action=Patterns(actions, each.action.negated),
            resource=Patterns(resources, each.resource.negated),
        )

    return replace(policy, statements=tuple(map(of, policy.statements)))


@pytest.mark.parametrize("seed", range(tries(3)))
def test_what_is_certain_holds_for_every_meaning(seed: int) -> None:
    rng = random.Random(seed)
    verdicts = set()
    for _ in range(8):
        before = spoiled(rng, random_policy(rng, keys=1))
        after = spoiled(rng, random_policy(rng, keys=1))
        if rng.random() < 0.7:
            kept = before.statements[rng.randrange(2) :]
            after = replace(before, statements=(*kept, *after.statements[:1]))
        found = compare(before, after)
        verdicts.add(found.verdict)
        for _ in range(3):
            chosen = {value: rng.choice(texts) for value, texts in MEANINGS.items()}
            old, new = meaning(before, chosen), meaning(after, chosen)
            assert missed(old, new, found) == (None, None), chosen
            assert not found.gained or compare(old, new).gained, found.gained
    assert len(verdicts) > 1
