"""What one run of a changing command works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from planner.errors import InterruptedRunError
from planner.guard.assertion import Assertion
from planner.guard.settings import Guard
from planner.ports import Clock, RegistryApi, Report
from planner.stores.state import State


@dataclass(frozen=True, slots=True)
class LockSettings:
    """The host that takes locks, their lease, and how long it waits for another's lock."""

    host: str
    lease: timedelta
    timeout: timedelta


class Interrupt(Protocol):
    """Whether the user, or a CI runner, has asked for the end of the run."""

    @property
    def requested(self) -> bool:
        """True from the first signal on."""


Save = Callable[[str, str], str]
"""Saves a text for the user under a name, and gives the place where it stands."""


@dataclass(frozen=True, slots=True)
class ApplyContext:
    """The ports and settings of one run.

    `user` is who runs it, where AWS is not asked for a caller. `report` tells of progress,
    `notice` of what is being waited for. `guard` has the limits and `assertions` what is
    asserted now, `approved` is the reason given for crossing the limits that ask.
    """

    api: RegistryApi
    state: State
    clock: Clock
    lock: LockSettings
    user: str
    report: Report
    notice: Report
    save: Save
    interrupt: Interrupt
    guard: Guard = field(default_factory=Guard)
    assertions: tuple[Assertion, ...] = ()
    approved: str | None = None

    def stop_if_interrupted(self) -> None:
        """Raises InterruptedRunError once the end of the run was asked for."""
        if self.interrupt.requested:
            raise InterruptedRunError("Interrupted.", "", "Nothing was changed.")
