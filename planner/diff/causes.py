"""Why a change is in a plan: three documents compared, the file's, the state's and ECR's."""

from __future__ import annotations

from typing import Literal

from planner.diff.changes import Change, Create, Delete, statements_of
from planner.diff.pairing import pair
from planner.policy.document import Policy, Statement

Cause = Literal["config", "drift", "conflict", "unmanaged"]
"""`config`: the file changed. `drift`: the live policy changed outside planner. `conflict`:
both did. `unmanaged`: the live policy has the statement, and the state never did."""


class Causes:
    """Finds the cause of each change from `live` to `desired`, given what was `recorded`."""

    def __init__(
        self, recorded: Policy | None, live: Policy | None, desired: Policy | None
    ) -> None:
        self._recorded = statements_of(recorded)
        self._of_live = _origins(recorded, live)
        self._of_desired = _origins(recorded, desired)

    def of(self, change: Change) -> Cause:
        """The cause of one change of `diff(live, desired)`."""
        if isinstance(change, Create):
            origin = self._of_desired.get(change.index)
            return cause_of(self._statement(origin), None, change.after)
        if isinstance(change, Delete):
            origin = self._of_live.get(change.index)
            return cause_of(self._statement(origin), change.before, None)
        origin = self._of_live.get(change.before_index, self._of_desired.get(change.index))
        return cause_of(self._statement(origin), change.before, change.after)

    def _statement(self, index: int | None) -> Statement | None:
        return None if index is None else self._recorded[index]


def _origins(recorded: Policy | None, policy: Policy | None) -> dict[int, int]:
    """For each statement of `policy`, the index of the recorded one it comes from."""
    pairs = pair(statements_of(recorded), statements_of(policy)).pairs
    return {index: origin for origin, index in pairs}


def cause_of(recorded: object, live: object, desired: object) -> Cause:
    """The cause of a difference between `live` and `desired`; None stands for nothing there.

    >>> cause_of(recorded="old", live="old", desired="new")
    'config'
    >>> cause_of(recorded="old", live="touched", desired="old")
    'drift'
    >>> cause_of(recorded="old", live="touched", desired="new")
    'conflict'
    >>> cause_of(recorded=None, live="made by hand", desired=None)
    'unmanaged'
    """
    if recorded is None:
        return "config" if live is None else "unmanaged"
    if recorded == live:
        return "config"
    return "drift" if recorded == desired else "conflict"
