"""`planner test`."""

from __future__ import annotations

from planner.cli import options
from planner.cli.output import Output, show, tell_origins
from planner.config.settings import FILE_NAME, Flags
from planner.errors import AssertionsError, PlannerError, UsageError
from planner.render.interface import View


@options.takes("policy_file", "scope", *options.PLANNING, shows="assertions")
def test(flags: Flags, output: Output, live: options.Live = False) -> int:  # noqa: PT028 - a command
    """Check what [[assert]] in planner.toml says of the policy. Needs no AWS.

    Exits 5 if one of them does not hold, or cannot be decided. `validate`, `plan`
    and `apply` check the same.
    """
    from planner.cli.policies import read_subject
    from planner.cli.wiring import Wiring
    from planner.guard.view import assertions_view
    from planner.workflow.testing import hold_against

    wiring = Wiring(flags)
    settings = wiring.settings
    if not settings.toml.assertions:
        raise PlannerError(
            "There is nothing to test.",
            f"{settings.file or FILE_NAME} has no [[assert]].",
            "Write one: principal, action, repository, may = true or false, and a reason.",
        )
    if settings.toml.owner and not live:
        raise UsageError(
            "What is asserted holds of the whole policy.",
            f"The files here are {settings.toml.owner}'s part of it.",
            "`planner plan` holds it against the whole, `planner test --live` against ECR's.",
        )
    subject = read_subject(wiring, live=live)
    tested = hold_against(settings.toml.assertions, subject)
    tell_origins(subject.target)
    document = assertions_view(tested, settings.toml.accounts, str(settings.file))
    show(View("assertions", document), output)
    return 0 if tested.holds else AssertionsError.exit_code
