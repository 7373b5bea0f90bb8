"""How a command ends that has shown a plan."""

from __future__ import annotations

from planner.cli.output import notice
from planner.errors import GuardError
from planner.policy.document import JsonObject

_DOES_SOMETHING = 2


def exit_code_of(plan: JsonObject, *, detailed: bool) -> int:
    """The exit code for the view of a plan; one that is refused is said to be.

    `detailed` tells a plan by which apply would do something from one by which it would not.
    """
    from planner.render.words import refused_text

    if refused_by := plan["next"]["refused_by"]:
        notice(f"{refused_text(refused_by, 'this plan')} `planner apply` would not write it.")
        return GuardError.exit_code
    does_something = plan["next"]["writes"] or plan["next"]["records"]
    return _DOES_SOMETHING if detailed and does_something else 0
