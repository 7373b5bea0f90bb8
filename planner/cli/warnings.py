"""What a user should know about the settings and the state before they read a plan."""

from __future__ import annotations

from planner.cli.output import warn
from planner.cli.wiring import Wiring, settings_beside
from planner.config.settings import FILE_NAME
from planner.errors import PlannerError
from planner.registry import Registry


def warn_of_journal(wiring: Wiring, registry: Registry) -> None:
    """Says on standard error that an apply has not ended, where one has not."""
    try:
        journal = wiring.state.journal(registry).value
    except PlannerError as error:
        warn(f"{error.summary} {error.hint}")
        return
    if journal:
        warn(f"{journal.describe()} `planner recover` settles it; so does the next apply.")


def warn_of_settings(wiring: Wiring) -> None:
    """Says on standard error that settings lie beside the policy file and are not read."""
    if beside := settings_beside(wiring.settings):
        warn(f"{beside} is not read: planner reads {FILE_NAME} of the current folder, or --config.")


def warn_of_state(wiring: Wiring) -> None:
    """Says on standard error what the store of the state lacks."""
    for sentence in wiring.state.blobs.warnings():
        warn(sentence)
