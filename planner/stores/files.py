"""Files read and written whole, or not at all."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import sys
from functools import cache
from pathlib import Path

from planner.errors import PlannerError
from planner.policy.source_text import MAX_BYTES


def read_bounded(path: Path, what: str, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file, one more than `limit` of them at the most; `-` is standard input.

    `what` names its purpose in messages. Raises PlannerError where it cannot be read.
    """
    if str(path) == "-":
        return _standard_input(limit)
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
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


def write_atomically(path: Path, data: bytes, what: str) -> None:
    """Replaces a file so that a crash leaves the old content or the new one, never a part.

    Temporary file beside it, fsync, rename, fsync of the folder. Raises PlannerError.
    """
    import tempfile  # noqa: PLC0415 - most commands write no file

    temporary = ""
    path = Path(os.path.realpath(path))  # a link stays a link to what is written
    try:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            raise PlannerError(
                f"{path} is no regular file.", f"The {what} would replace it.", "Name another."
            )
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), 0o666 & ~_umask())
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
        temporary = ""
        sync_folder(path.parent)
    except OSError as error:
        raise PlannerError(
            f"The {what} {path} cannot be written.",
            _reason(error),
            "Check that the folder exists, is writable and has space left.",
        ) from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def sync_folder(folder: Path) -> None:
    """Makes a rename in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    return f"{error.strerror or error}."


def make_folders(folder: Path) -> None:
    """Makes a folder and those above it, each entry durable. Raises OSError."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


@cache
def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


class TextFiles:
    """Text files on the disk, in UTF-8; bytes that are none are kept as they are."""

    def exists(self, path: Path) -> bool:
        """Whether something is there, a link to nowhere included."""
        return path.exists() or path.is_symlink()

    def read(self, path: Path) -> str:
        """The text of a file. Raises PlannerError where it cannot be read whole."""
        data = read_bounded(path, "file")
        if len(data) > MAX_BYTES:
            raise PlannerError(
                f"{path} is too large.",
                f"planner changes no file of more than {MAX_BYTES:,} bytes.",
                "Make it smaller, or move it out of the way.",
            )
        return data.decode("utf-8", errors="surrogateescape")

    def write(self, path: Path, text: str) -> None:
        """Replaces or makes a file, and the folders it stands in. Raises PlannerError."""
        try:
            make_folders(path.parent)
        except OSError as error:
            raise PlannerError(
                f"The folder {path.parent} cannot be made.",
                _reason(error),
                "Check the path and who may write there.",
            ) from None
        write_atomically(path, text.encode("utf-8", errors="surrogateescape"), "file")
