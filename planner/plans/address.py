"""One address for each statement of a plan, whichever of its documents the statement is in."""

from __future__ import annotations

from collections.abc import Sequence

from planner.diff.changes import statements_of
from planner.diff.pairing import pair
from planner.policy.address import statement_name
from planner.policy.canonical import canonical_statement
from planner.policy.document import Policy, Statement


class Names:
    """Names statements as the policy file does.

    `after` is what the file asks for, canonical, and `places` tells where each of its
    statements stands in the file; empty where there is no file.
    """

    def __init__(self, after: Policy | None = None, places: Sequence[int] = ()) -> None:
        self._after = after
        self._places = places

    def of(self, policy: Policy | None) -> tuple[str, ...]:
        """The names of the statements of any canonical policy, in their order.

        One that became a statement of the file, or was one, has that one's place; one of
        which the file knows nothing has its digest.
        """
        statements = statements_of(policy)
        places: dict[int, int] = {}
        if self._places:
            pairs = pair(statements, statements_of(self._after)).pairs
            places = {index: self._places[after] for index, after in pairs}
        return tuple(
            statement_name(each, places.get(index)) for index, each in enumerate(statements)
        )


def places_of(policy: Policy | None, after: Policy | None, partition: str) -> tuple[int, ...]:
    """Where each statement of `after`, the canonical form, stands in `policy`, from 0."""
    waiting: dict[Statement, list[int]] = {}
    for index, each in enumerate(statements_of(policy)):
        waiting.setdefault(canonical_statement(each, partition), []).append(index)
    return tuple(waiting[each].pop(0) for each in statements_of(after))
