"""`planner init`: which project, which credentials, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from planner.cli.generating import known_target
from planner.cli.output import notice, say
from planner.cli.wiring import Wiring
from planner.config.settings import Flags
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

    The settings of the folder count, and no others: those of the current one may be another
    project's.
    """
    files = ProjectFiles(folder)
    wiring = Wiring(flags, folder)
    layout = Layout(folder, wiring.first_policy, tuple(services))

    def fetch_live() -> LivePolicy | None:
        api = wiring.registry_api()
        if not api.has_credentials:
            return None
        return LivePolicy(api.caller().registry, api.read())

    def known() -> PartialRegistry:
        return known_target(wiring)

    started = scaffolding.start_project(
        layout, files, None if offline else fetch_live, known, keep=keep
    )
    if layout.policy in started.written:
        if started.start.told:
            notice(started.start.told)
        if started.start.live is not None:
            _record(wiring)
    _conclude(layout, started)


def _record(wiring: Wiring) -> None:
    """Records what the policy file was made of, unless the state knows the registry already."""
    from planner.cli.machine import Signals
    from planner.workflow.baseline import record_baseline
    from planner.workflow.importing import Wanted, find_import

    inputs = wiring.inputs(destroy=False)
    found = find_import(inputs, wiring.live_source(), wiring.state, Wanted())
    if found.baseline is None or found.seen.snapshot is not None:
        return
    with Signals() as signals:
        run = wiring.apply_context(signals, found.seen.registry.region, found.owner)
        snapshot = record_baseline(run, found.seen, found.baseline, "init")
    notice(f"Recorded in the state: serial {snapshot.serial}.")


def _conclude(layout: Layout, started: Started) -> None:
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
