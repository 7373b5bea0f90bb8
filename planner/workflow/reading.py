"""A policy from a file or from ECR to what it says, and to the registry that it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from planner.config.settings import Settings
from planner.config.target import Target, built_in_values
from planner.policy.document import Policy, named_registry
from planner.policy.parse import ParsedPolicy, invalid_policy, parse_policy, policy_or_problems
from planner.policy.placeholders import BUILT_IN
from planner.policy.syntax import read_source
from planner.policy.tree import Problem
from planner.ports import RegistryApi
from planner.registry import Registry

FindTarget = Callable[[Registry | None], Target]
"""The registry that a command is about, where the resources of its policy name this one."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy file as it was read: its name in messages, and its bytes."""

    name: str
    data: bytes

    def read(
        self, settings: Settings, find_target: FindTarget, *, stand_in: Registry | None = None
    ) -> tuple[ParsedPolicy | list[Problem], Target]:
        """The policy with its placeholders filled, or its problems; and what it is for.

        What the registry fills is filled from `stand_in` where nothing says which it is, and
        stays as it is without one.
        """
        tree = read_source(self.data, self.name)
        # The registry is looked for in the resources, so all else is filled before.
        draft = policy_or_problems(settings.placeholders({}, BUILT_IN).fill(tree).tree)
        if not isinstance(draft, ParsedPolicy):
            return draft, find_target(None)
        target = find_target(named_registry([draft.policy]))
        registry = target.registry or stand_in
        values, later = (built_in_values(registry), ()) if registry else ({}, BUILT_IN)
        filled = settings.placeholders(values, later).fill(tree).tree
        return policy_or_problems(filled), target


@dataclass(frozen=True, slots=True)
class Subject:
    """The one policy that a question is about: None where the registry has none.

    `name` is that of its file, or says that it is the live one. `scope` is the registry policy
    scope, V1 or V2, None where it is not known.
    """

    parsed: ParsedPolicy | None
    name: str
    target: Target
    scope: str | None

    @property
    def policy(self) -> Policy | None:
        """The policy itself."""
        return self.parsed.policy if self.parsed else None


def subject_in_file(file: PolicyFile, settings: Settings, find_target: FindTarget) -> Subject:
    """The policy in a file. Raises InvalidPolicyError where it is none."""
    result, target = file.read(settings, find_target)
    if not isinstance(result, ParsedPolicy):
        raise invalid_policy(file.name, result)
    return Subject(result, file.name, target, settings.flags.scope or settings.scope_to_be)


def subject_in_ecr(api: RegistryApi, settings: Settings, target: Target) -> Subject:
    """The live policy of the registry that is reached, and its scope, read unless it is set."""
    name = "the live policy"
    reached = target.reached(api.caller().registry)
    text = api.read()
    parsed = None if text is None else parse_policy(text, name)
    return Subject(parsed, name, reached, settings.scope or api.scope())
