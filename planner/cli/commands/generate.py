"""`planner generate`: a statement, one command for each policy type of the console and two more."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import options
from planner.config.settings import Flags

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
Replace = Annotated[
    bool,
    typer.Option("--replace", help="Replace the statement of --into that has this id."),
]
_SHARED = ("into", "region", "account_id", "config", "outside_policy")


@generate.callback()
def _generate(context: typer.Context) -> None:
    """Make a statement, as the console's policy generator does.

    Without a type it asks. The statement goes to standard output, what it
    allows in words to standard error. No AWS credentials are needed.
    """
    if context.invoked_subcommand is None:
        from planner.cli.generating import ask_on_terminal, converse, refuse_without_terminal

        refuse_without_terminal()
        converse(Flags(), ask_on_terminal)


@generate.command()
@options.takes(*_SHARED)
def replication(
    flags: Flags,
    sid: Sid,
    account: Account = None,
    repository_prefix: Prefix = None,
    replace: Replace = False,
) -> None:
    """Let other accounts replicate their images into this registry."""
    from planner.cli.generating import generate as make

    given = {"sid": sid, "account": account, "repository-prefix": repository_prefix}
    make("replication", given, flags, replace=replace)


@generate.command("pull-through-cache")
@options.takes(*_SHARED)
def pull_through_cache(
    flags: Flags,
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
    replace: Replace = False,
) -> None:
    """Let users and roles bring images into the cache by pulling them."""
    from planner.cli.generating import generate as make

    given = {
        "sid": sid,
        "principal": principal,
        "namespace": namespace,
        "repository": repository,
    }
    make("pull-through-cache", given, flags, replace=replace)


@generate.command()
@options.takes(*_SHARED)
def pull(
    flags: Flags,
    sid: Sid,
    account: Account = None,
    organization: Organization = None,
    repository_prefix: Prefix = None,
    replace: Replace = False,
) -> None:
    """Let other accounts, or an organization, pull images. Takes policy scope V2."""
    _share("pull", flags, sid, account, organization, repository_prefix, replace=replace)


@generate.command()
@options.takes(*_SHARED)
def push(
    flags: Flags,
    sid: Sid,
    account: Account = None,
    organization: Organization = None,
    repository_prefix: Prefix = None,
    replace: Replace = False,
) -> None:
    """Let other accounts, or an organization, push images. Takes policy scope V2."""
    _share("push", flags, sid, account, organization, repository_prefix, replace=replace)


def _share(
    policy_type: str,
    flags: Flags,
    sid: str,
    account: list[str] | None,
    organization: str | None,
    repository_prefix: str | None,
    *,
    replace: bool,
) -> None:
    from planner.cli.generating import generate as make

    given = {
        "sid": sid,
        "account": account,
        "organization": organization,
        "repository-prefix": repository_prefix,
    }
    make(policy_type, given, flags, replace=replace)
