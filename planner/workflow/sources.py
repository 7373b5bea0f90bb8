"""Whether the files that a plan was made from still ask for what it writes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from planner.config.target import built_in_values
from planner.errors import StalePlanError
from planner.plans.plan import Plan
from planner.policy.canonical import canonicalise
from planner.policy.parse import ParsedPolicy
from planner.policy.placeholders import Placeholders
from planner.text import clean
from planner.workflow.reading import PolicyFile, fill

ReadSource = Callable[[str], bytes | None]
"""Reads a file by the name that a plan has for it; None where it is not there or not ours."""


def check_files(plan: Plan, read: ReadSource) -> None:
    """Raises StalePlanError where the files of the plan ask for something else by now.

    Where none of them is there, as on a runner that was handed the plan alone, nothing is
    compared. Another spelling of the same policy is no change, as far as that can be told: a
    variable whose value the plan does not show leaves only the bytes to compare.
    """
    found = {each.path: read(each.path) for each in plan.source.files}
    changed = [
        each.path
        for each in plan.source.files
        if (data := found[each.path]) is None or hashlib.sha256(data).hexdigest() != each.sha256
    ]
    if not changed or not any(each is not None for each in found.values()):
        return
    files = [PolicyFile(path, data) for path, data in found.items() if data is not None]
    if len(files) == len(found) and _give(plan, files):
        return
    raise StalePlanError(
        "The plan is stale: its policy files have changed since.",
        "\n".join(
            f"{clean(each)} is {'gone' if found[each] is None else 'another'} now."
            for each in changed
        ),
        "Make a new plan and have it reviewed, or apply it where its files are as they were.",
    )


def _give(plan: Plan, files: list[PolicyFile]) -> bool:
    """Whether the files surely ask for what the plan was made to give."""
    shown = {name: value for name, value in plan.source.vars.items() if value is not None}
    wanted = plan.share.wanted if plan.share else plan.after
    if wanted is None or len(shown) < len(plan.source.vars):
        return False
    placeholders = Placeholders({**shown, **built_in_values(plan.registry)})
    parsed, _ = fill([each.tree for each in files], placeholders, Path())
    if not isinstance(parsed, ParsedPolicy):
        return False
    return canonicalise(parsed.policy, plan.registry.partition) == wanted
