"""`planner access`."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, show, tell_origins
from planner.config.settings import Flags
from planner.render.interface import View


@options.takes("policy_file", *options.PLANNING, "state", "scope", shows="access")
def access(
    flags: Flags,
    output: Output,
    live: options.Live = False,
    at: options.At = None,
    principal: Annotated[
        str | None,
        typer.Option(
            "--principal",
            metavar="WHO",
            help="Only rows that apply to this caller: as for `can`, or as the table has it.",
        ),
    ] = None,
    action: Annotated[
        str | None,
        typer.Option(
            "--action",
            metavar="ACTION",
            help="Only rows with this action: a name, a pattern, or a word such as pull.",
        ),
    ] = None,
    repository: Annotated[
        str | None,
        typer.Option(
            "--repository",
            metavar="NAME",
            help="Only rows that reach this repository: a name, a pattern, an image, or an ARN.",
        ),
    ] = None,
) -> None:
    """Show who may do what by one policy, its Denies taken off.

    A row is one principal, resource and condition. What another account is
    allowed here, its own IAM must allow too. Under scope V1 a policy speaks of
    three actions.
    """
    from planner.access.query import filters_named, granted
    from planner.access.view import access_view
    from planner.cli.policies import read_subject
    from planner.cli.wiring import Wiring

    wiring = Wiring(flags)
    accounts = wiring.settings.toml.accounts
    subject = read_subject(wiring, live=live, at=at)
    registry = subject.target.registry
    filters = filters_named(
        registry, accounts, principal=principal, action=action, repository=repository
    )
    found = granted(subject.policy, registry, filters, subject.scope)
    tell_origins(subject.target)
    document = {
        **access_view(found, registry, accounts, subject.scope, subject.parsed),
        "recorded": subject.recorded,
    }
    show(View("access", document), output)
