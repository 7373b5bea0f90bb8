"""A store of blobs in memory, for tests that make many writes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from planner.ports import Blob, RaceLostError


@dataclass
class MemoryBlobs:
    """Documents by their keys. A token is the number of the write that gave it."""

    documents: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    place: str = "memory"
    _writes: itertools.count[int] = field(default_factory=itertools.count)

    def where(self, key: str) -> str:
        return f"memory/{key}"

    def read(self, key: str) -> Blob:
        data, token = self.documents.get(key, (None, None))
        return Blob(data, token)

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        if self.read(key).token != token:
            raise RaceLostError(key)
        if data is None:
            self.documents.pop(key, None)
            return None
        written = str(next(self._writes))
        self.documents[key] = data, written
        return written

    def all_keys(self, folder: str = "", before: str | None = None) -> list[str]:
        return sorted(
            each
            for each in self.documents
            if each.startswith(folder) and (before is None or each < before)
        )

    def check_writable(self, key: str, data: bytes) -> None:
        """It always is."""

    def warnings(self) -> list[str]:
        return []
