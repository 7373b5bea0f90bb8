"""`planner access`."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, show, tell_origins
from planner.config.settings import Flags
from planner.render.interface import View


@options.takes("policy_file", *options.PLANNING, shows="access")
def access(
    flags: Flags,
    output: Output,
    live: options.Live = False,
    principal: Annotated[
        str | None,
        typer.Option("--principal", metavar="WHO", help="Only rows that apply to this caller."),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", metavar="ACTION", help="Only rows with this action."),
    ] = None,
    repository: Annotated[
        str | None,
        typer.Option("--repository", metavar="NAME", help="Only rows that reach this repository."),
    ] = None,
) -> None:
    """Show who may do what by one policy, its Denies taken off.

    A row is one principal, resource and condition. What another account is
    allowed here, its own IAM must allow too.
    """
    from planner.access.query import Filters, granted
    from planner.access.view import access_view
    from planner.cli.policies import read_subject
    from planner.cli.wiring import Wiring

    wiring = Wiring(flags)
    subject = read_subject(wiring, live=live)
    registry = subject.target.registry
    found = granted(subject.policy, registry, Filters(principal, action, repository))
    tell_origins(subject.target)
    show(View("access", access_view(found, registry, wiring.settings.toml.accounts)), output)
