"""What must approve a plan before it is applied: its id, the guard, and what is asserted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from planner.errors import AssertionsError, GuardError, StalePlanError
from planner.guard.assertion import Assertion
from planner.guard.checks import Stop
from planner.guard.settings import Guard
from planner.plans.plan import Plan
from planner.plans.plan_id import SHORT_ID, expects


@dataclass(frozen=True, slots=True)
class Approval:
    """What approves a plan before anybody is asked.

    `expected` is the id that it must have. `reason` says why what the guard asks about is
    meant. With `asks` somebody is asked as well.
    """

    expected: str | None
    reason: str | None
    asks: bool


def check_expected(plan: Plan, expected: str | None) -> None:
    """Raises StalePlanError unless the plan has the id that was approved."""
    if expected is not None and not expects(plan.id, expected):
        raise StalePlanError(
            "This is not the plan that was approved.",
            f"Its id is {plan.id[:SHORT_ID]}, and --expect asks for {expected[:64]}.",
            "Review the new plan and approve its id.",
        )


def check_guard(
    plan: Plan, guards: Iterable[Guard], approved: str | None, caller: str | None = None
) -> None:
    """Raises GuardError where a guard refuses the plan, or asks and no reason is given.

    `caller` is the ARN of who applies: the guard asks whether they could undo it.
    """
    found: list[Stop] = []
    for guard in guards:
        found += [stop for stop in plan.stops(guard, caller) if stop not in found]
    refused = [stop for stop in found if stop.answer == "refuse"]
    asked = [stop for stop in found if stop.answer == "ask"]
    told = [stop.to_json() for stop in refused or asked]
    if refused:
        raise GuardError(
            "The guard refuses this plan.",
            told,
            "Change the policy. If it is meant, let the guard ask instead of refuse: "
            f'{refused[0].check} = "ask" under {_guard_table(plan)} in planner.toml, '
            "and plan again.",
        )
    if asked and not (approved or "").strip():
        raise GuardError(
            "The guard asks for a reason.",
            told,
            'If it is meant, add --approve "REASON" to the command. The reason is recorded.',
        )


def _guard_table(plan: Plan) -> str:
    """The table of the settings whose answers come first for such a plan."""
    if plan.owner is None:
        return "[guard]"
    return f"[guard.owner.{json.dumps(plan.owner) if '.' in plan.owner else plan.owner}]"


def check_assertions(plan: Plan, assertions: Iterable[Assertion]) -> None:
    """Raises AssertionsError unless all of them hold of the policy that the plan leads to."""
    judged = plan.judge(dict.fromkeys(assertions))
    if failed := [each.to_json() for each in judged if each.result != "holds"]:
        raise AssertionsError(
            "This plan is refused: what planner.toml asserts does not hold.",
            failed,
            "Change the policy. If it is no longer to hold: [[assert]] in planner.toml.",
        )
