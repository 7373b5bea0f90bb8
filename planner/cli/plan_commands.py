"""The commands that make, show and apply plans."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import notice, print_lines, say
from planner.config.settings import Flags
from planner.errors import GuardError, UsageError

PlanFile = Annotated[
    Path, typer.Argument(metavar="PLAN", help="A file that `planner plan --out` wrote.")
]


@options.takes("policy_file", *options.PLANNING, "state")
def plan(
    flags: Flags,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Save the plan, to apply it later.")
    ] = None,
    live: Annotated[
        Path | None,
        typer.Option(
            "--live",
            metavar="FILE",
            help="Compare with a saved live policy, without AWS. To review, not to apply.",
        ),
    ] = None,
    destroy: options.Destroy = False,
    json: options.Json = False,
    detailed_exitcode: Annotated[
        bool,
        typer.Option("--detailed-exitcode", help="Exit 2 if there are changes, 0 if none."),
    ] = False,
    no_color: options.NoColor = False,
) -> int:
    """Show what would change, statement by statement. Changes nothing.

    Compares the policy file, the recorded state and the live policy of the
    registry that your AWS credentials and Region reach.
    """
    from planner.cli.planfiles import check_target, save_plan
    from planner.cli.project import Project
    from planner.cli.standing import warn_of_journal, warn_of_settings, warn_of_state
    from planner.plans.plan import as_json
    from planner.render.text.plan import plan_lines

    project = Project(flags, destroy=destroy)
    warn_of_settings(project)
    if out is not None:
        check_target(out)
    if live is None:
        warn_of_state(project)
    made = project.plan() if live is None else project.plan_against(live)
    if live is None or project.settings.is_state_local:
        warn_of_journal(project, made.registry)
    if out is not None:
        save_plan(made, out)
    if json:
        say(as_json(made.to_json()))
    else:
        print_lines(plan_lines(made.to_json(), str(out) if out else None), no_color=no_color)
    if any(stop.answer == "refuse" for stop in made.stops(made.guard)):
        notice("The guard refuses this plan: planner apply would not write it.")
        return GuardError.exit_code
    return 2 if detailed_exitcode and made.has_changes else 0


@options.takes("config", "state")
def show(
    flags: Flags,
    plan_file: PlanFile,
    json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Print a saved plan again, exactly as `plan` did."""
    from planner.cli.planfiles import read_plan
    from planner.cli.project import Project
    from planner.cli.standing import warn_of_journal
    from planner.plans.plan import as_json
    from planner.render.text.plan import plan_lines

    saved = read_plan(plan_file)
    project = Project(flags)
    if project.settings.is_state_local:
        warn_of_journal(project, saved.registry)
    if json:
        say(as_json(saved.to_json()))
    else:
        print_lines(plan_lines(saved.to_json(), str(plan_file)), no_color=no_color)


@options.takes("policy", *options.PLANNING, "state", "lock_timeout", "approve")
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
    no_color: options.NoColor = False,
) -> None:
    """Write exactly what a plan says, or refuse.

    A saved plan is applied without a question: saving and approving it was the
    question. If the registry has moved since, the plan is stale and nothing is
    written.
    """
    from planner.cli.applying import apply_now, apply_saved
    from planner.cli.project import Project
    from planner.plans.plan_id import SHORT_ID

    if expect is not None and not re.fullmatch(rf"[0-9a-fA-F]{{{SHORT_ID},64}}", expect.strip()):
        raise UsageError(
            "--expect wants a plan id.",
            f"A plan id has 64 hexadecimal digits; the first {SHORT_ID} are enough.",
            "`planner plan` and `planner show` print it.",
        )
    if plan_file is None:
        apply_now(
            Project(flags, destroy=destroy), expect, auto_approve=auto_approve, no_color=no_color
        )
        return
    if flags.policy or destroy or flags.vars:
        raise UsageError(
            "A saved plan is complete.",
            "--policy, --var and --destroy shape a plan while it is made.",
            "Leave them out, or leave out the plan to have one made now.",
        )
    apply_saved(plan_file, Project(flags), expect)
