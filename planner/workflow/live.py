"""Reading the live policy through the port."""

from __future__ import annotations

from planner.policy.canonical import canonicalise
from planner.policy.document import Policy
from planner.ports import RegistryApi
from planner.registry import Registry
from planner.workflow.planning import parse_live


def read_live(api: RegistryApi, registry: Registry) -> tuple[str | None, Policy | None]:
    """The live policy as ECR prints it and in canonical form; None where there is none."""
    text = api.read()
    return text, None if text is None else canonicalise(parse_live(text), registry.partition)
