"""A plan's id as people see and type it. It is the approval token of the plan."""

from __future__ import annotations

SHORT_ID = 12
"""Characters of a plan id that are shown, and the fewest that `--expect` takes."""


def expects(plan_id: str, expected: str) -> bool:
    """Whether `expected` is the plan id or a beginning of it of at least SHORT_ID characters."""
    expected = expected.strip().lower()
    return len(expected) >= SHORT_ID and plan_id.startswith(expected)
