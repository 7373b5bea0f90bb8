"""Asking before something is done: `yes` on a terminal, or `--auto-approve`."""

from __future__ import annotations

import sys

from planner.cli.machine import refuse_without_terminal
from planner.cli.output import say
from planner.errors import PlannerError


def agrees(question: str) -> bool:
    """Whether the user types `yes`."""
    say(f"\n{question}")
    say("  Only 'yes' will be accepted to approve.\n")
    say("  Enter a value: ", end="")
    return sys.stdin.readline().strip() == "yes"


def check_can_ask(*, auto_approve: bool) -> None:
    """Raises UsageError where nobody has approved and nobody can be asked."""
    if not auto_approve:
        refuse_without_terminal("This wants an approval.", "Give it by --auto-approve.")


def approve(question: str, *, auto_approve: bool) -> None:
    """Asks, unless that is approved already. Raises PlannerError where the answer is not `yes`.

    What it is about has been shown.
    """
    check_can_ask(auto_approve=auto_approve)
    if not auto_approve and not agrees(question):
        raise PlannerError("Cancelled.", "", "Nothing was changed.")
