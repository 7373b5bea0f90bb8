"""What a user should know about the state before they read a plan."""

from __future__ import annotations

from planner.cli.output import warn
from planner.cli.project import Project
from planner.config.settings import FILE_NAME
from planner.errors import PlannerError
from planner.registry import Registry


def warn_of_journal(project: Project, registry: Registry) -> None:
    """Says on standard error that an apply has not ended, where one has not."""
    try:
        journal = project.state.journal(registry).value
    except PlannerError as error:
        warn(f"{error.summary} {error.hint}")
        return
    if journal:
        warn(f"{journal.describe()} `planner recover` settles it; so does the next apply.")


def warn_of_settings(project: Project) -> None:
    """Says on standard error that settings lie beside the policy file and are not read."""
    beside = project.settings.policy.parent / FILE_NAME
    if project.settings.file is None and beside.is_file():
        warn(f"{beside} is not read: planner reads {FILE_NAME} of the current folder, or --config.")


def warn_of_state(project: Project) -> None:
    """Says on standard error what the store of the state lacks."""
    for sentence in project.state.blobs.warnings():
        warn(sentence)
