"""A plan between two policies, for the guard to look at."""

from __future__ import annotations

from planner.plans.plan import Plan
from planner.plans.source import Source, StateRef
from planner.policy.document import Policy
from planner.registry import Registry

HERE = Registry("aws", "444455556666", "us-west-2")


def plan_of(before: Policy | None, after: Policy | None) -> Plan:
    """Nothing has changed outside planner."""
    return plan_over(before, before, after)


def plan_over(recorded: Policy | None, before: Policy | None, after: Policy | None) -> Plan:
    """A plan of a registry whose state has recorded this policy."""
    state = StateRef("lineage", 1)
    return Plan(HERE, Source("files"), state, "ecr", recorded, before, after, "now", "planner")
