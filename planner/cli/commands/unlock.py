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
) -> None:
    """Remove a lock whose holder is gone for good.

    A lock ends by itself when its holder does; unlock is for the impatient.
    """
    from planner.cli.wiring import Wiring
    from planner.workflow import state_admin

    say(f"Unlocked {state_admin.unlock(Wiring(flags).state, lock_id)}.")
