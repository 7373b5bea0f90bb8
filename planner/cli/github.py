"""`--github-output`: what a step of GitHub Actions hands on to the steps after it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from planner.errors import PlannerError, UsageError

Tell = Callable[[Mapping[str, str]], None]
"""Says what the outputs are."""
_VARIABLE = "GITHUB_OUTPUT"


@contextmanager
def github_output(*, wanted: bool) -> Iterator[Tell]:
    """Writes the outputs that were told to the file that GitHub reads, and why a run failed.

    Raises UsageError where it is wanted and GitHub has named no file, before anything is done.
    """
    told: dict[str, str] = {}
    if not wanted:
        yield told.update
        return
    path = os.environ.get(_VARIABLE, "")
    if not path:
        raise UsageError(
            f"--github-output has no file to write: {_VARIABLE} is not set.",
            "GitHub Actions sets it in each step of a job.",
            "Elsewhere leave the option out: --json has all that it would say.",
        )
    try:
        yield told.update
    except PlannerError as error:
        from planner.render.github_output import FAILURE

        with contextlib.suppress(PlannerError):
            _append(path, {**told, FAILURE: error.summary})
        raise
    _append(path, told)


def _append(path: str, values: Mapping[str, str]) -> None:
    from planner.render.github_output import output_lines

    try:
        with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123
            file.write(output_lines(values))
    except OSError as error:
        raise PlannerError(
            f"The outputs cannot be written to the file that {_VARIABLE} names.",
            f"{error.strerror or error}.",
            "Check the file and the space that is left there.",
        ) from None
