"""Patterns of file names, as shells have them: `policies/*.json`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from planner.errors import PlannerError
from planner.policy.syntax import SYNTAXES
from planner.text import counted

MOST_FILES = 200
"""The most files that one policy is made of: ECR's limit leaves each of them 51 characters."""

_MOST_MATCHES = 2_000
"""The most names that are looked at further on the way through folders, which links may nest."""

_SUFFIXES = tuple(suffix for each in SYNTAXES for suffix in each.suffixes)

CheckFolder = Callable[[Path], None]
"""Raises PlannerError for a folder whose names are not to be looked at."""


class NoMatchError(PlannerError):
    """A pattern matches no file."""


def is_glob(path: Path) -> bool:
    """Whether a path has a `*`, a `?` or a `[` in it, which stand for other characters."""
    return any(character in str(path) for character in "*?[")


def expand(
    patterns: Iterable[Path], folder: Path, check: CheckFolder, *, prefers_names: bool = False
) -> tuple[Path, ...]:
    """The files that the patterns mean, seen from a folder, each once and in order of path.

    A path that is no pattern is taken as it is, whether or not a file is there; with
    `prefers_names` a pattern that is the name of a file is that file. Raises PlannerError for a
    pattern that matches nothing, or something that is no policy file, and for more than
    MOST_FILES.
    """
    found = set[Path]()
    for each in patterns:
        if not is_glob(each) or (prefers_names and os.path.lexists(folder / each)):
            found.add(folder / each)
        else:
            found.update(_expanded(each, folder, check))
    if len(found) > MOST_FILES:
        raise PlannerError(
            f"A policy in {counted(len(found), 'file')} is more than planner reads.",
            f"At most {MOST_FILES} are taken.",
            "Put several statements into one file.",
        )
    return tuple(sorted(found))


def place_for(pattern: Path, name: str) -> Path | None:
    """Where a file of this name is one that the pattern matches; the path itself of no pattern.

    >>> place_for(Path("policies/*.json"), "first.json")
    PosixPath('policies/first.json')
    """
    if not is_glob(pattern):
        return pattern
    is_place = fnmatchcase(name, pattern.name) and not is_glob(pattern.parent)
    return pattern.with_name(name) if is_place else None


def _expanded(pattern: Path, folder: Path, check: CheckFolder) -> list[Path]:
    if "**" in pattern.parts:
        hint = "Write a pattern for each depth: policies/*.json, policies/*/*.json."
        raise PlannerError(f"{pattern}: planner does not take `**`.", "", hint)
    found = [folder]
    for part in pattern.parts:
        found = [path for each in found for path in _step(each, part, check)]
        if len(found) > _MOST_MATCHES:
            hint = "Write a narrower one."
            raise PlannerError(f"{folder / pattern} matches too many names.", "", hint)
    found = [each for each in found if os.path.lexists(each)]
    if not found:
        hint = "Check the pattern and the current folder. `planner init` starts a project."
        raise NoMatchError(f"No file matches {folder / pattern}.", "", hint)
    for each in found:
        _check_is_policy_file(each)
    return found


def _step(folder: Path, part: str, check: CheckFolder) -> list[Path]:
    """What one part of a pattern leads to; `*` matches no hidden name, as in shells."""
    if not is_glob(Path(part)):
        return [folder / part]
    check(folder)
    if not folder.is_dir():
        return []
    try:
        names = sorted(each.name for each in folder.iterdir())
    except OSError as error:
        hint = "Check who may read it."
        raise PlannerError(
            f"The folder {folder} cannot be read.", f"{error.strerror}.", hint
        ) from None
    is_hidden = part.startswith(".")
    return [
        folder / each
        for each in names
        if fnmatchcase(each, part) and each.startswith(".") == is_hidden
    ]


def _check_is_policy_file(path: Path) -> None:
    if path.is_dir():
        why, hint = "It is a folder.", "Write a pattern that leaves it out, such as *.json."
    elif not path.name.endswith(_SUFFIXES):
        endings = " or ".join(_SUFFIXES)
        why, hint = f"Its name does not end in {endings}.", "Write a pattern that leaves it out."
    else:
        return
    raise PlannerError(f"{path} is among the policy files, and is none.", why, hint)
