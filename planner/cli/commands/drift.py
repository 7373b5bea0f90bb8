"""`planner drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, notice, show
from planner.config.settings import Flags
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.records.drift import Drift

_DRIFTED = 7


@options.takes("file", *options.PLANNING, "state", "scope", "lock_timeout", shows="drift")
def drift(
    flags: Flags,
    output: Output,
    who: options.Who = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Record the live policy in the state.")
    ] = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 7 if there is drift, 0 if none.")
    ] = False,
    auto_approve: options.AutoApprove = False,
) -> int:
    """Show what changed outside planner since the state was recorded.

    Compares the live policy with the recorded one, statement by statement. No
    option of it changes anything at AWS.
    """
    from planner.cli.asking import approve, check_can_ask
    from planner.cli.warnings import warn_of_journal, warn_of_settings, warn_of_state
    from planner.cli.wiring import Wiring
    from planner.records.drift import drift_view
    from planner.workflow.drift import check_acceptable, find_drift

    if accept:
        check_can_ask(auto_approve=auto_approve)
    wiring = Wiring(flags)
    warn_of_settings(wiring)
    warn_of_state(wiring)
    trail = wiring.trail() if who else None
    found = find_drift(wiring.settings, wiring.live_source(), wiring.state, wiring.clock, trail)
    warn_of_journal(wiring, found.registry)
    show(View("drift", drift_view(found)), output)
    if accept and found.is_there:
        check_acceptable(found)
        approve(f"Record this as the policy of {found.registry}?", auto_approve=auto_approve)
        _accept(wiring, found)
        return 0
    return _DRIFTED if detailed_exitcode and found.is_there else 0


def _accept(wiring: Wiring, found: Drift) -> None:
    from planner.cli.machine import Signals
    from planner.workflow.drift import accept

    with Signals() as signals:
        snapshot = accept(found, wiring.apply_context(signals, found.registry.region))
    notice(f"Recorded in the state: serial {snapshot.serial}. Nothing was changed at AWS.")
