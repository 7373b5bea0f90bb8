"""Snapshots, journals and leases, each a document of its registry in one store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from planner.errors import PlannerError, StalePlanError
from planner.journal import Journal, load_journal
from planner.lease import Lease, lease_text, load_lease
from planner.ports import Document, Documents, RaceLostError
from planner.registry import Registry
from planner.snapshot import Snapshot, load_snapshot

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Stored(Generic[_T]):
    """A value as it was read, None for none, with the token that a write must match."""

    value: _T | None
    token: str | None


def snapshot_key(registry: Registry) -> str:
    """Where the snapshot of a registry is stored."""
    return f"{registry.account_id}/{registry.region}.json"


def _journal_key(registry: Registry) -> str:
    return f"{registry.account_id}/{registry.region}.journal.json"


def _lock_key(registry: Registry) -> str:
    return f"{registry.account_id}/{registry.region}.lock.json"


class State:
    """The state of all registries in one store. Every write is a compare and swap."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents

    def snapshot(self, registry: Registry) -> Stored[Snapshot]:
        """The recorded snapshot of a registry."""
        key = snapshot_key(registry)
        found = self.documents.read(key)
        if found.data is None:
            return Stored(None, found.token)
        return Stored(
            load_snapshot(self._text(key, found), self._where(key), registry), found.token
        )

    def write_snapshot(self, snapshot: Snapshot, token: str | None) -> None:
        """Records a snapshot. Raises StalePlanError if another was recorded meanwhile."""
        key = snapshot_key(snapshot.registry)
        try:
            self.documents.swap(key, snapshot.to_text().encode(), token)
        except RaceLostError:
            raise self._moved(key) from None

    def remove_snapshot(self, registry: Registry, token: str | None) -> None:
        """Forgets a registry. Raises StalePlanError if another snapshot was recorded meanwhile."""
        key = snapshot_key(registry)
        try:
            self.documents.swap(key, None, token)
        except RaceLostError:
            raise self._moved(key) from None

    def snapshots(self) -> list[Snapshot]:
        """All recorded snapshots, by account and Region."""
        found = []
        for key in self.documents.all_keys():
            name = key.rpartition("/")[2]
            if name.count(".") == 1 and name.endswith(".json"):
                document = self.documents.read(key)
                if document.data is not None:
                    found.append(load_snapshot(self._text(key, document), self._where(key)))
        return found

    def journal(self, registry: Registry) -> Stored[Journal]:
        """The journal that stands, if one does."""
        key = _journal_key(registry)
        found = self.documents.read(key)
        if found.data is None:
            return Stored(None, found.token)
        return Stored(load_journal(self._text(key, found), self._where(key)), found.token)

    def write_journal(self, journal: Journal, token: str | None) -> str | None:
        """Writes a journal durably and gives its token. Raises RaceLostError."""
        key = _journal_key(journal.registry)
        return self.documents.swap(key, journal.to_text().encode(), token)

    def clear_journal(self, registry: Registry, token: str | None) -> None:
        """Removes the journal that has `token`; one that somebody else wrote is left alone."""
        try:
            self.documents.swap(_journal_key(registry), None, token)
        except RaceLostError:
            return

    def discard_journal(self, registry: Registry) -> str | None:
        """Removes whatever journal stands, even a damaged one, and gives its text."""
        key = _journal_key(registry)
        found = self.documents.read(key)
        if found.data is None:
            return None
        self.clear_journal(registry, found.token)
        return found.data.decode("utf-8", errors="replace")

    def lease(self, registry: Registry) -> Stored[Lease]:
        """The lease on a registry's lock, live or over."""
        return self._lease(_lock_key(registry))

    def _lease(self, key: str) -> Stored[Lease]:
        found = self.documents.read(key)
        if found.data is None:
            return Stored(None, found.token)
        return Stored(load_lease(self._text(key, found), self._where(key)), found.token)

    def swap_lease(self, registry: Registry, lease: Lease | None, token: str | None) -> str | None:
        """Takes, renews or releases a lock. Raises RaceLostError where somebody was faster."""
        data = lease_text(lease).encode() if lease else None
        return self.documents.swap(_lock_key(registry), data, token)

    def leases(self) -> list[tuple[str, Stored[Lease]]]:
        """All leases with the name of their registry, `ACCOUNT/REGION`."""
        suffix = ".lock.json"
        keys = [key for key in self.documents.all_keys() if key.endswith(suffix)]
        found = [(key.removesuffix(suffix), self._lease(key)) for key in keys]
        return [(name, stored) for name, stored in found if stored.value]

    def release(self, name: str, stored: Stored[Lease]) -> None:
        """Removes a lease found by `leases`. Raises RaceLostError."""
        self.documents.swap(f"{name}.lock.json", None, stored.token)

    def check_writable(self, registry: Registry) -> None:
        """Raises PlannerError where recording would surely fail."""
        self.documents.check_writable(snapshot_key(registry))

    def _where(self, key: str) -> str:
        return self.documents.where(key)

    def _text(self, key: str, document: Document) -> str:
        try:
            return (document.data or b"").decode("utf-8")
        except UnicodeDecodeError:
            raise PlannerError(
                f"{self._where(key)} is damaged.",
                "It is not UTF-8 text.",
                "Restore it from a backup.",
            ) from None

    def _moved(self, key: str) -> StalePlanError:
        return StalePlanError(
            f"The state {self._where(key)} has changed.",
            "Another run has recorded something meanwhile.",
            "Plan again.",
        )
