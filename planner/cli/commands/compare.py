"""`planner compare`."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, show
from planner.config.settings import Flags
from planner.errors import UsageError
from planner.render.interface import View


class FailOn(enum.StrEnum):
    """What `--fail-on` takes; Typer reads lists of enums, not of literals."""

    broadening = "broadening"
    narrowing = "narrowing"
    unknown = "unknown"
    any = "any"


@options.takes("var", shows="comparison")
def compare(
    flags: Flags,
    output: Output,
    before: Annotated[Path, typer.Argument(metavar="A", help="A policy file, or - for stdin.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The policy that replaces it.")],
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option("--fail-on", help="Exit 1 in this case. Repeatable."),
    ] = None,
) -> int:
    """Compare what two policies allow, of any AWS service. Needs no AWS.

    The verdict is equivalent, narrows, broadens, both or unknown, with one true
    request for each difference. Like diff without --exit-code it exits 0; with
    --fail-on it exits 1: broadening if B allows anything more or if that cannot
    be told, narrowing likewise, unknown if anything could not be told, any if
    the verdict is not equivalent.
    """
    from planner.access.compare import compare as compare_policies
    from planner.access.query import is_case
    from planner.access.view import comparison_view
    from planner.cli.policies import read_any
    from planner.policy.document import named_registry
    from planner.policy.placeholders import BUILT_IN

    if str(before) == str(after) == "-":
        raise UsageError("Only one of the policies can be standard input.")
    # What the registry fills stays as it is: it is the same on both sides.
    old, new = (read_any(each, flags.vars, BUILT_IN) for each in (before, after))
    found = compare_policies(old, new)
    show(View("comparison", comparison_view(found, named_registry([old, new]))), output)
    return 1 if any(is_case(found, each.value) for each in fail_on or []) else 0
