"""Which registry of those that the state has recorded is meant."""

from __future__ import annotations

from planner.errors import PlannerError
from planner.records.snapshot import Snapshot
from planner.registry import Registry
from planner.stores.state import State


def choose_registry(state: State, name: str | None, place: str) -> Registry:
    """The registry of this name, `ACCOUNT/REGION`, or the only one that the state holds.

    `place` is the state's in messages. Raises PlannerError where not exactly one is meant.
    """
    found = state.registries()
    chosen = [each for each in found if name is None or str(each) == name]
    if len(chosen) == 1:
        return chosen[0]
    if not found:
        raise PlannerError(
            f"The state in {place} is empty.",
            "",
            "`planner apply` and `planner import` write it.",
        )
    names = "\n".join(map(str, found))
    summary = f"The state has no registry {name}." if name else "Which registry?"
    raise PlannerError(summary, f"The state in {place} holds:\n{names}", "Name one of them.")


def choose_snapshot(state: State, name: str | None, place: str) -> Snapshot:
    """The snapshot of the registry that `choose_registry` finds."""
    return state.snapshot_of(choose_registry(state, name, place))
