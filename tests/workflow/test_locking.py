"""Locks: taken over when they are over, and never held by two."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from planner.errors import InterruptedRunError, LockedError, PlannerError
from planner.ports import StoreBusyError
from planner.records.lock import Lock
from planner.registry import Registry
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from planner.workflow.context import ApplyContext, LockSettings
from planner.workflow.locking import locked
from planner.workflow.state_admin import find_lock, release_lock

REGISTRY = Registry("aws", "444455556666", "us-west-2")


@dataclass
class FakeClock:
    """A clock that only moves when told, and jumps when told."""

    time: datetime = datetime(2026, 11, 23, 22, 37, 57, tzinfo=UTC)
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.ticks

    def sleep(self, seconds: float) -> None:
        self.ticks += seconds
        self.time += timedelta(seconds=seconds)

    def jump(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Somebody:
    """A planner on some host, with a clock of its own."""

    folder: Path
    host: str = "a-host"
    clock: FakeClock = field(default_factory=FakeClock)
    timeout: float = 0
    requested: bool = False
    notices: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        return State(LocalBlobs(self.folder / "state"))

    def lock(self) -> Any:
        # A lease of an hour keeps the heartbeat thread out of these tests.
        settings = LockSettings(self.host, timedelta(hours=1), timedelta(seconds=self.timeout))
        nothing: Any = None
        run = ApplyContext(
            nothing,
            self.state,
            self.clock,
            settings,
            "somebody",
            report=print,
            notice=self.notices.append,
            save=lambda name, _text: name,
            interrupt=self,
        )
        return locked(run, REGISTRY, f"arn:of:{self.host}", "a test")

    def stored(self) -> Lock | None:
        return self.state.lock(REGISTRY).value


@pytest.fixture
def one(tmp_path: Path) -> Somebody:
    return Somebody(tmp_path, "one")


@pytest.fixture
def other(tmp_path: Path) -> Somebody:
    return Somebody(tmp_path, "other")


def test_a_live_lock_is_refused_and_a_released_one_free(one: Somebody, other: Somebody) -> None:
    with one.lock():
        with pytest.raises(LockedError) as caught, other.lock():
            pass
        assert "arn:of:one on one holds it for a test" in caught.value.detail
    with other.lock() as hold:
        hold.confirm()
    assert one.stored() is None


def test_an_expired_lock_is_taken_over_and_its_holder_stopped(
    one: Somebody, other: Somebody
) -> None:
    with one.lock() as mine:
        other.clock.jump(3601)
        with other.lock() as theirs:
            with pytest.raises(LockedError, match="was lost"):
                mine.confirm()
            theirs.confirm()
    assert one.stored() is None


def test_a_lost_lock_is_not_released_for_its_new_holder(one: Somebody, other: Somebody) -> None:
    holding = one.lock()
    holding.__enter__()
    other.clock.jump(3601)
    with other.lock():
        holding.__exit__(None, None, None)
        found = other.stored()
        assert found is not None
        assert found.host == "other"


def test_a_clock_that_jumps_back_never_shortens_a_lease(one: Somebody) -> None:
    with one.lock() as hold:
        before = one.stored()
        one.clock.jump(-7200)
        hold.confirm()
        after = one.stored()
        assert before is not None
        assert after is not None
        assert after.until >= before.until


def test_a_clock_that_jumps_ahead_loses_nothing_but_time(one: Somebody, other: Somebody) -> None:
    with one.lock() as hold:
        one.clock.jump(7200)
        hold.confirm()
        other.clock.jump(3700)
        with pytest.raises(LockedError), other.lock():
            pass


def test_waiting_does_not_trust_the_clock_of_the_wall(one: Somebody, other: Somebody) -> None:
    other.timeout = 5
    with one.lock(), pytest.raises(LockedError), other.lock():
        pass
    assert [notice.split(",")[1].split("s left")[0] for notice in other.notices] == [
        " 5",
        " 4",
        " 3",
        " 2",
        " 1",
    ]


def test_a_renewal_whose_answer_was_lost_loses_no_lock(
    one: Somebody, other: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    with one.lock() as hold:
        swap = LocalBlobs.compare_and_swap

        def store_and_fail(*arguments: Any) -> str | None:
            swap(*arguments)
            raise PlannerError("no answer")

        monkeypatch.setattr(LocalBlobs, "compare_and_swap", store_and_fail)
        one.clock.sleep(5)
        with pytest.raises(PlannerError, match="no answer"):
            hold.confirm()
        monkeypatch.setattr(LocalBlobs, "compare_and_swap", swap)
        one.clock.sleep(5)
        hold.confirm()
        with pytest.raises(LockedError), other.lock():
            pass
    assert one.stored() is None


def test_a_state_that_a_program_holds_is_waited_for_as_long_as_for_a_lock(
    one: Somebody, other: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("planner.stores.local._PATIENCE", 0.01)
    with one.lock():
        pass
    other.timeout = 2
    with (one.folder / "state" / ".swap").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(StoreBusyError) as caught, other.lock():
            pass
    assert caught.value.exit_code == 4
    assert [notice.split(",")[1] for notice in other.notices] == [
        " 2s left: another program holds it.",
        " 1s left: another program holds it.",
    ]


def test_an_interrupt_ends_the_waiting(one: Somebody, other: Somebody) -> None:
    other.requested, other.timeout = True, 60
    with one.lock(), pytest.raises(InterruptedRunError), other.lock():
        pass


def test_a_second_interrupt_leaves_the_lease_to_end_by_itself(one: Somebody) -> None:
    with pytest.raises(KeyboardInterrupt), one.lock():
        raise KeyboardInterrupt
    assert one.stored() is not None


def test_unlock_by_id(one: Somebody) -> None:
    with one.lock() as hold:
        lock = one.stored()
        assert lock is not None
        found = find_lock(one.state, lock.id[:8])
        assert (found.registry, found.text) == ("444455556666/us-west-2", lock.to_text())
        release_lock(one.state, found)
        with pytest.raises(LockedError):
            hold.confirm()
        with pytest.raises(PlannerError, match="No lock has an id"):
            find_lock(one.state, lock.id)
