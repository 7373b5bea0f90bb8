"""The options that commands share, each with the one help text it has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PolicyFile = Annotated[
    Path | None,
    typer.Argument(
        metavar="[POLICY_FILE]",
        help="The policy file. Default: the one that planner.toml names, "
        "else registry_policy.json.",
        show_default=False,
    ),
]
Region = Annotated[
    str | None,
    typer.Option("--region", metavar="REGION", help="The Region of the registry."),
]
Profile = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="The AWS profile to use."),
]
EndpointUrl = Annotated[
    str | None,
    typer.Option("--endpoint-url", metavar="URL", help="Send AWS calls to this address."),
]
AccountId = Annotated[
    str | None,
    typer.Option(
        "--account-id",
        metavar="ID",
        help="The account that the registry must belong to.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings. Default: planner.toml, if there."),
]
Var = Annotated[
    list[str] | None,
    typer.Option("--var", metavar="NAME=VALUE", help="Fill {{NAME}} in the policy. Repeatable."),
]
Destroy = Annotated[
    bool,
    typer.Option("--destroy", help="Plan to delete the registry policy."),
]
State = Annotated[
    str | None,
    typer.Option(
        "--state",
        metavar="PLACE",
        help="A folder or s3://BUCKET/PREFIX/. Default: .planner/state",
    ),
]
LockTimeout = Annotated[
    str | None,
    typer.Option(
        "--lock-timeout",
        metavar="TIME",
        help="Wait so long for a lock, as in 30s. Default: do not wait.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="Print without colours.")]
