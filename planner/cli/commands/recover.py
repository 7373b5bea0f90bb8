"""`planner recover`."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import say
from planner.config.settings import Flags


@options.takes(*options.AWS, "account_id", "config", "state", "lock_timeout")
def recover(
    flags: Flags,
    discard: Annotated[
        bool,
        typer.Option("--discard", help="Drop the journal and leave ECR and the state alone."),
    ] = False,
) -> None:
    """Settle an apply that never ended, and say what was found.

    If ECR holds what was planned, it is recorded. If ECR holds what it held
    before, the journal is discarded. If it holds something else, both texts
    are saved, and nothing is changed.
    """
    from planner.cli.machine import Signals
    from planner.cli.wiring import Wiring
    from planner.workflow.state_admin import discard_journal, recover_alone

    with Signals() as signals:
        run = Wiring(flags).apply_context(signals)
        recovery = discard_journal(run) if discard else recover_alone(run)
    if recovery.copy:
        say(f"The journal is dropped; a copy is in {recovery.copy}")
    elif recovery.outcome == "none":
        say(f"There is nothing to settle: no journal of {recovery.registry} stands.")
