"""`planner import`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, notice, show
from planner.config.settings import Flags, name_of
from planner.render.interface import View
from planner.text import clean

if TYPE_CHECKING:
    from planner.cli.wiring import Wiring
    from planner.policy.tree import Tree
    from planner.workflow.importing import Import


@options.takes(*options.PLANNING, "state", "lock_timeout", shows="import")
def import_(
    flags: Flags,
    output: Output,
    addresses: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ADDRESS]...",
            help="Live statements, as plan names them. Default: all that nobody else owns.",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Import the statements of this document."),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into",
            metavar="FILE",
            help="Add what is missing to this policy file of the project. Default: the first.",
            show_default=False,
        ),
    ] = None,
    auto_approve: options.AutoApprove = False,
) -> None:
    """Take live statements into the state, and into the policy files.

    What the files lack is added to the first of them, or a first one is made.
    With --from the statements of a document are added, and the state records
    those that are live. Nothing is written to AWS.
    """
    from planner.cli.asking import approve, check_can_ask
    from planner.cli.warnings import warn_of_journal, warn_of_settings, warn_of_state

    found, wiring, paths = _find(flags, tuple(addresses or ()), from_, into)
    warn_of_settings(wiring)
    warn_of_state(wiring)
    warn_of_journal(wiring, found.seen.registry)
    show(View("import", found.to_json()), output)
    if not found.written and found.baseline is None:
        return
    check_can_ask(auto_approve=auto_approve)
    approve("Import this?", auto_approve=auto_approve)
    _carry_out(wiring, found, paths)


def _find(
    flags: Flags, addresses: tuple[str, ...], document: Path | None, into: Path | None
) -> tuple[Import, Wiring, tuple[Path, ...]]:
    """What is to be imported, and where the policy files are."""
    from planner.cli.wiring import Wiring
    from planner.errors import UsageError
    from planner.workflow.importing import Wanted, find_import

    if addresses and document is not None:
        raise UsageError(
            "--from takes no addresses.", "It imports a whole document.", "Leave one of them out."
        )
    wiring = Wiring(flags)
    inputs = wiring.inputs(destroy=False) if wiring.standing else wiring.inputs_without_files()
    paths = wiring.standing or (wiring.first_policy,)
    wanted = Wanted(
        addresses,
        _read(document) if document is not None else None,
        new_file=name_of(paths[0]),
        into=0 if into is None else _place(into, paths),
    )
    return find_import(inputs, wiring.live_source(), wiring.state, wanted), wiring, paths


def _place(into: Path, paths: tuple[Path, ...]) -> int:
    """Which of the policy files is meant."""
    from planner.errors import UsageError

    for place, path in enumerate(paths):
        if path.absolute() == into.absolute():
            return place
    raise UsageError(
        f"{into} is none of the policy files of this project.",
        f"They are {', '.join(map(name_of, paths))}.",
        "Name one of them, or make the file first and name it under policy in planner.toml.",
    )


def _read(path: Path) -> Tree:
    from planner.cli.policies import tell_wrapping
    from planner.policy.load import load_policy
    from planner.stores.inside import read_given

    tree = load_policy(read_given(path, "document"), name_of(path)).tree
    tell_wrapping(tree)
    return tree


def _carry_out(wiring: Wiring, found: Import, paths: tuple[Path, ...]) -> None:
    """Writes the files, then records: what is in the files and live is adopted in any case."""
    from planner.cli.machine import Signals
    from planner.stores.files import ProjectFiles, write_atomically
    from planner.workflow.baseline import record_baseline

    for path, file in zip(paths, found.files, strict=False):
        if not os.path.lexists(path):
            ProjectFiles(Path()).create(path, file.data.decode())
        elif wiring.read_policy(path) != file.data:
            write_atomically(path, file.data, "policy file")
        else:
            continue
        notice(clean(f"Wrote {name_of(path)}."))
    if found.baseline is None:
        return
    with Signals() as signals:
        run = wiring.apply_context(signals, found.seen.registry.region, found.owner)
        snapshot = record_baseline(run, found.seen, found.baseline, "import")
    notice(f"Recorded in the state: serial {snapshot.serial}. Nothing was changed at AWS.")
