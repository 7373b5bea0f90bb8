"""A policy from a file or from ECR to what it says, and to the registry that it is for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from planner.config.settings import Settings
from planner.config.target import Target, built_in_values
from planner.policy.address import file_labels
from planner.policy.document import JsonObject, Policy, named_registry, policy_json
from planner.policy.fragments import join
from planner.policy.load import load_policy
from planner.policy.parse import ParsedPolicy, invalid_policy, parse_policy, policy_or_problems
from planner.policy.placeholders import BUILT_IN, Placeholders
from planner.policy.tree import Problem, Tree
from planner.ports import RegistryApi
from planner.registry import Registry
from planner.stores.state import State
from planner.text import json_text
from planner.times import stamp
from planner.workflow.history import recorded_at
from planner.workflow.recorded import choose_registry

FindTarget = Callable[[Registry | None], Target]
"""The registry that a command is about, where the resources of its policy name this one."""


@dataclass(frozen=True)
class PolicyFile:
    """A policy file as it was read: its name in messages, and its bytes."""

    name: str
    data: bytes

    @cached_property
    def tree(self) -> Tree:
        """What the file says, its placeholders open."""
        return load_policy(self.data, self.name).tree


def fill(
    trees: Sequence[Tree], placeholders: Placeholders, folder: Path
) -> tuple[ParsedPolicy | list[Problem], frozenset[str]]:
    """The policy of all the files, or its problems; and the names of the placeholders in them.

    `folder` is that of the settings, from which files are named where there are several.
    """
    filled = [placeholders.fill(each) for each in trees]
    parts = [policy_or_problems(each.tree) for each in filled]
    used = frozenset[str]().union(*(each.used for each in filled))
    problems = [found for part in parts if isinstance(part, list) for found in part]
    if problems:
        return problems, used
    labels = file_labels([each.file for each in trees], folder)
    return join([part for part in parts if isinstance(part, ParsedPolicy)], labels), used


@dataclass(frozen=True, slots=True)
class PolicySource:
    """The files that together are a policy, at least one, and its name in messages.

    `is_alone` says that it may be a part of the project's policy.
    """

    name: str
    files: tuple[PolicyFile, ...]
    is_alone: bool = False

    def read(
        self, settings: Settings, find_target: FindTarget, *, stand_in: Registry | None = None
    ) -> tuple[ParsedPolicy | list[Problem], Target]:
        """The policy with its placeholders filled, or its problems; and what it is for.

        What the registry fills is filled from `stand_in` where nothing says which it is, and
        stays as it is without one.
        """
        trees = [each.tree for each in self.files]
        # The registry is looked for in the resources, so all else is filled before.
        draft, _ = fill(trees, settings.placeholders({}, BUILT_IN), settings.folder)
        if not isinstance(draft, ParsedPolicy):
            return draft, find_target(None)
        target = find_target(named_registry([draft.policy]))
        registry = target.registry or stand_in
        values, later = (built_in_values(registry), ()) if registry else ({}, BUILT_IN)
        result, _ = fill(trees, settings.placeholders(values, later), settings.folder)
        return result, target


@dataclass(frozen=True, slots=True)
class Subject:
    """The one policy that a question is about: None where the registry has none.

    `name` is that of its files, or says which other one it is. `scope` is the registry policy
    scope, V1 or V2, None where it is not known. `recorded` says of a policy from the state when
    it was asked for, and which it is: `as_of`, `serial` and `at`.
    """

    parsed: ParsedPolicy | None
    name: str
    target: Target
    scope: str | None
    recorded: JsonObject | None = None

    @property
    def policy(self) -> Policy | None:
        """The policy itself."""
        return self.parsed.policy if self.parsed else None


def subject_in_files(source: PolicySource, settings: Settings, find_target: FindTarget) -> Subject:
    """The policy in files. Raises InvalidPolicyError where it is none."""
    result, target = source.read(settings, find_target)
    if not isinstance(result, ParsedPolicy):
        raise invalid_policy(source.name, result)
    return Subject(result, source.name, target, settings.flags.scope or settings.scope_to_be)


def subject_in_ecr(api: RegistryApi, settings: Settings, target: Target) -> Subject:
    """The live policy of the registry that is reached, and its scope, read unless it is set."""
    name = "the live policy"
    reached = target.reached(api.caller().registry)
    text = api.read()
    parsed = None if text is None else parse_policy(text, name)
    return Subject(parsed, name, reached, settings.scope or api.scope())


def subject_in_state(
    state: State, settings: Settings, find_target: FindTarget, moment: datetime
) -> Subject:
    """What planner had recorded at a time, of the registry that settings or state name.

    Raises PlannerError where nothing is known of then.
    """
    target = find_target(None)
    asked = str(target.registry) if target.registry else None
    registry = choose_registry(state, asked, settings.state)
    snapshot = recorded_at(state, registry, moment)
    name, policy = f"serial {snapshot.serial}", snapshot.policy
    return Subject(
        parse_policy(json_text(policy_json(policy)), name) if policy else None,
        name,
        target.recorded(registry),
        settings.scope,
        {"as_of": stamp(moment), "serial": snapshot.serial, "at": snapshot.current.at},
    )
