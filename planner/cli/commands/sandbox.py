"""`planner sandbox`."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli.output import say
from planner.errors import PlannerError


def sandbox(
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free port.")
    ] = 5566,
    account_id: Annotated[
        str, typer.Option("--account-id", metavar="ID", help="The account that callers are in.")
    ] = "444455556666",
) -> None:
    """Serve a local ECR on 127.0.0.1, to try things without AWS.

    It holds everything in memory and prints the variables to export. Ctrl-C
    stops it. An access key id of twelve digits chooses another account.
    """
    from planner.config.parse import check_account_id

    check_account_id(account_id, "--account-id")
    try:
        from planner.sandbox import server as local
    except ImportError as error:
        raise PlannerError(
            "The sandbox is not installed.",
            f"It needs moto: {error}.",
            "In a clone of the project: pip install '.[sandbox]'",
        ) from None
    server = local.make_sandbox(port, account_id)

    def announce() -> None:
        for name, value in local.environment(server).items():
            say(f"export {name}={value}")
        say("unset AWS_PROFILE AWS_SESSION_TOKEN")
        say(f"# The sandbox serves account {account_id}. Ctrl-C stops it.")

    local.serve_until_stopped(server, announce)
