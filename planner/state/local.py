"""Snapshots in a local folder: `FOLDER/ACCOUNT/REGION.json`."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from planner.errors import LockedError, PlannerError, StalePlanError
from planner.files import write_atomically
from planner.ports import Stored
from planner.registry import Registry
from planner.snapshot import Snapshot, load_snapshot


class LocalStore:
    """Keeps snapshots under `folder`, which is created when something is first written.

    The token of a snapshot is the sha256 of its file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, registry: Registry) -> Path:
        return self._folder / registry.account_id / f"{registry.region}.json"

    def read(self, registry: Registry) -> Stored:
        """The recorded snapshot, or none."""
        path = self._path(registry)
        data = self._bytes(path)
        if data is None:
            return Stored(None, None)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        return Stored(load_snapshot(text, registry, str(path)), hashlib.sha256(data).hexdigest())

    def _bytes(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PlannerError(
                f"The state {path} cannot be read.", f"{error.strerror}.", "Check its permissions."
            ) from None

    def write(self, snapshot: Snapshot, token: str | None) -> None:
        """Records a snapshot if what is stored still has `token`. Call it under the lock."""
        path = self._path(snapshot.registry)
        data = self._bytes(path)
        if (None if data is None else hashlib.sha256(data).hexdigest()) != token:
            raise StalePlanError(f"The state {path} has changed.", "", "Plan again.")
        write_atomically(path, snapshot.to_text().encode(), "state")

    def check_writable(self, registry: Registry) -> None:
        """Raises PlannerError where the folder takes no new file."""
        path = self._path(registry)
        probe = path.with_name(f".{path.name}.probe")
        write_atomically(probe, b"\0" * 65536, "state")
        with contextlib.suppress(OSError):
            probe.unlink()

    @contextlib.contextmanager
    def lock(self, registry: Registry, holder: str) -> Iterator[None]:
        """Holds `REGION.lock`; the system lets go of it when the process ends, however it ends."""
        path = self._path(registry).with_suffix(".lock")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise PlannerError(
                f"The lock {path} cannot be made.",
                f"{error.strerror}.",
                "Check that the state folder is writable and has space left.",
            ) from None
        try:
            self._acquire(handle, registry)
            os.ftruncate(handle, 0)
            os.pwrite(handle, holder.encode(), 0)
            yield
        finally:
            os.close(handle)

    def _acquire(self, handle: int, registry: Registry) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 4096, 0).decode("utf-8", errors="replace")
            raise LockedError(
                f"The registry {registry} is locked.",
                f"Held by {holder or 'another planner'}.",
                "Wait until that run has ended, then run the command again.",
            ) from None
