"""What git knows of the folder that a project lies in."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

from planner.ownership.owned import OwnerSource
from planner.ownership.remote import repository_name
from planner.stores.folders import repository_of
from planner.text import clean

_SECONDS = 10


def source_of(settings: Path | None) -> OwnerSource:
    """The repository that a settings file lies in, by its remote, and its path inside it.

    Nothing is known of a folder that is in no repository, of a repository without a remote,
    and where git is not installed or does not trust the folder.
    """
    if settings is None:
        return OwnerSource()
    root = repository_of(settings.parent)
    remote = _remote(settings.parent) if root else None
    if root is None or remote is None:
        return OwnerSource()
    path = Path(os.path.realpath(settings.parent)) / settings.name
    return OwnerSource(clean(remote), clean(path.relative_to(root).as_posix()))


def _remote(folder: Path) -> str | None:
    """The name of the remote `origin`, or of the only one."""
    printed = _git(folder, "config", "--null", "--get-regexp", r"^remote\..*\.url$")
    remotes: dict[str, str] = {}
    for entry in filter(None, printed.split("\0")):
        key, _, url = entry.partition("\n")
        remotes.setdefault(key, url)
    url = remotes.get("remote.origin.url") or next(iter(remotes.values()), "")
    return repository_name(url) if len(remotes) == 1 or "remote.origin.url" in remotes else None


def _git(folder: Path, *words: str) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(  # noqa: S603 - fixed words, and git reads no file of the project
            ["git", "-C", str(folder), *words],  # noqa: S607 - the user's own git
            capture_output=True,
            check=True,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout.decode("utf-8", errors="replace")
    return ""
