"""A process that ends, or meets a failure, at a given one of its steps.

A step is a call of the registry or of the store. Once a process has been killed nothing that it
still tries has an effect, what it does while its stack unwinds included.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from planner.errors import PlannerError
from planner.ports import Blob, BlobStore, CallerIdentity, OutcomeUnknownError
from tests.support.fakes import FakeRegistry

_T = TypeVar("_T")
Kind = Literal["killed before", "killed after", "fails", "lost before", "lost after"]
KINDS: tuple[Kind, ...] = ("killed before", "killed after", "fails", "lost before", "lost after")


class KilledError(BaseException):
    """The process is no more."""


@dataclass
class Steps:
    """The steps of one process: at the one of the number `nth`, from 1, something happens.

    `lost` is an answer that never came, from a call that was carried out `after` all or not; of
    what is no write of the registry it is a failure.
    """

    nth: int = 0
    kind: Kind = "killed before"
    taken: int = 0
    is_dead: bool = False

    @property
    def is_met(self) -> bool:
        """Whether it has come to that step."""
        return 0 < self.nth <= self.taken

    def take(self, work: Callable[[], _T], *, may_be_lost: bool = False) -> _T:
        """Does the work, or what happens instead."""
        self.taken += 1
        if self.is_dead:
            raise KilledError
        if self.taken != self.nth:
            return work()
        failure = PlannerError("Told by the test.")
        if self.kind == "killed before":
            self.is_dead = True
            raise KilledError
        if self.kind == "killed after":
            work()
            self.is_dead = True
            raise KilledError
        if may_be_lost and self.kind == "lost after":
            work()
        if may_be_lost and self.kind != "fails":
            raise OutcomeUnknownError(failure)
        raise failure


@dataclass
class SteppedBlobs:
    """A store as one process reaches it."""

    blobs: BlobStore
    steps: Steps

    @property
    def place(self) -> str:
        return self.blobs.place

    def where(self, key: str) -> str:
        return self.blobs.where(key)

    def read(self, key: str) -> Blob:
        return self.steps.take(lambda: self.blobs.read(key))

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        return self.steps.take(lambda: self.blobs.compare_and_swap(key, data, token))

    def all_keys(self, folder: str = "", before: str | None = None) -> list[str]:
        return self.steps.take(lambda: self.blobs.all_keys(folder, before))

    def check_writable(self, key: str, data: bytes) -> None:
        self.steps.take(lambda: self.blobs.check_writable(key, data))

    def warnings(self) -> list[str]:
        return self.blobs.warnings()


class SteppedRegistry(FakeRegistry):
    """A registry as one process reaches it."""

    def __init__(self, shared: FakeRegistry, steps: Steps) -> None:
        super().__init__()
        self._shared = shared
        self._steps = steps

    def caller(self) -> CallerIdentity:
        return self._steps.take(self._shared.caller)

    def scope(self) -> str | None:
        return self._steps.take(self._shared.scope)

    def read(self) -> str | None:
        return self._steps.take(self._shared.read)

    def put(self, text: str, names: Sequence[str] = ()) -> None:
        self._steps.take(lambda: self._shared.put(text, names), may_be_lost=True)

    def delete(self) -> None:
        self._steps.take(self._shared.delete, may_be_lost=True)
