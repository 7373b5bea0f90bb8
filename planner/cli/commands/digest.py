"""`planner digest`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import say
from planner.config.settings import Flags
from planner.errors import UsageError


@options.takes("var")
def digest(
    flags: Flags,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file, or - for stdin.")],
    partition: Annotated[
        str,
        typer.Option(
            "--partition",
            metavar="NAME",
            help="The partition in which an account id and its root ARN are the same.",
        ),
    ] = "aws",
) -> None:
    """Print the canonical digest of a policy of any AWS service.

    Two policies have the same digest if they differ in nothing but spelling:
    order, white space, a string or a list of one, an account id or its root ARN.
    """
    from planner.cli.policies import read_any
    from planner.policy import canonical
    from planner.registry import PARTITION

    if not PARTITION.fullmatch(partition):
        raise UsageError(f"--partition '{partition}' is none.", "", "Give one as in aws-cn.")
    say(canonical.digest(read_any(file, flags.vars), partition))
