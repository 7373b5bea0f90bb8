"""A plan between two policies, for the guard to look at."""

from __future__ import annotations

from planner.plans.plan import Plan, Source, StateRef
from planner.policy.document import Policy
from planner.registry import Registry

HERE = Registry("aws", "444455556666", "us-west-2")


def plan_of(before: Policy | None, after: Policy | None) -> Plan:
    state = StateRef("lineage", 1)
    return Plan(HERE, Source("accept"), state, "ecr", before, before, after, "now", "planner")
