"""Applies in this process, against stores that can end it at any write."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from planner.errors import PlannerError
from planner.plans.build import Desired, Known, build_plan
from planner.plans.plan import Plan
from planner.plans.source import Source, StateRef
from planner.policy.document import Policy
from planner.policy.opaque import read_any
from planner.ports import BlobStore
from planner.stores.state import State, snapshot_key
from planner.workflow.applying import apply_plan
from planner.workflow.context import ApplyContext, LockSettings
from tests.support.fakes import REGISTRY, FakeRegistry
from tests.support.policies import policy, statement

KEY = snapshot_key(REGISTRY)
POLICIES = [policy(statement(f"S{number}", f"{number:012}")) for number in range(1, 4)]


class CrashError(BaseException):
    """The process ends here."""


@dataclass
class CrashingBlobs:
    """A store whose process ends at its write of this number, before it or after."""

    blobs: BlobStore
    nth: int
    when: str
    writes: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.blobs, name)

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        self.writes += 1
        if self.writes > self.nth or (self.writes == self.nth and self.when == "before"):
            raise CrashError
        given = self.blobs.compare_and_swap(key, data, token)
        if self.writes == self.nth:
            raise CrashError
        return given


@dataclass
class Clock:
    """It goes when it is told to."""

    at: datetime = datetime(2026, 11, 23, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Never:
    requested = False


@dataclass
class World:
    """A registry and its state, without processes."""

    blobs: BlobStore
    api: FakeRegistry = field(default_factory=FakeRegistry)
    clock: Clock = field(default_factory=Clock)
    told: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        return State(self.blobs)

    def plan(self, desired: Policy) -> Plan:
        snapshot = self.state.snapshot(REGISTRY).value
        live = None if self.api.text is None else read_any(self.api.text, "live")
        ref = StateRef(place=self.blobs.place)
        if snapshot:
            ref = StateRef(snapshot.lineage, snapshot.serial, self.blobs.place)
        known = Known(registry=REGISTRY, live="ecr", now="2026-11-23T00:00:00Z", state=ref)
        recorded = snapshot.policy if snapshot else None
        return build_plan(Desired(desired, Source("files")), live, recorded, known)

    def apply(self, plan: Plan, blobs: BlobStore | None = None) -> None:
        apply_plan(plan, self.run(blobs))

    def run(self, blobs: BlobStore | None = None) -> ApplyContext:
        lock = LockSettings("host", timedelta(seconds=600), timedelta())
        say = self.told.append
        return ApplyContext(
            self.api,
            State(blobs or self.blobs),
            self.clock,
            lock,
            "me",
            say,
            say,
            lambda name, _: name,
            Never(),
        )

    def serials(self) -> list[int | str]:
        found = self.state.history(REGISTRY)
        return [each.summary if isinstance(each, PlannerError) else each.serial for each in found]

    def in_history(self) -> list[str]:
        return [key for key in self.blobs.all_keys() if key.startswith("history/")]
