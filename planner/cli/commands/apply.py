"""`planner apply`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.asking import agrees
from planner.cli.github import Tell
from planner.cli.github import github_output as handed_on
from planner.cli.machine import refuse_without_terminal
from planner.cli.output import Output, notice, say, show
from planner.config.settings import Flags
from planner.errors import UsageError
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.plans.plan import Plan
    from planner.workflow.applying import Applied


@options.takes("policy", *options.PLANNING, "state", *options.SHARING, "lock_timeout", "approve")
def apply(
    flags: Flags,
    plan_file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PLAN]",
            help="A plan that `planner plan --out` saved. Without one, a plan is made and "
            "shown, and you are asked.",
            show_default=False,
        ),
    ] = None,
    expect: Annotated[
        str | None,
        typer.Option("--expect", metavar="PLAN_ID", help="Apply only the plan with this id."),
    ] = None,
    auto_approve: Annotated[
        bool, typer.Option("--auto-approve", help="Do not ask before applying a plan made now.")
    ] = False,
    destroy: options.Destroy = False,
    github_output: options.GithubOutput = False,
    no_color: options.NoColor = False,
) -> None:
    """Write exactly what a plan says, or refuse.

    A saved plan is applied without a question: saving and approving it was the
    question. If the registry has moved since, or the policy files of the plan are
    here and ask for something else by now, the plan is stale and nothing is written.
    """
    if expect is not None:
        _check_id(expect)
    with handed_on(wanted=github_output) as tell:
        if plan_file is not None:
            _check_complete(flags, destroy=destroy)
            done = _apply_saved(flags, plan_file, expect)
        else:
            asks = not auto_approve and expect is None
            if asks:
                refuse_without_terminal(
                    "Without a saved plan, apply wants its plan approved.",
                    "Apply a saved plan, or give --expect PLAN_ID or --auto-approve.",
                )
            done = _apply_now(flags, expect, Output(no_color=no_color), asks=asks, destroy=destroy)
        _conclude(*done, tell)


def _apply_saved(flags: Flags, plan_file: Path, expect: str | None) -> tuple[Plan, Applied]:
    from planner.cli.warnings import warn_of_opaque, warn_of_state
    from planner.cli.wiring import Wiring
    from planner.stores.inside import read_ours
    from planner.stores.plans import read_plan
    from planner.workflow.applying import apply_saved

    plan = read_plan(plan_file)
    wiring = Wiring(flags)
    warn_of_state(wiring)
    warn_of_opaque(plan)
    return plan, apply_saved(plan, expect, read_ours, wiring.open_run)


def _apply_now(
    flags: Flags, expect: str | None, output: Output, *, asks: bool, destroy: bool
) -> tuple[Plan, Applied]:
    from planner.cli.warnings import warn_of_opaque, warn_of_settings, warn_of_state
    from planner.cli.wiring import Wiring
    from planner.workflow.applying import apply_now
    from planner.workflow.approval import Approval
    from planner.workflow.planning import make_plan

    wiring = Wiring(flags)
    inputs = wiring.inputs(destroy=destroy)
    warn_of_settings(wiring)
    warn_of_state(wiring)

    def make() -> Plan:
        plan = make_plan(inputs, wiring.live_source(), wiring.state, wiring.clock)
        warn_of_opaque(plan)
        return plan

    approval = Approval(expect, flags.approve, asks)
    return apply_now(make, _Terminal(output, options.made_again(flags)), approval, wiring.open_run)


def _check_id(expect: str) -> None:
    from planner.plans.plan_id import SHORT_ID, is_plan_id

    if not is_plan_id(expect):
        raise UsageError(
            "--expect wants a plan id.",
            f"That is the {SHORT_ID} hexadecimal digits that are shown, or all 64. With fewer "
            "somebody could\nmake another plan whose id begins the same.",
            "`planner plan` and `planner show` print it.",
        )


def _check_complete(flags: Flags, *, destroy: bool) -> None:
    shaping = (flags.policy, destroy, flags.vars, flags.take, flags.take_all, flags.move_owner)
    if any(shaping):
        raise UsageError(
            "A saved plan is complete.",
            "--policy, --var, --destroy, --take, --take-all and --move-owner shape a plan while "
            "it is\nmade.",
            "Leave them out, or leave out the plan to have one made now.\n"
            "A pattern needs quotes: --policy 'policies/*.json'",
        )


class _Terminal:
    """Asks the user on the terminal."""

    def __init__(self, output: Output, again: tuple[str, ...]) -> None:
        self._output = output
        self._again = again

    def show(self, plan: Plan) -> None:
        """Prints the plan."""
        from planner.plans.view import plan_view

        show(View("plan", plan_view(plan)), self._output, again=self._again)

    def approves(self, plan: Plan) -> bool:
        """Whether the user types `yes`."""
        registry = plan.registry
        return agrees(f"Apply this to {registry.account_id} / {registry.region}?")


def _conclude(plan: Plan, applied: Applied, tell: Tell) -> None:
    from planner.plans.view import plan_view
    from planner.render.github_output import applied_outputs
    from planner.render.words import rolled_back_text

    view = plan_view(plan)
    tell(applied_outputs(view, is_change=applied.is_change))
    count = view["summary"] if applied.is_change else {"add": 0, "change": 0, "destroy": 0}
    if applied.is_change:
        say("")
    elif applied.outcome == "nothing":
        say("No changes. The registry and the state are as planned.\n")
    say(
        f"Apply complete! Resources: {count['add']} added, {count['change']} changed, "
        f"{count['destroy']} destroyed."
    )
    if plan.source.serial is not None:
        notice(rolled_back_text(plan.source.serial))
