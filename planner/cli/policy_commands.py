"""The commands that look at policy files alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from planner.cli import options
from planner.cli.output import say
from planner.errors import UsageError

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FILE]...",
        help="Policy files, or - for stdin. Default: the one that plan would read.",
        show_default=False,
    ),
]


def validate(
    files: Files = None,
    output: Annotated[
        Literal["text", "json", "sarif", "github"],
        typer.Option("--format", help="How to print the findings."),
    ] = "text",
    list_rules: Annotated[
        bool, typer.Option("--list-rules", help="Print every rule and look at no file.")
    ] = False,
    scope: Annotated[
        Literal["V1", "V2"] | None,
        typer.Option("--scope", help="The registry policy scope of the registry."),
    ] = None,
    access_analyzer: Annotated[
        bool,
        typer.Option("--access-analyzer", help="Ask AWS's IAM Access Analyzer as well."),
    ] = False,
    var: options.Var = None,
    region: options.Region = None,
    profile: options.Profile = None,
    endpoint_url: options.EndpointUrl = None,
    account_id: options.AccountId = None,
    config: options.Config = None,
    no_color: options.NoColor = False,
) -> int:
    """Find what is wrong with policy files, before ECR does. Needs no AWS.

    Exits 6 if there are errors. `plan` looks for the same and refuses errors.
    [lint] in planner.toml switches single rules off.
    """
    from planner.cli.project import Flags, Project
    from planner.cli.validating import print_rules, validate_files

    if list_rules:
        print_rules(output)
        return 0
    flags = Flags(
        region=region,
        profile=profile,
        endpoint_url=endpoint_url,
        account_id=account_id,
        config=config,
        var=var or [],
        scope=scope,
    )
    project = Project(flags)
    paths = files or [project.policy_path]
    return validate_files(project, paths, output, analyzer=access_analyzer, no_color=no_color)


def digest(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file, or - for stdin.")],
    partition: Annotated[
        str,
        typer.Option(
            "--partition",
            metavar="NAME",
            help="The partition in which an account id and its root ARN are the same.",
        ),
    ] = "aws",
    var: options.Var = None,
) -> None:
    """Print the canonical digest of a policy of any AWS service.

    Two policies have the same digest if they differ in nothing but spelling:
    order, white space, a string or a list of one, an account id or its root ARN.
    """
    from planner.policy import canonical
    from planner.policy.parse import parse_policy
    from planner.policy.placeholders import Placeholders, parse_assignments
    from planner.registry import PARTITION
    from planner.stores.files import read_bounded

    if not PARTITION.fullmatch(partition):
        raise UsageError(f"--partition '{partition}' is none.", "", "Give one as in aws-cn.")
    data = read_bounded(file, "policy file")
    name = "standard input" if str(file) == "-" else str(file)
    placeholders = Placeholders(parse_assignments(var or []))
    parsed = parse_policy(data, name, dialect="any", fill=placeholders.fill)
    say(canonical.digest(parsed.policy, partition))


def fmt(
    files: Files = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change.")
    ] = False,
    config: options.Config = None,
    no_color: options.NoColor = False,
) -> int:
    """Rewrite policy files in one readable style.

    The order of elements and of lists becomes the same everywhere, the meaning
    stays: the digest before and after is equal. Prints the names of the files
    that changed.
    """
    from planner.cli.formatting import format_files
    from planner.cli.project import Flags, Project

    chosen = files or [Project(Flags(config=config)).policy_path]
    changed = format_files(chosen, write=not (check or diff), diff=diff, no_color=no_color)
    return 1 if check and changed else 0
