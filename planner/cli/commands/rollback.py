"""`planner rollback`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, show
from planner.config.settings import Flags
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.plans.plan import Plan


@options.takes(*options.AWS, "account_id", "config", "state", shows="plan")
def rollback(
    flags: Flags,
    output: Output,
    serial: Annotated[
        int | None,
        typer.Argument(
            metavar="[SERIAL]",
            help="As `planner history` has it. Default: the one before your own last change.",
            show_default=False,
        ),
    ] = None,
    out: options.Out = None,
    detailed_exitcode: options.DetailedExitcode = False,
    all_statements: options.AllStatements = False,
) -> int:
    """Plan to go back to the policy of a serial. Changes nothing.

    In a shared registry that is this owner's statements alone. Save the plan,
    and `planner apply FILE` writes it. No policy file is read or changed.
    """
    from planner.cli.planned import exit_code_of
    from planner.plans.view import plan_view

    view = plan_view(_make(flags, serial, out))
    saved_as = str(out) if out else None
    again = options.made_again(flags)
    show(View("plan", view), output, saved_as=saved_as, again=again, every=all_statements)
    return exit_code_of(view, detailed=detailed_exitcode)


def _make(flags: Flags, serial: int | None, out: Path | None) -> Plan:
    from planner.cli.warnings import (
        warn_of_journal,
        warn_of_opaque,
        warn_of_settings,
        warn_of_state,
    )
    from planner.cli.wiring import Wiring
    from planner.stores.plans import check_target, save_plan
    from planner.workflow.rollback import make_rollback

    wiring = Wiring(flags)
    warn_of_settings(wiring)
    if out is not None:
        check_target(out)
    warn_of_state(wiring)
    source, state = wiring.live_source(), wiring.state
    made = make_rollback(wiring.inputs_without_files(), serial, source, state, wiring.clock)
    warn_of_opaque(made)
    warn_of_journal(wiring, made.registry)
    if out is not None:
        save_plan(made, out)
    return made
