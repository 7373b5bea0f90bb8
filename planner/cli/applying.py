"""`planner apply`: the question, the steps as they go, and the closing line."""

from __future__ import annotations

import sys
from pathlib import Path

from planner.cli.machine import Signals, refuse_without_terminal
from planner.cli.output import print_lines, say
from planner.cli.planfiles import read_plan
from planner.cli.project import Project
from planner.cli.standing import warn_of_settings, warn_of_state
from planner.errors import PlannerError
from planner.plans.plan import Plan
from planner.render.text.plan import plan_lines
from planner.workflow.applying import Applied, apply_plan, check_expected, check_guard


def apply_saved(path: Path, project: Project, expect: str | None) -> None:
    """Applies a saved plan without a question."""
    plan = read_plan(path)
    check_expected(plan, expect)
    warn_of_state(project)
    _run(plan, project)


def apply_now(project: Project, expect: str | None, *, auto_approve: bool, no_color: bool) -> None:
    """Makes a plan, shows it, and applies it once it is approved."""
    approved = auto_approve or expect is not None
    if not approved:
        refuse_without_terminal(
            "Without a saved plan, apply wants its plan approved.",
            "Apply a saved plan, or give --expect PLAN_ID or --auto-approve.",
        )
    warn_of_settings(project)
    warn_of_state(project)
    plan = project.plan()
    print_lines(plan_lines(plan.to_json(), None), no_color=no_color)
    check_expected(plan, expect)
    check_guard(plan, (plan.guard,), project.settings.flags.approve)
    if plan.has_changes and not approved:
        _ask(plan)
    say("")
    _run(plan, project)


def _ask(plan: Plan) -> None:
    registry = plan.registry
    say(f"\nApply this to {registry.account_id} / {registry.region}?")
    say("  Only 'yes' will be accepted to approve.\n")
    say("  Enter a value: ", end="")
    if sys.stdin.readline().strip() != "yes":
        raise PlannerError("Apply cancelled.", "", "Nothing was changed.")


def _run(plan: Plan, project: Project) -> None:
    with Signals() as signals:
        run = project.apply_context(signals, fallback_region=plan.registry.region)
        applied = apply_plan(plan, run)
    _conclude(plan, applied)


def _conclude(plan: Plan, applied: Applied) -> None:
    added = changed = destroyed = 0
    if applied.outcome in ("written", "recovered"):
        summary = plan.to_json()["summary"]
        added, changed, destroyed = summary["add"], summary["change"], summary["destroy"]
        say("")
    elif applied.outcome == "nothing":
        say("No changes. The registry and the state are as planned.\n")
    say(f"Apply complete! Resources: {added} added, {changed} changed, {destroyed} destroyed.")
