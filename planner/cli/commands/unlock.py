"""`planner unlock`."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import say
from planner.config.settings import Flags


@options.takes(*options.STATE)
def unlock(
    flags: Flags,
    lock_id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The id, or its first 8 characters or more; or ACCOUNT/REGION.",
        ),
    ],
    auto_approve: options.AutoApprove = False,
) -> None:
    """Remove a lock whose holder is gone for good.

    It tells whose lock it is, and asks. A lock ends by itself when its holder
    does; unlock is for the impatient.
    """
    from planner.cli.asking import approve
    from planner.cli.wiring import Wiring
    from planner.records.lock import Lock
    from planner.workflow.state_admin import find_lock, release_lock

    state = Wiring(flags).state
    found = find_lock(state, lock_id)
    if isinstance(found.lock, Lock):
        say(found.lock.describe())
    else:
        say(found.lock.summary)
    approve(f"Remove the lock of {found.registry}?", auto_approve=auto_approve)
    release_lock(state, found)
    say(f"The lock that stood in {found.place}:")
    say(found.text.rstrip())
    say(f"Unlocked {found.registry}.")
