"""Folders that are reached through no link that somebody has laid in a repository.

What a checkout holds is anybody's: a link in it, `plan.json -> ~/.bashrc` or `.planner -> /etc`,
would turn what planner writes to a place of its author's choice. So names are trusted up to
the current folder (its repository, where it stands in one), and no link is followed behind that.
What lies elsewhere was named by whoever runs planner.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from planner.errors import PlannerError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def repository_of(folder: Path) -> Path | None:
    """The root of the git repository that a folder stands in, links resolved; None for none."""
    here = folder.resolve()
    return next((each for each in (here, *here.parents) if os.path.lexists(each / ".git")), None)


@contextlib.contextmanager
def opened(folder: Path, *below: str, make: bool = False) -> Iterator[int]:
    """The handle of a folder, or of one `below` it; with `make` what is missing is made, durably.

    No link is followed below the current folder or its repository, nor in `below`.

    Raises PlannerError where a link stands there, and OSError.
    """
    base, parts = _trusted(folder)
    handle, shown = os.open(base, _FOLDER), base
    try:
        for part in (*parts, *below):
            shown /= part
            deeper = _step(handle, part, shown, make=make)
            os.close(handle)
            handle = deeper
        yield handle
    finally:
        os.close(handle)


def _trusted(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """How far the name of a folder is trusted, and its parts behind that."""
    if not folder.is_absolute():
        return Path(), folder.parts
    root = repository_of(Path()) or Path.cwd()
    above = (*reversed(folder.parents), folder)
    bases = [each for each in above[1:] if each.exists() and each.samefile(root)]
    if not bases:  # what exists of it is as its user says
        bases = [each for each in reversed(above) if each.is_dir()]
    return bases[0], folder.relative_to(bases[0]).parts


def _step(handle: int, part: str, shown: Path, *, make: bool) -> int:
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=handle)
            os.fsync(handle)
    try:
        return os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
    except OSError:
        refuse_link(handle, part, shown)
        raise


def refuse_link(handle: int, name: str, shown: Path) -> None:
    """Raises PlannerError where `name` in a folder is a link; `shown` is its path in messages."""
    with contextlib.suppress(FileNotFoundError):
        mode = os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            raise PlannerError(
                f"{shown} is a link.",
                "What a link leads to may be anybody's: planner writes through none, and reads no "
                "state through one.",
                "Replace it by what it leads to, or name that place itself.",
            )
