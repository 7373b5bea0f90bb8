"""What stands in the place of a snapshot whose state was moved elsewhere.

So no run goes on in the old place without knowing: whoever reads it is told the new one, and a
planner that does not know it takes it for a damaged snapshot.
"""

from __future__ import annotations

from typing import Any

from planner.errors import PlannerError
from planner.text import clean, json_text, json_value


def moved_text(place: str) -> str:
    """The document that says where a snapshot is now.

    >>> moved_to(moved_text("s3://bucket/"))
    's3://bucket/'
    """
    return json_text({"version": 2, "moved_to": place})


def moved_to(text: str) -> str | None:
    """The place that such a document names; None for any other text."""
    try:
        return place_in(json_value(text))
    except ValueError:
        return None


def place_in(document: Any) -> str | None:
    """The place that a document names as the new one of its snapshot, None for no such document."""
    place = document.get("moved_to") if isinstance(document, dict) else None
    return place if isinstance(place, str) else None


def moved_error(name: str, place: str) -> PlannerError:
    """The refusal to work with a state that was moved; `name` says where it stood."""
    return PlannerError(
        f"The state {name} has moved.",
        f"`planner state migrate` has moved it to {clean(place)}",
        "Give that place as `state` in planner.toml or as --state, and plan again.",
    )
