"""Policies, and the settings that name one, where a pull request decides what is read.

Whoever opens one writes `planner.toml`, and lays links. So a file that nobody named on the command
line is a regular one of its own repository: `policy = "../../.aws/credentials"` would otherwise
show the beginning of that file in an error message. A link in the repository that is named there,
as `policies/*.json` may do, is followed, and shows nothing of what is no policy.
"""

from __future__ import annotations

import os
from pathlib import Path

from planner.errors import PlannerError
from planner.policy.load import load_policy
from planner.policy.source_text import MAX_BYTES
from planner.stores.files import read_bounded, read_in, reading
from planner.stores.folders import opened, repository_of

ALLOW = "--allow-outside-policy"
"""The option that lets a policy file lie elsewhere."""


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path, links followed, stays in the repository of a folder, or in the folder.

    What git keeps for itself in `.git` is outside: a token of a CI runner may stand there.
    """
    root = repository_of(folder) or folder.resolve()
    there = Path(os.path.realpath(path))
    if not there.is_relative_to(root):
        return False
    return ".git" not in map(str.casefold, there.relative_to(root).parts)


def check_inside(path: Path, folder: Path, what: str, hint: str) -> None:
    """Raises PlannerError where a path leads out of the repository of a folder."""
    if is_inside(path, folder):
        return
    where = "its repository" if repository_of(folder) else "its folder"
    raise PlannerError(
        f"The {what} {path} lies outside of {where}.",
        f"It is {os.path.realpath(path)}, and nobody has named it on the command line.",
        hint,
    )


def read_inside(path: Path, what: str) -> bytes:
    """The bytes of a regular file, one more than MAX_BYTES of them at the most.

    Links are followed. Raises PlannerError for a pipe, a device or a folder, without opening it.
    """
    there = Path(os.path.realpath(path))
    with reading(path, what), opened(there.parent) as folder:
        return read_in(folder, there.name, path, MAX_BYTES)


def read_ours(name: str) -> bytes | None:
    """The bytes of a policy file that a plan names, None unless one of this repository is there."""
    path = Path(name)
    if not path.is_file() or not is_inside(path, Path()):
        return None
    return read_inside(path, "policy file")


def read_given(path: Path, what: str) -> bytes:
    """The bytes of a policy that the user names, as `read_bounded` has them.

    Raises PlannerError for a link in the repository to something outside that is no policy.
    """
    data = read_bounded(path, what)
    if str(path) != "-" and _is_link_out(path):
        check_is_policy(data, path)
    return data


def _is_link_out(path: Path) -> bool:
    here = repository_of(Path()) or Path.cwd()
    named = Path(os.path.normpath(Path.cwd() / path))
    return named.is_relative_to(here) and not is_inside(path, here)


def check_is_policy(data: bytes, path: Path) -> None:
    """Raises PlannerError, in which nothing of the data stands, where it looks like no policy.

    A document that `load_policy` finds one in looks like one.
    """
    tree = load_policy(data, str(path)).tree
    if tree.root is None or not tree.root.member("Statement"):
        raise PlannerError(
            f"{path} is no policy.",
            "It leads out of the repository, so nothing of it is shown.",
            f"To see what is wrong with it: planner validate {os.path.realpath(path)}",
        )
