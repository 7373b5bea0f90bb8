"""Policies as the commands read them: files for `validate`, the one that a question is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.output import notice
from planner.config.settings import name_of
from planner.errors import UsageError
from planner.policy.document import Policy
from planner.policy.load import load_policy
from planner.policy.parse import valid_policy
from planner.policy.placeholders import Placeholders, parse_assignments
from planner.policy.tree import Tree
from planner.stores.inside import read_given
from planner.text import clean

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.workflow.reading import PolicySource, Subject


def tell_wrapping(*trees: Tree | None) -> None:
    """Says on standard error what policies were read from, where a file is another document."""
    for each in trees:
        if each and each.wrapping:
            notice(clean(f"The policy is read from {each.wrapping}."))


def read_file(path: Path) -> PolicySource:
    """A policy file that stands alone, `-` for standard input."""
    from planner.workflow.reading import PolicyFile, PolicySource

    name = name_of(path)
    file = PolicyFile(name, read_given(path, "policy file"))
    tell_wrapping(file.tree)
    return PolicySource(name, (file,), is_alone=True)


def read_own(wiring: Wiring) -> PolicySource:
    """The policy of the project, or the one that stands for it on the command line."""
    from planner.workflow.reading import PolicySource

    files = wiring.read_policies()
    tell_wrapping(*(each.tree for each in files))
    return PolicySource(wiring.settings.policy_name, files)


def read_any(path: Path, assignments: Sequence[str], later: tuple[str, ...] = ()) -> Policy:
    """The policy of any AWS service in a file; `assignments` fill it, and `later` stays open."""
    tree = load_policy(read_given(path, "policy file"), name_of(path)).tree
    tell_wrapping(tree)
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
    if owner := wiring.settings.toml.owner:
        notice(f"This is {owner}'s part of the policy alone; --live asks the whole.")
    return subject_in_files(read_own(wiring), wiring.settings, wiring.target)
