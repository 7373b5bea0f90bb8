"""What the workflow needs of the outside world. Adapters stand in `aws` and `state`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from planner.errors import PlannerError
from planner.registry import Registry
from planner.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes the calls: the ARN that STS names, and the registry the calls reach."""

    arn: str
    registry: Registry


class OutcomeUnknownError(Exception):
    """A write was sent and its answer lost: only reading tells whether it took effect."""

    def __init__(self, cause: PlannerError) -> None:
        super().__init__(cause.summary)
        self.cause = cause


class RegistryApi(Protocol):
    """One registry's policy in ECR. Every method raises PlannerError on an expected failure."""

    def caller(self) -> Caller:
        """Who calls, and which registry is reached."""

    def read(self) -> str | None:
        """The live policy text as ECR prints it; None where there is no policy."""

    def put(self, text: str) -> None:
        """Replaces the policy. Raises OutcomeUnknownError where the answer was lost."""

    def delete(self) -> None:
        """Removes the policy, or does nothing. Raises OutcomeUnknownError as `put` does."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A snapshot as it was read, with the version token that a later write must match."""

    snapshot: Snapshot | None
    token: str | None


class StateStore(Protocol):
    """Snapshots and locks, one of each per registry. Methods raise PlannerError."""

    def read(self, registry: Registry) -> Stored:
        """The recorded snapshot, or none."""

    def write(self, snapshot: Snapshot, token: str | None) -> None:
        """Records a snapshot if what is stored still has `token`; StalePlanError if not."""

    def check_writable(self, registry: Registry) -> None:
        """Raises where a write would fail, before anything is changed."""

    def lock(self, registry: Registry, holder: str) -> AbstractContextManager[None]:
        """Holds the registry's lock while open; LockedError where somebody else does."""


class Clock(Protocol):
    """Time."""

    def now(self) -> str:
        """The time in UTC, as `2026-11-23T22:37:57Z`."""

    def sleep(self, seconds: float) -> None:
        """Waits."""
