"""`planner can`."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, show, tell_origins
from planner.config.settings import Flags
from planner.render.interface import View


@options.takes("file", *options.PLANNING, shows="decision")
def can(
    flags: Flags,
    output: Output,
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
    live: options.Live = False,
) -> int:
    """Decide one request: allowed or not, and why.

    Exits 0 if it is allowed and 1 if not, or if nothing can be said. A condition
    key that is not given is missing; those of the principal itself are known.
    """
    from planner.access.evaluate import evaluate
    from planner.access.query import is_from_elsewhere, request_named
    from planner.access.view import decision_view
    from planner.cli.policies import read_subject
    from planner.cli.wiring import Wiring

    subject = read_subject(Wiring(flags), live=live)
    registry = subject.target.registry
    request = request_named(principal, action, repository, context or [], registry)
    decision = evaluate(subject.policy, request)
    across = is_from_elsewhere(request, registry)
    document = decision_view(decision, subject.parsed, subject.name, cross_account=across)
    tell_origins(subject.target)
    show(View("decision", document), output)
    return 0 if decision.allowed else 1
