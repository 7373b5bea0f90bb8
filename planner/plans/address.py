"""One address for each statement of a plan, whichever of its documents the statement is in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from planner.diff.changes import statements_of
from planner.diff.pairing import pair
from planner.policy.address import StatementPlace, place_name
from planner.policy.canonical import canonical_statement
from planner.policy.document import Policy, Statement

_T = TypeVar("_T")


class Names:
    """Names statements as the policy files do.

    `after` is what the files ask for, canonical, and `places` tells where each of its
    statements stands, None for one that is in none of them; empty where there is no file.
    `labels` are what the files are called, empty for a single file.
    """

    def __init__(
        self,
        after: Policy | None = None,
        places: Sequence[StatementPlace | None] = (),
        labels: Sequence[str] = (),
    ) -> None:
        self._after = after
        self._places = places
        self._labels = labels

    def of(self, policy: Policy | None) -> tuple[str, ...]:
        """The names of the statements of any canonical policy, in their order.

        One that became a statement of a file, or was one, has that one's place; one of
        which no file knows anything has its digest.
        """
        statements = statements_of(policy)
        places: dict[int, StatementPlace | None] = {}
        if self._places:
            pairs = pair(statements, statements_of(self._after)).pairs
            places = {index: self._places[after] for index, after in pairs}
        return tuple(
            place_name(each, places.get(index), self._labels)
            for index, each in enumerate(statements)
        )

    def of_one(self, statement: Statement, policy: Policy | None) -> str:
        """The name of one statement of a canonical policy, or of one that it lacks by now."""
        found = dict(zip(statements_of(policy), self.of(policy), strict=True))
        return found.get(statement) or place_name(statement, None, self._labels)


def places_of(
    policy: Policy, places: Sequence[_T], after: Policy | None, partition: str
) -> tuple[_T | None, ...]:
    """The place of each statement of `after`, canonical; None for one that `policy` lacks.

    `places` are those of the statements of `policy`, as parsed.
    """
    waiting: dict[Statement, list[_T]] = {}
    for each, place in zip(policy.statements, places, strict=True):
        waiting.setdefault(canonical_statement(each, partition), []).append(place)
    statements = statements_of(after)
    return tuple(waiting[each].pop(0) if waiting.get(each) else None for each in statements)
