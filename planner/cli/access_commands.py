"""The commands that tell what a policy allows."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Literal

import typer

from planner.cli import options

Live = Annotated[bool, typer.Option("--live", help="Look at the policy in ECR, not at a file.")]


class FailOn(enum.StrEnum):
    """What `compare --fail-on` takes; Typer reads lists of enums, not of literals."""

    broadening = "broadening"
    narrowing = "narrowing"
    unknown = "unknown"
    any = "any"


def access(
    file: options.PolicyFile = None,
    live: Live = False,
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
    output: Annotated[
        Literal["text", "json", "csv", "markdown"],
        typer.Option("--format", help="How to print the table."),
    ] = "text",
    var: options.Var = None,
    region: options.Region = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
) -> None:
    """Show who may do what by one policy, its Denies taken off.

    A row is one principal, resource and condition. What another account is
    allowed here, its own IAM must allow too.
    """
    from planner.cli.accessing import Filters, load, print_access
    from planner.cli.project import Project
    from planner.config.settings import Flags

    flags = Flags(file, region, profile, endpoint_url, account_id, config, tuple(var or ()))
    project = Project(flags)
    loaded = load(project, live=live)
    filters = Filters(principal, action, repository)
    print_access(loaded, filters, output, project.settings.toml.accounts, no_color=no_color)


def can(
    principal: Annotated[
        str,
        typer.Argument(
            metavar="PRINCIPAL", help="An account id, an ARN, a service, or * for an anonymous one."
        ),
    ],
    action: Annotated[str, typer.Argument(metavar="ACTION", help="As in ecr:ReplicateImage.")],
    repository: Annotated[
        str,
        typer.Argument(metavar="REPOSITORY", help="A name in the registry, an ARN, or *."),
    ],
    context: Annotated[
        list[str] | None,
        typer.Option(
            "--context",
            metavar="KEY=VALUE",
            help="A condition key of the request. Repeatable, also for one key.",
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="The policy file. Default: as for plan."),
    ] = None,
    live: Live = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the decision as JSON.")
    ] = False,
    var: options.Var = None,
    region: options.Region = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
) -> int:
    """Decide one request: allowed or not, and why.

    Exits 0 if it is allowed and 1 if not, or if nothing can be said. A condition
    key that is not given is missing; those of the principal itself are known.
    """
    from planner.cli.accessing import decide, load
    from planner.cli.project import Project
    from planner.config.settings import Flags

    flags = Flags(file, region, profile, endpoint_url, account_id, config, tuple(var or ()))
    loaded = load(Project(flags), live=live)
    asked = (principal, action, repository)
    return decide(loaded, asked, context or [], as_json=json_output, no_color=no_color)


def compare(
    before: Annotated[Path, typer.Argument(metavar="A", help="A policy file, or - for stdin.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="The policy that replaces it.")],
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the comparison as JSON.")
    ] = False,
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option("--fail-on", help="Exit 1 in this case. Repeatable."),
    ] = None,
    var: options.Var = None,
    no_color: options.NoColor = False,
) -> int:
    """Compare what two policies allow, of any AWS service. Needs no AWS.

    The verdict is equivalent, narrows, broadens, both or unknown, with one true
    request for each difference. Like diff without --exit-code it exits 0; with
    --fail-on it exits 1: broadening if B allows anything more or if that cannot
    be told, narrowing likewise, unknown if anything could not be told, any if
    the verdict is not equivalent.
    """
    from planner.cli.accessing import compare_files

    cases = fail_on or []
    return compare_files(
        before, after, tuple(var or ()), cases, as_json=json_output, no_color=no_color
    )
