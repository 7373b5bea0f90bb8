"""Files read and written whole, or not at all; the one place that makes and replaces them."""

from __future__ import annotations

import contextlib
import fcntl
import io
import itertools
import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from planner.errors import PlannerError
from planner.policy.source_text import MAX_BYTES
from planner.stores.folders import opened, refuse_link

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_TEMPORARY = re.compile(r"\.planner-[0-9a-f]{16}\.tmp")


def read_bounded(path: Path, what: str, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file that the user names, a pipe or a device too; `-` is standard input.

    They are one more than `limit` at the most. `what` names the file's purpose in messages.
    Raises PlannerError where it cannot be read.
    """
    if str(path) == "-":
        return _standard_input(limit)
    with reading(path, what), path.open("rb") as file:
        return file.read(limit + 1)


@contextlib.contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Tells what makes reading fail as PlannerError."""
    try:
        yield
    except FileNotFoundError:
        hint = "Check the name and the current folder."
        if what == "policy file":
            hint += " `planner init` starts a project."
        raise PlannerError(f"There is no {what} at {path}.", "", hint) from None
    except IsADirectoryError:
        raise PlannerError(f"{path} is a folder, not a {what}.", "", "Name a file.") from None
    except OSError as error:
        raise PlannerError(
            f"The {what} {path} cannot be read.",
            _reason(error),
            "Check the path and who may read it.",
        ) from None


def _standard_input(limit: int) -> bytes:
    try:
        return sys.stdin.buffer.read(limit + 1)
    except OSError as error:
        is_closed = isinstance(error, io.UnsupportedOperation)
        raise PlannerError(
            "Standard input cannot be read.",
            "It is closed." if is_closed else _reason(error),
            "Give it something to read, or name a file.",
        ) from None


def read_in(folder: int, name: str, shown: Path, limit: int = -2) -> bytes:
    """The bytes of a regular file in a folder that is open; `shown` is its path in messages.

    They are all, or one more than `limit` at the most. Raises PlannerError for a link, a pipe or
    a device, without waiting for anybody, and OSError.
    """
    refuse_link(folder, name, shown)
    if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
        raise no_file(shown)
    with os.fdopen(os.open(name, _LOOK, dir_fd=folder), "rb") as file:
        return file.read(limit + 1)


def no_file(path: Path) -> PlannerError:
    """The error that tells of something that is no regular file."""
    return PlannerError(
        f"{path} is no regular file.",
        "It is a folder, a pipe or a device.",
        "Name another, or move it out of the way.",
    )


def write_atomically(path: Path, data: bytes, what: str) -> None:
    """Replaces or makes a file so that a crash leaves the old content or the new one.

    A link in the file's place, or below the current folder on the way there, is refused, and
    so is what is no regular file. Raises PlannerError.
    """
    with _writing(path, what), opened(path.parent) as folder:
        replace_in(folder, path.name, data, path)


def create(root: Path, path: Path, data: bytes, what: str) -> None:
    """Makes a new file, and the folders that it stands in, without a link below `root`.

    Raises PlannerError where something is there already.
    """
    inside = path.is_relative_to(root)
    base, below = (root, path.parent.relative_to(root).parts) if inside else (path.parent, ())
    with _writing(path, what), opened(base, *below, make=True) as folder:
        _create_in(folder, path.name, data, 0o666)


def save_copy(folder: Path, name: str, data: bytes) -> Path:
    """Saves data under a name that is free, and once: a copy that stands there already serves.

    `x.json` that is taken becomes `x-2.json`. Only its owner may read the file. Raises OSError.
    """
    stem, dot, suffix = name.rpartition(".")
    with opened(folder) as handle:
        for number in itertools.count(1):
            free = name if number == 1 else f"{stem}-{number}{dot}{suffix}"
            try:
                _create_in(handle, free, data, 0o600)
            except FileExistsError:
                if not _holds(handle, free, data):
                    continue
            return folder / free
    raise AssertionError


def _holds(folder: int, name: str, data: bytes) -> bool:
    try:
        return read_in(folder, name, Path(name)) == data
    except (OSError, PlannerError):
        return False


def replace_in(folder: int, name: str, data: bytes, shown: Path) -> None:
    """Replaces or makes a file in a folder that is open. Raises PlannerError and OSError."""
    refuse_link(folder, name, shown)
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise no_file(shown)
    with temporary_in(folder, data) as temporary:
        os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def _create_in(folder: int, name: str, data: bytes, mode: int) -> None:
    """Makes a file. Raises FileExistsError where anything has its name."""
    with temporary_in(folder, data, mode) as temporary:
        try:
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except FileExistsError:
            raise
        except OSError:  # not every file system has links: the name is claimed, then filled
            os.close(os.open(name, _NEW, mode, dir_fd=folder))
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


@contextlib.contextmanager
def temporary_in(folder: int, data: bytes, mode: int = 0o666) -> Iterator[str]:
    """The name of a new file with the data, on the disk; it is gone at the end.

    A lock on it tells those of living writers from what a writer that was killed has left.
    """
    _sweep(folder)
    name, handle = _new(folder, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            yield name
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)


def _new(folder: int, mode: int) -> tuple[str, int]:
    while True:
        name = f".planner-{os.urandom(8).hex()}.tmp"
        handle = os.open(name, _NEW, mode, dir_fd=folder)
        with contextlib.suppress(OSError):  # not every file system has locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return name, handle
        os.close(handle)  # it was swept before it was locked


def _sweep(folder: int) -> None:
    """Removes the temporary files of writers that are no more."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        left = [each.name for each in entries if _TEMPORARY.fullmatch(each.name)]
        for name in left:
            if not stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                continue
            handle = os.open(name, _LOOK, dir_fd=folder)
            try:
                with contextlib.suppress(OSError):
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(name, dir_fd=folder)
            finally:
                os.close(handle)


@contextlib.contextmanager
def _writing(path: Path, what: str) -> Iterator[None]:
    """Tells what makes writing fail as PlannerError."""
    try:
        yield
    except FileExistsError:
        raise PlannerError(
            f"{path} exists.", f"The {what} would replace it.", "Move it out of the way."
        ) from None
    except OSError as error:
        raise PlannerError(
            f"The {what} {path} cannot be written.",
            _reason(error),
            "Check that the folder exists, is writable and has space left.",
        ) from None


def _reason(error: OSError) -> str:
    return f"{error.strerror or error}."


class ProjectFiles:
    """The text files of a project in one folder, in UTF-8; bytes that are none are kept.

    No link in the folder is read or written through.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exists(self, path: Path) -> bool:
        """Whether something is there, a link to nowhere included."""
        return os.path.lexists(path)

    def read(self, path: Path) -> str:
        """The text of a file. Raises PlannerError where it cannot be read whole."""
        with reading(path, "file"), opened(path.parent) as folder:
            data = read_in(folder, path.name, path)
        if len(data) > MAX_BYTES:
            raise PlannerError(
                f"{path} is too large.",
                f"planner changes no file of more than {MAX_BYTES:,} bytes.",
                "Make it smaller, or move it out of the way.",
            )
        return data.decode("utf-8", errors="surrogateescape")

    def create(self, path: Path, text: str) -> None:
        """Makes a file, and the folders it stands in. Raises PlannerError."""
        create(self._folder, path, _bytes(text), "file")

    def replace(self, path: Path, text: str) -> None:
        """Replaces a file. Raises PlannerError."""
        write_atomically(path, _bytes(text), "file")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape")
