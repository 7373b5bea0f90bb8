"""`planner can`."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.cli import options
from planner.cli.output import Output, show, tell_origins
from planner.config.settings import Flags
from planner.render.interface import View


@options.takes("file", *options.PLANNING, "state", "scope", shows="decision")
def can(
    flags: Flags,
    output: Output,
    principal: Annotated[
        str,
        typer.Argument(
            metavar="PRINCIPAL",
            help="An account id or its name in planner.toml, an ARN, a unique id, a service, "
            "or * for an anonymous one.",
        ),
    ],
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION", help="As in ecr:ReplicateImage, or a word: pull, push, replicate."
        ),
    ],
    repository: Annotated[
        str,
        typer.Argument(
            metavar="REPOSITORY",
            help="A name in the registry, an image, an ARN, or * for what is about none.",
        ),
    ],
    context: Annotated[
        list[str] | None,
        typer.Option(
            "--context",
            metavar="KEY=VALUE",
            help="A condition key of the request. Repeatable, also for one key.",
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without",
            metavar="KEY",
            help="A condition key that the request does not have; * for all that are not given. "
            "Repeatable.",
        ),
    ] = None,
    live: options.Live = False,
    at: options.At = None,
) -> int:
    """Decide one request: allowed, denied or not said here, and why.

    Exits 0 if it is allowed, of a word if all its actions are; and 1 if it is
    denied or not said here, if it depends on a condition key that is not given,
    or if nothing can be said. What follows from caller and registry is known.
    """
    from planner.access.answer import Words, answer, question_of
    from planner.access.named import registry_of
    from planner.access.view import decision_view
    from planner.cli.policies import read_subject
    from planner.cli.wiring import Wiring

    wiring = Wiring(flags)
    subject = read_subject(wiring, live=live, at=at)
    registry = subject.target.registry or registry_of(repository)
    words = Words(principal, action, repository, context or (), without or ())
    question = question_of(words, registry, wiring.settings.toml.accounts)
    found = answer(subject.policy, question, registry, subject.scope)
    document = {
        **decision_view(found, subject.parsed, registry, subject.scope),
        "recorded": subject.recorded,
    }
    tell_origins(subject.target)
    show(View("decision", document), output)
    return 0 if found.outcome == "allowed" else 1
