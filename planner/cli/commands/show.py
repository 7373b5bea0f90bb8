"""`planner show`."""

from __future__ import annotations

from planner.cli import options
from planner.cli.output import Output
from planner.cli.output import show as print_view
from planner.config.settings import Flags
from planner.render.interface import View


@options.takes("config", "state", shows="plan")
def show(
    flags: Flags,
    output: Output,
    plan_file: options.PlanFile,
    all_statements: options.AllStatements = False,
) -> None:
    """Print a saved plan again, exactly as `plan` did."""
    from planner.cli.warnings import warn_of_journal
    from planner.cli.wiring import Wiring
    from planner.plans.view import plan_view
    from planner.stores.plans import read_plan

    saved = read_plan(plan_file)
    wiring = Wiring(flags)
    if wiring.settings.is_state_local:
        warn_of_journal(wiring, saved.registry)
    view = View("plan", plan_view(saved))
    print_view(view, output, saved_as=str(plan_file), every=all_statements)
