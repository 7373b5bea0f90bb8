"""BlobStore in a local folder, one file each."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from planner.errors import PlannerError
from planner.ports import Blob, RaceLostError
from planner.stores.files import make_folders, sync_folder, write_atomically


class LocalBlobs:
    """Files under `folder`, which is made when something is first written.

    The token of a document is the sha256 of its file. Swaps of one folder exclude each other
    by flock on the file `.swap` in it, for the moment that a swap takes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, key: str) -> Path:
        return self._folder / key

    def where(self, key: str) -> str:
        """The path of a document."""
        return str(self._path(key))

    def read(self, key: str) -> Blob:
        """The document, or an empty one."""
        path = self._path(key)
        if path.is_symlink():
            raise PlannerError(
                f"{path} is a link.",
                "What a link leads to may be anybody's file.",
                "Replace it by the file itself, or set `state` to the folder that has it.",
            )
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return Blob(None, None)
        except OSError as error:
            raise PlannerError(
                f"{path} cannot be read.", f"{error.strerror}.", "Check its permissions."
            ) from None
        return Blob(data, hashlib.sha256(data).hexdigest())

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        """Replaces or removes the document that has `token`."""
        path = self._path(key)
        with self._exclusively(path):
            if self.read(key).token != token:
                raise RaceLostError(key)
            if data is None:
                path.unlink(missing_ok=True)
                sync_folder(path.parent)
                return None
            write_atomically(path, data, "state")
            return hashlib.sha256(data).hexdigest()

    @contextlib.contextmanager
    def _exclusively(self, path: Path) -> Iterator[None]:
        try:
            make_folders(path.parent)
            handle = os.open(self._folder / ".swap", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise _unwritable(path, error) from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        except OSError as error:
            raise _unwritable(path, error) from None
        finally:
            os.close(handle)

    def all_keys(self) -> list[str]:
        """The keys of all documents, sorted."""
        found = self._folder.glob("*/*.json")
        return sorted(path.relative_to(self._folder).as_posix() for path in found)

    def check_writable(self, key: str, data: bytes) -> None:
        """Raises PlannerError where the folder does not take the data beside what it has."""
        path = self._path(key)
        with self._exclusively(path):
            probe = path.with_name(f".{path.name}.probe")
            write_atomically(probe, data, "state")
            probe.unlink(missing_ok=True)

    def warnings(self) -> list[str]:
        """Nothing: a folder has no settings."""
        return []


def _unwritable(path: Path, error: OSError) -> PlannerError:
    return PlannerError(
        f"The state {path} cannot be written.",
        f"{error.strerror}.",
        "Check that the folder is writable and has space left.",
    )
