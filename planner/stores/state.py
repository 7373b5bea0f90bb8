"""Snapshots, their history, journals and locks: documents of each registry in one store."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from planner.errors import PlannerError, StalePlanError
from planner.ports import Blob, BlobStore, RaceLostError
from planner.records.history_key import FOLDER
from planner.records.journal import Journal, load_journal
from planner.records.lock import Lock, load_lock
from planner.records.snapshot import Snapshot, load_snapshot
from planner.registry import ACCOUNT_ID, REGION, Registry, partition_of
from planner.stores.history import is_kept, keep, walk

_T = TypeVar("_T")
_LOCK_SUFFIX = ".lock.json"
_SNAPSHOT_KEY = re.compile(rf"(?P<account>{ACCOUNT_ID.pattern})/(?P<region>{REGION.pattern})\.json")


@dataclass(frozen=True, slots=True)
class Stored(Generic[_T]):
    """A value as it was read, None for none, with the token that a write must match."""

    value: _T | None
    token: str | None


@dataclass(frozen=True, slots=True)
class FoundLock:
    """A lock as it was read, or the error that tells how it is damaged.

    `registry` is `ACCOUNT/REGION`, whatever partition that is in; `text` and `place` are those of
    the document, and `token` is what releasing it must match.
    """

    registry: str
    lock: Lock | PlannerError
    text: str
    place: str
    token: str | None


@dataclass(frozen=True, slots=True)
class _Kept:
    """A snapshot in the history, and its key there."""

    snapshot: Snapshot
    key: str

    def precedes(self, other: Snapshot) -> bool:
        """Whether it comes before another in its lineage."""
        own = self.snapshot
        return own.lineage == other.lineage and own.serial < other.serial


def snapshot_key(registry: Registry) -> str:
    """Where the snapshot of a registry is stored."""
    return f"{registry}.json"


def _journal_key(registry: Registry) -> str:
    return f"{registry}.journal.json"


def _lock_key(registry: Registry) -> str:
    return f"{registry}{_LOCK_SUFFIX}"


class State:
    """The state of all registries in one store. Every write is a compare and swap."""

    def __init__(self, blobs: BlobStore) -> None:
        self.blobs = blobs

    def snapshot(self, registry: Registry) -> Stored[Snapshot]:
        """The recorded snapshot of a registry."""
        key = snapshot_key(registry)
        return self._stored(key, lambda text: load_snapshot(text, self._where(key), registry))

    def write_snapshot(self, snapshot: Snapshot, token: str | None) -> None:
        """Records a snapshot, after what it replaces is kept in the history.

        One that names no predecessor of its own names that one, where it follows it. Raises
        StalePlanError if another was recorded meanwhile.
        """
        key = snapshot_key(snapshot.registry)
        named = snapshot.predecessor
        before = self._keep(snapshot.registry, token)
        if before and before.precedes(snapshot) and not (named and is_kept(self.blobs, named)):
            snapshot = replace(snapshot, predecessor=before.key)
        try:
            self.blobs.compare_and_swap(key, snapshot.to_text().encode(), token)
        except RaceLostError:
            raise self._moved(key) from None

    def _keep(self, registry: Registry, token: str | None) -> _Kept | None:
        """Keeps the snapshot that has `token`; None for none, and for one that is damaged.

        Raises StalePlanError where it has another token by now.
        """
        blob = self.raw_snapshot(registry)
        if blob.token != token:
            raise self._moved(snapshot_key(registry))
        if blob.data is None:
            return None
        try:
            stands = self._snapshot(registry, blob)
        except PlannerError:
            return None
        return _Kept(stands, keep(self.blobs, stands, blob.data))

    def history(self, registry: Registry) -> Iterator[Snapshot | PlannerError]:
        """What is recorded of a registry and all that was, newest first.

        Where a document of the history is missing or damaged, the last is the error that says so.
        """
        newest = self.snapshot(registry).value
        return walk(self.blobs, newest) if newest else iter(())

    def raw_snapshot(self, registry: Registry) -> Blob:
        """The snapshot of a registry as bytes, damaged or not."""
        return self.blobs.read(snapshot_key(registry))

    def remove_snapshot(self, registry: Registry, token: str | None) -> None:
        """Forgets a registry. Raises StalePlanError if another snapshot was recorded meanwhile."""
        key = snapshot_key(registry)
        try:
            self.blobs.compare_and_swap(key, None, token)
        except RaceLostError:
            raise self._moved(key) from None

    def registries(self) -> list[Registry]:
        """The registries that have a snapshot, sound or damaged, by account and Region."""
        return [registry for registry, _ in self._snapshot_blobs()]

    def snapshots(self) -> Iterator[tuple[Registry, Snapshot | PlannerError]]:
        """The snapshots of `registries`; in the place of a damaged one the error that says so."""
        for registry, blob in self._snapshot_blobs():
            try:
                yield registry, self._snapshot(registry, blob)
            except PlannerError as error:
                yield registry, error

    def snapshot_of(self, registry: Registry) -> Snapshot:
        """The snapshot of one of `registries`, whatever partition it names."""
        return self._snapshot(registry, self.raw_snapshot(registry))

    def _snapshot(self, registry: Registry, blob: Blob) -> Snapshot:
        key = snapshot_key(registry)
        return load_snapshot(self._text(key, blob), self._where(key))

    def _snapshot_blobs(self) -> Iterator[tuple[Registry, Blob]]:
        for key in self.blobs.all_keys(before=FOLDER):
            if match := _SNAPSHOT_KEY.fullmatch(key):
                region = match["region"]
                registry = Registry(partition_of(region), match["account"], region)
                blob = self.raw_snapshot(registry)
                if blob.data is not None:
                    yield registry, blob

    def journal(self, registry: Registry) -> Stored[Journal]:
        """The journal that stands, if one does."""
        key = _journal_key(registry)
        return self._stored(key, lambda text: load_journal(text, self._where(key), registry))

    def write_journal(self, journal: Journal, token: str | None) -> str | None:
        """Writes a journal durably and gives its token. Raises RaceLostError."""
        key = _journal_key(journal.registry)
        return self.blobs.compare_and_swap(key, journal.to_text().encode(), token)

    def clear_journal(self, registry: Registry, token: str | None) -> None:
        """Removes the journal that has `token`; one that somebody else wrote is left alone."""
        try:
            self.blobs.compare_and_swap(_journal_key(registry), None, token)
        except RaceLostError:
            return

    def journal_text(self, registry: Registry) -> str | None:
        """The text of whatever journal stands, even a damaged one."""
        data = self.blobs.read(_journal_key(registry)).data
        return None if data is None else data.decode("utf-8", errors="replace")

    def discard_journal(self, registry: Registry) -> None:
        """Removes whatever journal stands, even a damaged one."""
        self.clear_journal(registry, self.blobs.read(_journal_key(registry)).token)

    def lock(self, registry: Registry) -> Stored[Lock]:
        """The lock of a registry, live or over."""
        return self._stored(_lock_key(registry), lambda text: load_lock(text, str(registry)))

    def swap_lock(self, registry: Registry, lock: Lock | None, token: str | None) -> str | None:
        """Takes, renews or releases a lock. Raises RaceLostError where somebody was faster."""
        data = lock.to_text().encode() if lock else None
        return self.blobs.compare_and_swap(_lock_key(registry), data, token)

    def locks(self) -> list[FoundLock]:
        """All locks, live, over and damaged, by account and Region."""
        found = []
        for key in self.blobs.all_keys(before=FOLDER):
            if not key.endswith(_LOCK_SUFFIX):
                continue
            blob = self.blobs.read(key)
            if blob.data is None:
                continue
            name = key.removesuffix(_LOCK_SUFFIX)
            try:
                lock: Lock | PlannerError = load_lock(self._text(key, blob), name)
            except PlannerError as error:
                lock = error
            text = blob.data.decode("utf-8", errors="replace")
            found.append(FoundLock(name, lock, text, self._where(key), blob.token))
        return found

    def release(self, found: FoundLock) -> None:
        """Removes a lock that `locks` found. Raises RaceLostError where it is another by now."""
        self.blobs.compare_and_swap(f"{found.registry}{_LOCK_SUFFIX}", None, found.token)

    def check_writable(self, registry: Registry, snapshot: Snapshot) -> None:
        """Raises PlannerError where recording the snapshot would surely fail.

        What it will replace is kept in the history already.
        """
        self._keep(registry, self.raw_snapshot(registry).token)
        self.blobs.check_writable(snapshot_key(registry), snapshot.to_text().encode())

    def _stored(self, key: str, load: Callable[[str], _T]) -> Stored[_T]:
        """The document of a key through `load`, or nothing where there is none."""
        found = self.blobs.read(key)
        value = None if found.data is None else load(self._text(key, found))
        return Stored(value, found.token)

    def _where(self, key: str) -> str:
        return self.blobs.where(key)

    def _text(self, key: str, document: Blob) -> str:
        try:
            return (document.data or b"").decode("utf-8")
        except UnicodeDecodeError:
            raise PlannerError(
                f"{self._where(key)} is damaged.",
                "It is not UTF-8 text.",
                "Remove it: a snapshot with `planner state rm ACCOUNT/REGION`, a lock with\n"
                "`planner unlock ACCOUNT/REGION`, a journal with `planner recover --discard`.",
            ) from None

    def _moved(self, key: str) -> StalePlanError:
        return StalePlanError(
            f"The state {self._where(key)} has changed.",
            "Another run has recorded something meanwhile.",
            "Plan again.",
        )
