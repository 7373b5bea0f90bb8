"""Ports that hold everything in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from planner.errors import PlannerError
from planner.ports import CallerIdentity, TrailEvent, TrailEvents
from planner.registry import Registry

REGISTRY = Registry("aws", "444455556666", "us-west-2")


@dataclass
class FakeRegistry:
    """A registry with a policy and a scope. `calls` lists what was asked of it, in order."""

    text: str | None = None
    scope_is: str | None = None
    registry: Registry = REGISTRY
    endpoint: str | None = None
    has_credentials: bool = True
    calls: list[str] = field(default_factory=list)

    def caller(self) -> CallerIdentity:
        self.calls.append("caller")
        return CallerIdentity("arn:aws:iam::444455556666:role/ci", self.registry)

    def scope(self) -> str | None:
        self.calls.append("scope")
        return self.scope_is

    def read_scope(self) -> str:
        self.calls.append("scope")
        if self.scope_is is None:
            raise PlannerError("planner could not read the registry policy scope.")
        return self.scope_is

    def raise_scope(self) -> None:
        self.calls.append("raise")
        self.scope_is = "V2"

    def read(self) -> str | None:
        self.calls.append("read")
        return self.text

    def put(self, text: str, _names: Sequence[str] = ()) -> None:
        self.calls.append("put")
        self.text = text

    def delete(self) -> None:
        self.calls.append("delete")
        self.text = None


class StoppedClock:
    """It is always the same moment."""

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 22, 37, 57, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Takes no time."""


@dataclass
class FakeTrail:
    """A trail that has these events, or fails. `asked` lists since when it was asked."""

    events: tuple[TrailEvent, ...] = ()
    is_complete: bool = True
    failure: PlannerError | None = None
    asked: list[datetime] = field(default_factory=list)

    def writes(self, since: datetime) -> TrailEvents:
        self.asked.append(since)
        if self.failure:
            raise self.failure
        return TrailEvents(self.events, self.is_complete)
