"""`planner init`: which files, from what, and nothing that exists overwritten."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.cli.generating import known_target, read_policy_file
from planner.cli.output import notice, say
from planner.cli.project import Project
from planner.config.settings import DEFAULT_POLICY, FILE_NAME, Flags
from planner.errors import PlannerError
from planner.generate.policy_types import PartialRegistry
from planner.policy.formatter import format_policy
from planner.scaffold import project as starter
from planner.stores.files import make_folders, read_bounded, write_atomically
from planner.text import clean
from planner.workflow.planning import parse_live


@dataclass(frozen=True, slots=True)
class _Start:
    """What a project starts from: the registry, its live policy if any, and where that is from."""

    target: PartialRegistry
    live: str | None
    source: str


def start_project(
    folder: Path, flags: Flags, services: Sequence[str], *, offline: bool, keep: bool
) -> None:
    """Writes the files of a new project, or with `keep` those that are missing.

    `flags` has no settings file: that of the folder counts, and no other.
    """
    settings = folder / FILE_NAME
    project = _project(settings, flags)
    policy = (
        project.settings.policy if project.settings.file == settings else folder / DEFAULT_POLICY
    )
    ci_files = {service: folder / starter.CI_FILES[service] for service in services}
    standing = [each for each in (settings, policy, *ci_files.values()) if _stands(each)]
    if standing and not keep:
        raise PlannerError(
            "There is a project here already: nothing was written.",
            "\n".join(f"{each} exists." for each in standing),
            "Give --keep to leave what exists as it is, and write only what is missing.",
        )
    asks = not offline and not {settings, policy} <= set(standing)
    start = _from_aws(project) if asks else _without_aws(project, "")
    files = {
        settings: starter.settings_text(start.target),
        policy: start.live or starter.policy_text(start.target),
        **{path: starter.ci_text(service, start.target) for service, path in ci_files.items()},
    }
    written = [path for path in files if path not in standing]
    for path in written:
        _write(path, files[path])
    written += _ignore(folder / ".gitignore")
    if start.source and policy in written:
        notice(start.source)
    _conclude(folder, written, start, has_policy=policy in written, ci=list(ci_files.values()))


def _project(settings: Path, flags: Flags) -> Project:
    # Without one of its own, the settings of the current folder would be another project's.
    config = settings if _stands(settings) else Path(os.devnull)
    return Project(
        Flags(
            region=flags.region,
            profile=flags.profile,
            endpoint_url=flags.endpoint_url,
            account_id=flags.account_id,
            config=config,
        )
    )


def _stands(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _from_aws(project: Project) -> _Start:
    try:
        api = project.registry_api()
        if not api.has_credentials:
            return _without_aws(project, "There are no AWS credentials: AWS was not asked.")
        registry = api.caller().registry
        text = api.read()
        if text is not None:
            parse_live(text)
    except PlannerError as error:
        error.hint = f"{error.hint} To start without AWS: planner init --offline".strip()
        raise
    target = PartialRegistry(registry.partition, registry.account_id, registry.region)
    if text is None:
        return _Start(target, None, f"{registry} has no policy yet.")
    live = format_policy(text, "the live policy")
    return _Start(target, live, f"The policy file is the live policy of {registry}.")


def _without_aws(project: Project, source: str) -> _Start:
    data = read_policy_file(project) if project.settings.policy.is_file() else None
    return _Start(known_target(project, data), None, source)


def _write(path: Path, text: str) -> None:
    try:
        make_folders(path.parent)
    except OSError as error:
        raise PlannerError(
            f"The folder {path.parent} cannot be made.",
            f"{error.strerror or error}.",
            "Check the path and who may write there.",
        ) from None
    write_atomically(path, text.encode(), "file")


def _ignore(path: Path) -> list[Path]:
    """Adds to the .gitignore what it lacks; gives it if it was changed."""
    existing = ""
    if _stands(path):
        existing = read_bounded(path, "file").decode("utf-8", errors="surrogateescape")
    text = starter.ignore_text(existing)
    if text == existing:
        return []
    write_atomically(path, text.encode("utf-8", errors="surrogateescape"), "file")
    return [path]


def _conclude(
    folder: Path, written: list[Path], start: _Start, *, has_policy: bool, ci: list[Path]
) -> None:
    for path in written:
        say(clean(f"Wrote {path}"))
    if not written:
        say("There is nothing to write: all of it exists.")
    steps = [] if folder.resolve() == Path.cwd() else [f"cd {folder}"]
    if has_policy and start.live is None:
        steps.append(f"edit {FILE_NAME}: give {starter.SOURCE_ACCOUNT} a value under [vars]")
    steps += ["planner plan --out plan.json", "planner apply plan.json"]
    if ci:
        steps.append(f"read the top of {', '.join(map(str, ci))}: roles and approval")
    say("\nNext:")
    for step in steps:
        say(clean(f"  {step}"))
    root = _repository_root(folder)
    if ci and root and root != folder.resolve():
        notice(f"\nCI files are read at the top of the repository, {root}: move them there.")


def _repository_root(folder: Path) -> Path | None:
    here = folder.resolve()
    return next((each for each in (here, *here.parents) if (each / ".git").exists()), None)
