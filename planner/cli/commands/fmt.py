"""`planner fmt`: files in, files out, nothing half written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from planner.cli import options
from planner.cli.output import print_lines, say
from planner.config.settings import Flags, name_of
from planner.stores.files import write_atomically
from planner.stores.inside import read_given
from planner.text import clean


class Change(NamedTuple):
    """A file whose text would be another."""

    path: Path
    before: str
    after: str


@options.takes("config", "outside_policy")
def fmt(
    flags: Flags,
    files: options.PolicyFiles = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change.")
    ] = False,
    no_color: options.NoColor = False,
) -> int:
    """Rewrite policy files in one readable style.

    The order of elements and of lists becomes the same everywhere, the meaning
    stays: the digest before and after is equal. Prints the names of the files
    that changed.
    """
    from planner.render.text.unified_diff import diff_lines

    write = not (check or diff)
    read = [(each, read_given(each, "policy file")) for each in files or ()] or _own(flags)
    changes = _changes(read, write=write)
    for path, before, after in changes:
        if write:
            write_atomically(path, after.encode(), "policy file")
        if diff:
            print_lines(diff_lines(str(path), before, after), no_color=no_color)
        else:
            say(clean(str(path)))
    return 1 if check and changes else 0


def _own(flags: Flags) -> list[tuple[Path, bytes]]:
    """The policy files of the project, and what is in each."""
    from planner.cli.wiring import Wiring

    wiring = Wiring(flags)
    return [(each, wiring.read_policy(each)) for each in wiring.policy]


def _changes(files: Sequence[tuple[Path, bytes]], *, write: bool) -> list[Change]:
    """What would change. Standard input, where it is to be written, goes to standard output.

    All are formatted before the first is written, so one mistake spares them all.
    """
    from planner.policy.formatter import format_policy

    changes = []
    for path, data in files:
        text = format_policy(data, name_of(path))
        if str(path) == "-" and write:
            say(text, end="")
        elif text.encode() != data:
            changes.append(Change(path, data.decode("utf-8-sig"), text))
    return changes
