"""`planner init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.cli import options
from planner.config.settings import Flags


@options.takes(*options.AWS, "account_id")
def init(
    flags: Flags,
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where. Default: here.", show_default=False)
    ] = Path(),
    github: Annotated[
        bool, typer.Option("--github", help="Also a GitHub Actions workflow.")
    ] = False,
    gitlab: Annotated[bool, typer.Option("--gitlab", help="Also a GitLab CI file.")] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask AWS for the live policy.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave files that exist, write those that do not.")
    ] = False,
) -> None:
    """Start a project: settings, the policy file, and CI if you like.

    The policy file is the live policy of the registry that your credentials
    and Region reach, which the state then records, or a first one to fill in.
    Nothing that exists is overwritten, and nothing is written to AWS.
    """
    from planner.cli.starting import start_project

    chosen = {"github": github, "gitlab": gitlab}
    services = [name for name, wanted in chosen.items() if wanted]
    start_project(folder, flags, services, offline=offline, keep=keep)
