"""Holding a registry's lock: a lease with a heartbeat, taken and renewed by compare and swap.

Clocks only decide when a lease looks over. Whether one still holds it is decided by the
store: a renewal is a compare and swap, and one is made right before the registry is written.
"""

from __future__ import annotations

import math
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from planner.errors import LockedError, PlannerError
from planner.ports import RaceLostError, StoreBusyError
from planner.records.lock import Lock, locked_error
from planner.registry import Registry
from planner.text import clean
from planner.workflow.context import ApplyContext

_POLL_SECONDS = 1.0
_RELEASE_TRIES = 3


class Hold:
    """A lock that is held. A thread renews its lease three times in each length of it."""

    def __init__(
        self, run: ApplyContext, registry: Registry, lock: Lock, token: str | None
    ) -> None:
        self._run = run
        self._registry = registry
        self._lock = lock
        self._token = token
        self._mutex = threading.Lock()
        self._left = False
        self._ending = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    def confirm(self) -> None:
        """Renews the lease now. Raises LockedError if the lock was lost to somebody else."""
        with self._mutex:
            self._renew()

    def _renew(self) -> None:
        renewed = self._lock.renewed(self._run.clock.now(), self._run.lock.lease)
        try:
            self._swap(renewed)
        except RaceLostError:
            raise LockedError(
                f"The lock of {self._registry} was lost.",
                "Another planner has taken it, or somebody has unlocked it.",
                "Nothing was written after that. Plan again.",
            ) from None
        self._lock = renewed

    def _swap(self, lock: Lock | None) -> None:
        """Replaces the stored lock if it is still this one, whatever its token.

        The answer to an earlier renewal may have been lost, and its token with it.
        """
        state, registry = self._run.state, self._registry
        try:
            self._token = state.swap_lock(registry, lock, self._token)
        except RaceLostError:
            stored = state.lock(registry)
            if stored.value is None or stored.value.id != self._lock.id:
                raise
            self._token = state.swap_lock(registry, lock, stored.token)

    def _beat(self) -> None:
        while not self._ending.wait(self._run.lock.lease.total_seconds() / 3):
            with self._mutex:
                if self._ending.is_set():
                    return
                try:
                    self._renew()
                except LockedError:
                    return
                except PlannerError:
                    continue  # the store may answer again before the lease is over

    def leave(self) -> None:
        """Lets the lease end by itself instead of giving it back."""
        self._left = True

    def end(self) -> None:
        """Stops the heartbeat and gives the lock back, unless it is to end by itself."""
        self._ending.set()
        if self._left:
            return
        with self._mutex:
            for _ in range(_RELEASE_TRIES):
                try:
                    self._swap(None)
                except RaceLostError:
                    return  # it is somebody else's by now
                except PlannerError:
                    continue  # what is not given back ends by itself
                return


@contextmanager
def locked(run: ApplyContext, registry: Registry, by: str, operation: str) -> Iterator[Hold]:
    """Holds the lock while open. Raises LockedError where somebody else does, after waiting.

    A KeyboardInterrupt inside leaves the lease to end by itself: what was in flight may yet
    arrive, and nobody should take the lock before it has.
    """
    hold = _take(run, registry, by, operation)
    try:
        yield hold
    except KeyboardInterrupt:
        hold.leave()
        raise
    finally:
        hold.end()


def _take(run: ApplyContext, registry: Registry, by: str, operation: str) -> Hold:
    deadline = run.clock.monotonic() + run.lock.timeout.total_seconds()
    refusal: PlannerError
    while True:
        run.stop_if_interrupted()
        stored = run.state.lock(registry)
        now = run.clock.now()
        if stored.value is None or stored.value.is_over(now):
            until = now + run.lock.lease
            lock = Lock(str(uuid.uuid4()), by, run.lock.host, operation, now, until)
            try:
                token = run.state.swap_lock(registry, lock, stored.token)
            except RaceLostError:
                continue
            except StoreBusyError as error:
                holder, refusal = "another program", error
            else:
                return Hold(run, registry, lock, token)
        else:
            holder, refusal = clean(stored.value.by), locked_error(registry, stored.value)
        left = deadline - run.clock.monotonic()
        if left <= 0:
            raise refusal
        run.notice(
            f"Waiting for the lock of {registry}, {math.ceil(left)}s left: {holder} holds it."
        )
        run.clock.sleep(min(_POLL_SECONDS, left))
