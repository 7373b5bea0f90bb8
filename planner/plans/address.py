"""How people and tools name what is in a registry, as Terraform would."""

from __future__ import annotations

from planner.registry import Registry


def address(registry: Registry, name: str) -> str:
    """The address of something in a registry.

    >>> address(Registry("aws", "444455556666", "us-west-2"), 'statement["A"]')
    'registry["444455556666/us-west-2"].statement["A"]'
    """
    return f'registry["{registry}"].{name}'
