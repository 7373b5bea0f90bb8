"""Policies as the commands read them: files for `validate`, the one that a question is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.config.settings import name_of
from planner.errors import UsageError
from planner.policy.document import Policy
from planner.policy.parse import valid_policy
from planner.policy.placeholders import Placeholders, parse_assignments
from planner.policy.syntax import read_source
from planner.stores.inside import read_given

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.workflow.reading import PolicySource, Subject


def read_file(path: Path) -> PolicySource:
    """A policy file that stands alone, `-` for standard input."""
    from planner.workflow.reading import PolicyFile, PolicySource

    name = name_of(path)
    return PolicySource(name, (PolicyFile(name, read_given(path, "policy file")),), is_alone=True)


def read_own(wiring: Wiring) -> PolicySource:
    """The policy of the project, or the one that stands for it on the command line."""
    from planner.workflow.reading import PolicySource

    return PolicySource(wiring.settings.policy_name, wiring.read_policies())


def read_any(path: Path, assignments: Sequence[str], later: tuple[str, ...] = ()) -> Policy:
    """The policy of any AWS service in a file; `assignments` fill it, and `later` stays open."""
    tree = read_source(read_given(path, "policy file"), name_of(path))
    filled = Placeholders(parse_assignments(assignments), later).fill(tree).tree
    return valid_policy(filled, dialect="any").policy


def read_subject(wiring: Wiring, *, live: bool, at: str | None = None) -> Subject:
    """The policy that a question is about: live, as it was recorded at a time, or in its files."""
    from planner.workflow.reading import subject_in_ecr, subject_in_files, subject_in_state

    if at is not None:
        from planner.workflow.history import moment_named

        if live or wiring.settings.flags.policy:
            detail = "It asks what the state has recorded, and no file and not the live policy."
            raise UsageError("--at takes no policy.", detail, "Leave one of them out.")
        settings = wiring.settings
        return subject_in_state(wiring.state, settings, wiring.target, moment_named(at))
    if live:
        return subject_in_ecr(wiring.registry_api(), wiring.settings, wiring.target())
    return subject_in_files(read_own(wiring), wiring.settings, wiring.target)
