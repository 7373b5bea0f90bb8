"""The failures that a user is expected to meet, each with its exit code.

Every one is told in three short parts: what failed (`summary`), why (`detail`) and what
to do (`hint`). None of them is ever shown as a traceback.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Moved:
    """What somebody did to the live policy: `words` lead to it, or are empty.

    `changes` are as a plan's view has them.
    """

    words: str
    changes: Sequence[dict[str, Any]]


class PlannerError(Exception):
    """An expected failure: `summary` says what failed, `detail` why, `hint` what to do."""

    exit_code = 1

    def __init__(self, summary: str, detail: str = "", hint: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.hint = hint


class StalePlanError(PlannerError):
    """What the plan was made from has moved since: plan again. `moved` shows it, if it can."""

    exit_code = 3

    def __init__(
        self, summary: str, detail: str = "", hint: str = "", moved: Sequence[Moved] = ()
    ) -> None:
        super().__init__(summary, detail, hint)
        self.moved = moved


class ConflictError(PlannerError):
    """ECR holds neither what was there nor what was planned.

    `moved` shows what became of either, `saved` names the places where texts were saved.
    """

    def __init__(
        self,
        summary: str,
        detail: str,
        hint: str,
        moved: Sequence[Moved],
        saved: Sequence[str] = (),
    ) -> None:
        super().__init__(summary, detail, hint)
        self.moved = moved
        self.saved = saved


class LockedError(PlannerError):
    """Somebody else holds the lock of the registry."""

    exit_code = 4


class GuardError(PlannerError):
    """A guard refuses the plan, or wants a reason for it.

    `stops` are what it stops at, as a plan's view has them.
    """

    exit_code = 5

    def __init__(self, summary: str, stops: Sequence[dict[str, Any]], hint: str = "") -> None:
        super().__init__(summary, "", hint)
        self.stops = stops


class AssertionsError(PlannerError):
    """An assertion of planner.toml does not hold of the policy.

    `judged` are those that do not, as a plan's view has them.
    """

    exit_code = 5

    def __init__(self, summary: str, judged: Sequence[dict[str, Any]], hint: str = "") -> None:
        super().__init__(summary, "", hint)
        self.judged = judged


class OwnerError(PlannerError):
    """Somebody else owns what would be changed, or nobody does."""

    exit_code = 5


class InvalidPolicyError(PlannerError):
    """The policy document itself is wrong.

    `problems` are all that were found, in order of place: plain JSON with the members `file`,
    `line`, `column`, `pointer`, `message`, `hint` and `rule`. `registry` is the one that it was
    judged for, empty where it was for none, and `origins` say where account and Region came from.
    """

    exit_code = 6

    def __init__(self, summary: str, problems: Sequence[Mapping[str, Any]], hint: str = "") -> None:
        super().__init__(summary, "", hint)
        self.problems = problems
        self.registry = ""
        self.origins: Mapping[str, str] = {}


class UnreadablePolicyError(InvalidPolicyError):
    """A policy that ECR holds or held, and that the user's file is not to blame for, is wrong."""

    exit_code = 1


class UsageError(PlannerError):
    """The command was called with words it does not take."""

    exit_code = 64


class InterruptedRunError(PlannerError):
    """The user, or a CI runner, has ended the run before anything was written."""

    exit_code = 130
