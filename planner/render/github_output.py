"""What a run hands on to later steps of a GitHub Actions job: lines of its file of outputs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-output-parameter
"""

from __future__ import annotations

from collections.abc import Mapping

from planner.policy.document import JsonObject
from planner.render.words import refused_text
from planner.text import clean, inert

FAILURE = "failure-reason"
"""The output that says in one sentence why a run failed; empty where it did not."""


def plan_outputs(plan: JsonObject) -> dict[str, str]:
    """The outputs of a plan, from its view."""
    refused_by = plan["next"]["refused_by"]
    return {
        "plan-id": plan["plan_id"],
        "changes": _flag(plan["next"]["writes"] or plan["next"]["records"]),
        "verdict": plan["access"]["verdict"],
        **{f"to-{kind}": str(number) for kind, number in plan["summary"].items()},
        FAILURE: refused_text(refused_by, "this plan") if refused_by else "",
    }


def applied_outputs(plan: JsonObject, *, is_change: bool) -> dict[str, str]:
    """The outputs of an apply: of its plan, and whether ECR was changed by it."""
    return {**plan_outputs(plan), "changes": _flag(is_change), FAILURE: ""}


def _flag(value: bool) -> str:  # noqa: FBT001 - it is all there is
    return str(value).lower()


def output_lines(values: Mapping[str, str]) -> str:
    r"""The lines of a file of outputs. A value is one line, and nobody obeys it when it is printed.

    >>> output_lines({"failure-reason": "a\nplan-id=b<<c"})
    'failure-reason=a\\u000aplan-id=b<<c\n'
    """
    return "".join(f"{name}={inert(clean(value))}\n" for name, value in values.items())
