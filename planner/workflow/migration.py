"""Moving the state of all registries from one place to another.

All is copied and read back before anything is taken away. Then, registry by registry and under its
lock, what was recorded meanwhile is copied too, the snapshot gives way to a document that says
where it is now, and the history is removed. Each step may be the last one, and be taken again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from planner.errors import PlannerError
from planner.ports import Blob, RaceLostError
from planner.records.history_key import FOLDER, history_key
from planner.records.lock import Lock, locked_error
from planner.records.moved import moved_text, moved_to
from planner.records.snapshot import Snapshot, load_snapshot
from planner.registry import Registry, partition_of
from planner.stores.state import State, snapshot_key
from planner.workflow.context import ApplyContext
from planner.workflow.locking import locked

_AGAIN = "Nothing is lost: what was copied stands in both places. Run it again."


@dataclass(frozen=True, slots=True)
class Migration:
    """A move of all that is recorded from one state to another."""

    source: State
    target: State

    def registries(self) -> list[Registry]:
        """Those of which the source has anything, by account and Region."""
        found = {str(each): each for each in self.source.registries()}
        for key in self._history():
            account, region = key.split("/")[1:3]
            with contextlib.suppress(PlannerError):  # it is no registry's
                found.setdefault(
                    f"{account}/{region}", Registry(partition_of(region), account, region)
                )
        return [found[name] for name in sorted(found)]

    def check(self, now: datetime) -> None:
        """Raises PlannerError where something is not ready to be moved, or not to be replaced."""
        for place in (self.source, self.target):
            for each in place.locks():
                if isinstance(each.lock, PlannerError):
                    raise each.lock
                if not each.lock.is_over(now):
                    raise _held(each.registry, each.lock)
        for registry in self.registries():
            self._check(registry)

    def copy(self) -> None:
        """Copies all, and reads it back. Nothing is taken away."""
        for registry in self.registries():
            self._copy(registry)

    def settle(self, run: ApplyContext, registry: Registry) -> bool:
        """Moves a registry that was copied; False where nothing of it was left to be moved."""
        with locked(replace(run, state=self.source), registry, run.user, "state migrate"):
            self._check(registry)
            self._copy(registry)
            key = snapshot_key(registry)
            stands = self.source.blobs.read(key)
            is_left = _is_snapshot(stands)
            if is_left:
                text = moved_text(self.target.blobs.place)
                self._swap(self.source, key, text.encode(), stands.token)
            for each in self._history(registry):
                is_left = True
                self._swap(self.source, each, None, self.source.blobs.read(each).token)
            return is_left

    def _history(self, registry: Registry | None = None) -> Iterator[str]:
        folder = f"{FOLDER}{registry}/" if registry else FOLDER
        for key in self.source.blobs.all_keys(folder):
            if self.source.blobs.read(key).data is not None:
                yield key

    def _check(self, registry: Registry) -> None:
        for place in (self.source, self.target):
            if place.journal_text(registry) is not None:
                raise PlannerError(
                    f"An apply to {registry} has not ended.",
                    f"Its journal stands in {place.blobs.place}",
                    "Settle it first: planner recover",
                )
        self._is_behind(registry)

    def _is_behind(self, registry: Registry) -> bool:
        """Whether the target has gone on from the source's snapshot, or has that very one.

        Raises PlannerError where it has another, which does not come from the same lineage.
        """
        old, new = (self._snapshot(place, registry) for place in (self.source, self.target))
        if old is None or new is None:
            return old is None
        (before, data), (after, there) = old, new
        if data == there:
            return True
        kept = self.target.blobs.read(history_key(registry, before.serial, data)).data
        if before.lineage == after.lineage and after.serial > before.serial and kept == data:
            return True
        if before.lineage != after.lineage or after.serial >= before.serial:
            raise PlannerError(
                f"{self.target.blobs.place} has another state of {registry}.",
                f"There it has serial {after.serial} of lineage {after.lineage}, and here serial "
                f"{before.serial} of lineage {before.lineage}.",
                "Find out which one counts, and remove the other with `planner state rm`.",
            )
        return False

    @staticmethod
    def _snapshot(place: State, registry: Registry) -> tuple[Snapshot, bytes] | None:
        key = snapshot_key(registry)
        blob = place.blobs.read(key)
        if blob.data is None or not _is_snapshot(blob):
            return None
        text = blob.data.decode("utf-8", errors="replace")
        return load_snapshot(text, place.blobs.where(key)), blob.data

    def _copy(self, registry: Registry) -> None:
        """Copies the history, then the snapshot, as it goes on in the target."""
        for each in self._history(registry):
            data, there = self.source.blobs.read(each).data, self.target.blobs.read(each)
            if there.data is None:
                self._swap(self.target, each, data, there.token)
            self._compare(each, data)
        if self._is_behind(registry):
            return
        key = snapshot_key(registry)
        data, there = self.source.blobs.read(key).data, self.target.blobs.read(key)
        self._swap(self.target, key, data, there.token)
        self._compare(key, data)

    def _compare(self, key: str, data: bytes | None) -> None:
        if self.target.blobs.read(key).data != data:
            where = self.target.blobs.where(key)
            raise PlannerError(
                f"{where} is not what was copied there.",
                f"It is to be the same as {self.source.blobs.where(key)}, byte for byte.",
                "Look who writes there; nothing was removed from where it was.",
            )

    @staticmethod
    def _swap(place: State, key: str, data: bytes | None, token: str | None) -> None:
        try:
            place.blobs.compare_and_swap(key, data, token)
        except RaceLostError:
            summary = f"{place.blobs.where(key)} was written by another run meanwhile."
            raise PlannerError(summary, "", _AGAIN) from None


def _is_snapshot(blob: Blob) -> bool:
    """Whether something stands there that was not moved already."""
    return blob.data is not None and moved_to(blob.data.decode("utf-8", "replace")) is None


def _held(name: str, lock: Lock) -> PlannerError:
    account, _, region = name.partition("/")
    return locked_error(Registry(partition_of(region), account, region), lock)
