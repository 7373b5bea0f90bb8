"""`planner init`: which project, which credentials, and what to do next."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from planner.cli.generating import known_target, read_policy_file
from planner.cli.output import notice, say
from planner.cli.wiring import Wiring
from planner.config.settings import DEFAULT_POLICY, FILE_NAME, Flags
from planner.generate.policy_types import PartialRegistry
from planner.scaffold.project import Layout, next_steps
from planner.stores.files import ProjectFiles
from planner.stores.folders import repository_of
from planner.text import clean
from planner.workflow import scaffolding
from planner.workflow.scaffolding import LivePolicy, Started


def start_project(
    folder: Path, flags: Flags, services: Sequence[str], *, offline: bool, keep: bool
) -> None:
    """Writes the files of a new project, or with `keep` those that are missing.

    `flags` has no settings file: that of the folder counts, and no other.
    """
    files = ProjectFiles(folder)
    settings = folder / FILE_NAME
    has_settings = files.exists(settings)
    wiring = _wiring_of(settings if has_settings else None, flags)
    policy = wiring.settings.policy if has_settings else folder / DEFAULT_POLICY
    layout = Layout(folder, policy, tuple(services))

    def fetch_live() -> LivePolicy | None:
        api = wiring.registry_api()
        if not api.has_credentials:
            return None
        return LivePolicy(api.caller().registry, api.read())

    def known() -> PartialRegistry:
        data = read_policy_file(wiring) if wiring.settings.policy.is_file() else None
        return known_target(wiring, data)

    started = scaffolding.start_project(
        layout, files, None if offline else fetch_live, known, keep=keep
    )
    _conclude(layout, started)


def _wiring_of(settings: Path | None, flags: Flags) -> Wiring:
    # Without one of its own, the settings of the current folder would be another project's.
    return Wiring(
        Flags(
            region=flags.region,
            profile=flags.profile,
            endpoint_url=flags.endpoint_url,
            account_id=flags.account_id,
            config=settings or Path(os.devnull),
        )
    )


def _conclude(layout: Layout, started: Started) -> None:
    if started.start.told and layout.policy in started.written:
        notice(started.start.told)
    for path in started.written:
        say(clean(f"Wrote {path}"))
    if not started.written:
        say("There is nothing to write: all of it exists.")
    folder = layout.folder.resolve()
    say("\nNext:")
    for step in next_steps(layout, started.start, started.written, is_here=folder == Path.cwd()):
        say(clean(f"  {step}"))
    root = repository_of(folder)
    if layout.ci and root and root != folder:
        notice(f"\nCI files are read at the top of the repository, {root}: move them there.")
