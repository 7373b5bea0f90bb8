"""`planner plan`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.github import github_output as handed_on
from planner.cli.output import Output, show
from planner.config.settings import Flags
from planner.errors import UsageError
from planner.render.interface import View

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.plans.plan import Plan
    from planner.workflow.live import LiveSource


@options.takes("policy_file", *options.PLANNING, "state", *options.SHARING, shows="plan")
def plan(
    flags: Flags,
    output: Output,
    out: options.Out = None,
    live: Annotated[
        Path | None,
        typer.Option(
            "--live",
            metavar="FILE",
            help="Compare with a saved live policy, without AWS. To review, not to apply.",
        ),
    ] = None,
    destroy: options.Destroy = False,
    who: options.Who = False,
    detailed_exitcode: options.DetailedExitcode = False,
    all_statements: options.AllStatements = False,
    github_output: options.GithubOutput = False,
) -> int:
    """Show what would change, statement by statement. Changes nothing.

    Compares the policy file, the recorded state and the live policy of the
    registry that your AWS credentials and Region reach.
    """
    from planner.cli.planned import exit_code_of
    from planner.plans.view import plan_view
    from planner.render.github_output import plan_outputs

    with handed_on(wanted=github_output) as tell:
        made = _make(flags, out, live, destroy=destroy, who=who)
        view = plan_view(made)
        tell(plan_outputs(view))
        saved_as = str(out) if out else None
        again = options.made_again(flags)
        show(View("plan", view), output, saved_as=saved_as, again=again, every=all_statements)
    return exit_code_of(view, detailed=detailed_exitcode)


def _make(flags: Flags, out: Path | None, live: Path | None, *, destroy: bool, who: bool) -> Plan:
    """Makes the plan, and saves it where that is asked for."""
    from planner.cli.policies import tell_wrapping
    from planner.cli.warnings import (
        warn_of_journal,
        warn_of_opaque,
        warn_of_settings,
        warn_of_state,
    )
    from planner.cli.wiring import Wiring
    from planner.stores.plans import check_target, save_plan
    from planner.workflow.authorship import authors_of
    from planner.workflow.planning import make_plan

    if live is not None and who:
        raise UsageError(
            "--who and --live are both given.",
            "--who asks AWS, and --live does without.",
            "Leave one out.",
        )
    wiring = Wiring(flags)
    inputs = wiring.inputs(destroy=destroy)
    tell_wrapping(*inputs.trees)
    warn_of_settings(wiring)
    if out is not None:
        check_target(out)
    if live is None:
        warn_of_state(wiring)
    looks = live is None or wiring.settings.is_state_local
    source = _saved(wiring, live) if live else wiring.live_source()
    made = make_plan(inputs, source, wiring.state if looks else None, wiring.clock)
    if who:
        made = authors_of(made, wiring.state, wiring.trail(), wiring.clock)
    warn_of_opaque(made)
    if looks:
        warn_of_journal(wiring, made.registry)
    if out is not None:
        save_plan(made, out)
    return made


def _saved(wiring: Wiring, path: Path) -> LiveSource:
    """The live policy in a file; the null device stands for none."""
    from planner.cli.policies import tell_wrapping
    from planner.stores.inside import read_given
    from planner.workflow.live import SavedSource

    data = None if str(path) == os.devnull else read_given(path, "saved policy")
    source = SavedSource(data, str(path), wiring.target)
    tell_wrapping(source.unusual)
    return source
