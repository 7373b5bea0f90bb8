"""BlobStore in a local folder, one file each."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from planner.errors import PlannerError
from planner.ports import Blob, RaceLostError, StoreBusyError
from planner.stores.files import no_file, read_in, replace_in, temporary_in
from planner.stores.folders import opened, refuse_link, repository_of

_SWAP = ".swap"
_PATIENCE = 3.0
"""Seconds to wait for another's swap, which takes a few milliseconds on a good disk."""
_POLL = 0.005
_FOLDERS = 3
"""Folders that a document may stand in, one in the other."""


class LocalBlobs:
    """Files under `folder`, which is made when something is first written.

    The token of a document is the sha256 of its file. Swaps of one folder exclude each other
    by flock on the file `.swap` in it, for the moment that a swap takes.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """The folder, from the repository or else from the current folder where it lies in it.

        So the same place has the same name in every checkout.
        """
        there = Path(os.path.realpath(self._folder))
        here = repository_of(Path()) or Path.cwd()
        return (there.relative_to(here) if there.is_relative_to(here) else there).as_posix()

    def where(self, key: str) -> str:
        """The path of a document."""
        return str(self._folder / key)

    def read(self, key: str) -> Blob:
        """The document, or an empty one."""
        below, name = _split(key)
        try:
            with opened(self._folder, *below) as folder:
                data = read_in(folder, name, self._folder / key)
        except FileNotFoundError:
            return Blob(None, None)
        except OSError as error:
            raise _unreadable(self.where(key), error) from None
        return Blob(data, hashlib.sha256(data).hexdigest())

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        """Replaces or removes the document that has `token`."""
        with self._exclusively(key) as (folder, name):
            if self.read(key).token != token:
                raise RaceLostError(key)
            if data is None:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)
                os.fsync(folder)
                return None
            replace_in(folder, name, data, self._folder / key)
            return hashlib.sha256(data).hexdigest()

    @contextlib.contextmanager
    def _exclusively(self, key: str) -> Iterator[tuple[int, str]]:
        """The folder of a document and its name there, while nobody else swaps."""
        below, name = _split(key)
        try:
            with (
                opened(self._folder, make=True) as root,
                _swapping(root, self._folder / _SWAP),
                opened(self._folder, *below, make=True) as folder,
            ):
                yield folder, name
        except OSError as error:
            raise PlannerError(
                f"The state {self.where(key)} cannot be written.",
                f"{error.strerror}.",
                "Check that the folder is writable and has space left.",
            ) from None

    def all_keys(self, folder: str = "", before: str | None = None) -> list[str]:
        """The keys of all documents in a folder, sorted; with `before` those before it alone."""
        try:
            return sorted(self._keys(before, *PurePosixPath(folder).parts))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(self.where(""), error) from None

    def _keys(self, before: str | None, *below: str) -> Iterator[str]:
        with opened(self._folder, *below) as folder, os.scandir(folder) as entries:
            names = {each.name: each.is_dir() for each in entries if not each.name.startswith(".")}
        for name, is_folder in names.items():
            key = "/".join((*below, name))
            if before is not None and (f"{key}/" if is_folder else key) >= before:
                continue
            if is_folder and len(below) < _FOLDERS:
                yield from self._keys(before, *below, name)
            elif below and name.endswith(".json"):
                yield key

    def check_writable(self, key: str, data: bytes) -> None:
        """Raises PlannerError where the folder does not take the data beside what it has."""
        with self._exclusively(key) as (folder, _), temporary_in(folder, data):
            pass

    def warnings(self) -> list[str]:
        """Nothing: a folder has no settings."""
        return []


def _unreadable(where: str, error: OSError) -> PlannerError:
    hint = "Check that the state is a folder, and its permissions."
    return PlannerError(f"{where} cannot be read.", f"{error.strerror}.", hint)


def _split(key: str) -> tuple[tuple[str, ...], str]:
    *below, name = PurePosixPath(key).parts
    return tuple(below), name


@contextlib.contextmanager
def _swapping(folder: int, shown: Path) -> Iterator[None]:
    """Excludes other swaps. Raises StoreBusyError where another takes longer than any swap."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        handle = _swap_file(folder, shown)
        try:
            _lock(handle, deadline, shown)
            if _is_still(folder, handle):
                yield
                return
        finally:
            os.close(handle)


def _swap_file(folder: int, shown: Path) -> int:
    refuse_link(folder, _SWAP, shown)
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(_SWAP, flags, 0o666, dir_fd=folder)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise no_file(shown)


def _lock(handle: int, deadline: float, shown: Path) -> None:
    while True:
        try:
            return fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise StoreBusyError(
                    "Another program holds the state.",
                    f"It has locked {shown} for longer than a planner ever does.",
                    "Wait for it, or end it; `fuser` and `lsof` tell who it is.",
                ) from None
            time.sleep(_POLL)


def _is_still(folder: int, handle: int) -> bool:
    """Whether the file that was locked is the one that others lock: somebody may remove it."""
    mine = os.fstat(handle)
    try:
        found = os.stat(_SWAP, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return os.path.samestat(mine, found)
