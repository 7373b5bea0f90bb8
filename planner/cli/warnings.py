"""What a user should know about the settings and the state before they read a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from planner.cli.output import warn
from planner.cli.wiring import Wiring, settings_beside
from planner.config.settings import FILE_NAME
from planner.errors import PlannerError
from planner.registry import Registry

if TYPE_CHECKING:
    from planner.plans.plan import Plan


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


def warn_of_opaque(plan: Plan) -> None:
    """Says on standard error that the live policy cannot be read, where it cannot."""
    if plan.opaque:
        warn(
            f"planner cannot read the live policy: {plan.opaque.reason}.\n"
            "Its grammar may be newer than this planner. The plan goes by its text: who gains and\n"
            "who loses access is unknown, and apply wants a reason (--approve)."
        )
