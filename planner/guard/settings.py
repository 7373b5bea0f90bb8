"""The guard's settings: an answer for each check, as `[guard]` in planner.toml gives them.

Each check is answered by `allow`, by `ask` (apply wants a reason, which is recorded) or by
`refuse`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from planner.policy.document import JsonObject

Answer = Literal["allow", "ask", "refuse"]
ANSWERS: tuple[Answer, ...] = ("allow", "ask", "refuse")
"""From the mildest to the strictest."""

DEFAULTS: Mapping[str, Answer] = {
    "broadening": "allow",
    "public": "refuse",
    "new-account": "allow",
    "lockout": "refuse",
    "own-access": "ask",
    "removes-deny": "ask",
    "removes-last-allow": "ask",
    "empties-policy": "allow",
    "max-removals": "ask",
    "drift-undone": "ask",
    "unknown": "ask",
    "own-only": "allow",
}
"""Every check, with its answer where planner.toml gives none. Giving access is what plans are
for and what their review looks at; `--destroy` has said itself that it empties the policy."""

REMOVAL_LIMIT = 5


@dataclass(frozen=True, slots=True)
class Guard:
    """The answers to checks by their names, and how many statements may go at once."""

    answers: Mapping[str, Answer] = field(default_factory=lambda: dict(DEFAULTS))
    removal_limit: int = REMOVAL_LIMIT

    def to_json(self) -> JsonObject:
        """The guard as a plan holds it."""
        return {"answers": dict(self.answers), "removal_limit": self.removal_limit}


def guard_from(document: JsonObject) -> Guard:
    """The guard that `to_json` gave. Raises KeyError, TypeError or ValueError for another."""
    given = document["answers"]
    answers = {name: ANSWERS[ANSWERS.index(given[name])] for name in DEFAULTS}
    limit = document["removal_limit"]
    if set(given) != set(DEFAULTS) or not isinstance(limit, int) or isinstance(limit, bool):
        raise ValueError("not a guard")
    return Guard(answers, limit)
