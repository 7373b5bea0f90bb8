"""`planner validate`."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, show, tell_origins
from planner.config.settings import Flags
from planner.errors import AssertionsError, InvalidPolicyError
from planner.render.interface import View


@options.takes("scope", *options.PLANNING, shows="findings")
def validate(
    flags: Flags,
    output: Output,
    files: options.PolicyFiles = None,
    list_rules: Annotated[
        bool, typer.Option("--list-rules", help="Print every rule and look at no file.")
    ] = False,
    access_analyzer: Annotated[
        bool,
        typer.Option("--access-analyzer", help="Ask AWS's IAM Access Analyzer as well."),
    ] = False,
) -> int:
    """Find what is wrong with policy files, before ECR does. Needs no AWS.

    Files that are named here stand alone, each by itself; those of the project
    are one policy.

    Exits 6 if there are errors, and 5 if what [[assert]] in planner.toml says does
    not hold. `plan` looks for the same and refuses it. [lint] in planner.toml
    switches single rules off.
    """
    from planner.cli.policies import read_file, read_own
    from planner.cli.wiring import Wiring
    from planner.guard.view import assertions_view
    from planner.lint.view import findings_view, rules_view
    from planner.workflow.validating import validate_policies

    if list_rules:
        show(View("rules", rules_view()), output)
        return 0
    wiring = Wiring(flags)
    read = [read_file(each) for each in files] if files else [read_own(wiring)]
    analyzer = wiring.access_analyzer() if access_analyzer else None
    today = wiring.clock.now().astimezone(UTC).date()
    found = validate_policies(read, wiring.settings, wiring.target, today, analyzer)
    tell_origins(*found.targets)
    name, accounts = str(wiring.settings.file), wiring.settings.toml.accounts
    tested = [assertions_view(each, accounts, name) for each in found.tested]
    document = findings_view(found.findings, sum(len(each.files) for each in read), tested)
    show(View("findings", document), output)
    if document["summary"]["errors"]:
        return InvalidPolicyError.exit_code
    holds = all(each.holds for each in found.tested)
    return 0 if holds else AssertionsError.exit_code
