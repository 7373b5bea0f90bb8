"""Starting a project: the live policy if it can be had, then each file that is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from planner.errors import PlannerError
from planner.generate.policy_types import PartialRegistry
from planner.policy.formatter import format_policy
from planner.registry import Registry
from planner.scaffold.project import Layout, Start, ignore_text, texts
from planner.workflow.live import parse_live


class Files(Protocol):
    """The files of a project. Reading and writing raise PlannerError where they fail."""

    def exists(self, path: Path) -> bool:
        """Whether something is there, a link to nowhere included."""

    def read(self, path: Path) -> str:
        """The text of a file."""

    def create(self, path: Path, text: str) -> None:
        """Makes a file, and the folders it stands in."""

    def replace(self, path: Path, text: str) -> None:
        """Replaces a file."""


class LivePolicy(NamedTuple):
    """The registry that the credentials reach, and its policy's text where it has one."""

    registry: Registry
    text: str | None


FetchLive = Callable[[], LivePolicy | None]
"""Asks ECR for the live policy; gives None where there are no credentials to ask with."""


@dataclass(frozen=True, slots=True)
class Started:
    """What was written, in order, and what the project started from."""

    written: tuple[Path, ...]
    start: Start


def start_project(
    layout: Layout,
    files: Files,
    fetch_live: FetchLive | None,
    known: Callable[[], PartialRegistry],
    *,
    keep: bool,
) -> Started:
    """Writes the files of a project, or with `keep` those that are missing.

    `fetch_live` is None to start without AWS, and is not called where nothing depends on it;
    `known` gives what is known of the registry without AWS. Raises PlannerError, before
    anything is written, where a file exists and is not to be kept or ECR cannot be asked.
    """
    standing = [each for each in layout.files if files.exists(each)]
    if standing and not keep:
        raise PlannerError(
            "There is a project here already: nothing was written.",
            "\n".join(f"{each} exists." for each in standing),
            "Give --keep to leave what exists as it is, and write only what is missing.",
        )
    is_complete = {layout.settings, layout.policy} <= set(standing)
    if fetch_live is None or is_complete:
        start = Start(known())
    else:
        start = _from_aws(layout, fetch_live, known)
    missing = {path: text for path, text in texts(layout, start).items() if path not in standing}
    ignoring = files.read(layout.ignored) if files.exists(layout.ignored) else None
    for path, text in missing.items():
        files.create(path, text)
    return Started((*missing, *_ignore(layout.ignored, ignoring, files)), start)


def _from_aws(layout: Layout, fetch_live: FetchLive, known: Callable[[], PartialRegistry]) -> Start:
    try:
        found = fetch_live()
        if found is not None and found.text is not None:
            parse_live(found.text)
    except PlannerError as error:
        hint = f"{error.hint} To start without AWS: planner init --offline".strip()
        raise PlannerError(error.summary, error.detail, hint) from error
    if found is None:
        return Start(known(), told="There are no AWS credentials: AWS was not asked.")
    registry, text = found
    target = PartialRegistry(registry.partition, registry.account_id, registry.region)
    if text is None:
        return Start(target, told=f"{registry} has no policy yet.")
    live = format_policy(text, "the live policy", into=str(layout.policy))
    return Start(target, live, f"The policy file is the live policy of {registry}.")


def _ignore(path: Path, existing: str | None, files: Files) -> list[Path]:
    """Adds to the .gitignore what it lacks; gives it if it was changed."""
    text = ignore_text(existing or "")
    if text == existing:
        return []
    write = files.create if existing is None else files.replace
    write(path, text)
    return [path]
