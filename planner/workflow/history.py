"""What planner recorded of a registry at a serial, and at a time."""

from __future__ import annotations

from datetime import datetime

from planner.errors import PlannerError, UsageError
from planner.records.snapshot import Snapshot
from planner.registry import Registry
from planner.stores.state import State
from planner.times import parse_moment, parse_stamp, stamp

_LIST = "`planner history` lists what is recorded."


def moment_named(text: str) -> datetime:
    """The time that `--at` names. Raises UsageError."""
    try:
        return parse_moment(text)
    except ValueError:
        raise UsageError(
            f"--at {text[:40]} is no time.",
            "It is read in UTC; a date alone means its end.",
            "Write it as 2026-11-25, or as 2026-11-25T14:30Z.",
        ) from None


def recorded_as(state: State, registry: Registry, serial: int) -> Snapshot:
    """The snapshot of this serial. Raises PlannerError where none is known."""
    for each in state.history(registry):
        if isinstance(each, PlannerError):
            raise each
        if each.serial == serial:
            return each
        if each.serial < serial:
            break
    raise PlannerError(f"The history of {registry} has no serial {serial}.", "", _LIST)


def recorded_at(state: State, registry: Registry, moment: datetime) -> Snapshot:
    """The newest snapshot whose apply had begun at that time.

    Raises PlannerError where nothing is known of then.
    """
    earliest = None
    for each in state.history(registry):
        if isinstance(each, PlannerError):
            raise each
        try:
            if parse_stamp(each.current.at) <= moment:
                return each
        except ValueError:
            raise PlannerError(
                f"Serial {each.serial} of {registry} does not say when it was applied.", "", _LIST
            ) from None
        earliest = each
    detail = f"The first is serial {earliest.serial}, {earliest.current.at}." if earliest else ""
    raise PlannerError(f"Nothing of {registry} was recorded by {stamp(moment)}.", detail, _LIST)
