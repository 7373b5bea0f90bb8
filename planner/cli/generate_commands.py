"""The commands that make a statement, one for each policy type of the console and two more."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options

generate = typer.Typer(
    invoke_without_command=True,
    help="Make a statement, as the console's policy generator does.",
)

Sid = Annotated[
    str, typer.Option("--sid", metavar="ID", help="The statement's id: letters and digits.")
]
Account = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="ID", help="Who: account ids, by commas. Repeatable."),
]
Organization = Annotated[
    str | None,
    typer.Option("--organization", metavar="ID", help="Who: all of an organization, o-..."),
]
Prefix = Annotated[
    str | None,
    typer.Option(
        "--repository-prefix",
        metavar="TEXT",
        help="Only repositories that begin with it. Default: all.",
    ),
]
Into = Annotated[
    Path | None,
    typer.Option("--into", metavar="FILE", help="Add the statement to this policy file."),
]
Replace = Annotated[
    bool,
    typer.Option("--replace", help="Replace the statement of --into that has this id."),
]


@generate.callback()
def _generate(context: typer.Context) -> None:
    """Make a statement, as the console's policy generator does.

    Without a type it asks. The statement goes to standard output, what it
    allows in words to standard error. No AWS credentials are needed.
    """
    if context.invoked_subcommand is None:
        from planner.cli.generating import ask_on_terminal, converse, refuse_without_terminal
        from planner.config.settings import Flags

        refuse_without_terminal()
        converse(Flags(), ask_on_terminal)


@generate.command()
def replication(
    sid: Sid,
    account: Account = None,
    repository_prefix: Prefix = None,
    into: Into = None,
    replace: Replace = False,
    region: options.Region = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
) -> None:
    """Let other accounts replicate their images into this registry."""
    from planner.cli.generating import generate as make
    from planner.config.settings import Flags

    given = {"sid": sid, "account": account, "repository-prefix": repository_prefix}
    flags = Flags(into, region, account_id=account_id, config=config)
    make("replication", given, flags, replace=replace)


@generate.command("pull-through-cache")
def pull_through_cache(
    sid: Sid,
    principal: Annotated[
        list[str] | None,
        typer.Option("--principal", metavar="ARN", help="Who: a user or role. Repeatable."),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace", metavar="TEXT", help="The prefix of the cache rule, such as docker-hub."
        ),
    ] = None,
    repository: Annotated[
        list[str] | None,
        typer.Option(
            "--repository",
            metavar="NAME",
            help="Only this one of the namespace; a final * is all that begin so. Repeatable.",
        ),
    ] = None,
    into: Into = None,
    replace: Replace = False,
    region: options.Region = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
) -> None:
    """Let users and roles bring images into the cache by pulling them."""
    from planner.cli.generating import generate as make
    from planner.config.settings import Flags

    given = {
        "sid": sid,
        "principal": principal,
        "namespace": namespace,
        "repository": repository,
    }
    flags = Flags(into, region, account_id=account_id, config=config)
    make("pull-through-cache", given, flags, replace=replace)


@generate.command()
def pull(
    sid: Sid,
    account: Account = None,
    organization: Organization = None,
    repository_prefix: Prefix = None,
    into: Into = None,
    replace: Replace = False,
    region: options.Region = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
) -> None:
    """Let other accounts, or an organization, pull images. Takes policy scope V2."""
    _share(
        "pull",
        sid,
        account,
        organization,
        repository_prefix,
        into,
        replace,
        region,
        account_id,
        config,
    )


@generate.command()
def push(
    sid: Sid,
    account: Account = None,
    organization: Organization = None,
    repository_prefix: Prefix = None,
    into: Into = None,
    replace: Replace = False,
    region: options.Region = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
) -> None:
    """Let other accounts, or an organization, push images. Takes policy scope V2."""
    _share(
        "push",
        sid,
        account,
        organization,
        repository_prefix,
        into,
        replace,
        region,
        account_id,
        config,
    )


def _share(
    policy_type: str,
    sid: str,
    account: list[str] | None,
    organization: str | None,
    repository_prefix: str | None,
    into: Path | None,
    replace: bool,
    region: str | None,
    account_id: str | None,
    config: Path | None,
) -> None:
    from planner.cli.generating import generate as make
    from planner.config.settings import Flags

    given = {
        "sid": sid,
        "account": account,
        "organization": organization,
        "repository-prefix": repository_prefix,
    }
    flags = Flags(into, region, account_id=account_id, config=config)
    make(policy_type, given, flags, replace=replace)
