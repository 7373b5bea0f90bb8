"""What the workflow needs of the outside world. Adapters stand in `aws`, `state` and `cli`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from planner.config.target import Target
from planner.errors import LockedError, PlannerError
from planner.registry import Registry

if TYPE_CHECKING:
    from planner.diff.authors import Edit
    from planner.plans.plan import Plan


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who makes the calls: the ARN that STS names, and the registry the calls reach."""

    arn: str
    registry: Registry


class OutcomeUnknownError(Exception):
    """A write was sent and its answer lost: only reading tells whether it took effect."""

    def __init__(self, cause: PlannerError) -> None:
        super().__init__(cause.summary)
        self.cause = cause


class ThrottledError(PlannerError):
    """The call was not carried out, and may be if it is made again later."""


class RegistryApi(Protocol):
    """One registry's policy in ECR. Every method raises PlannerError on an expected failure."""

    @property
    def has_credentials(self) -> bool:
        """Whether anything gives credentials; whether they work is another question."""

    @property
    def endpoint(self) -> str | None:
        """The address that ECR is called at, without any password; None where it is AWS's."""

    def scope(self) -> str | None:
        """The registry policy scope, V1 or V2; None where it cannot be read."""

    def read_scope(self) -> str:
        """The registry policy scope. Raises PlannerError, which says what is missing to read it."""

    def raise_scope(self) -> None:
        """Raises the registry policy scope to V2 by one attempt, and fails as `put` does.

        There is no way back: AWS advises against it.
        """

    def caller(self) -> CallerIdentity:
        """Who calls, and which registry is reached."""

    def read(self) -> str | None:
        """The live policy text as ECR prints it; None where there is no policy."""

    def put(self, text: str, names: Sequence[str] = ()) -> None:
        """Replaces the policy by one attempt.

        `names` are those of its statements, in their order, for an error that tells of them.
        Raises OutcomeUnknownError where the answer was lost, ThrottledError where ECR wants
        to be asked again later.
        """

    def delete(self) -> None:
        """Removes the policy, or does nothing. Raises OutcomeUnknownError as `put` does."""


class OpenRegistry(Protocol):
    """Opens registries, each with the credentials of its own target."""

    def __call__(self, target: Target, fallback_region: str | None = None) -> RegistryApi:
        """The registry of a target.

        `fallback_region` serves where neither the target nor the AWS configuration names one.
        """


class Approver(Protocol):
    """Somebody who reads a plan before it is applied."""

    def show(self, plan: Plan) -> None:
        """Shows the plan."""

    def approves(self, plan: Plan) -> bool:
        """Whether the plan that was shown is to be applied."""


@dataclass(frozen=True, slots=True)
class TrailEvent:
    """One write of a registry's policy that took effect.

    `text` is the policy that was written, None where the event does not hold it; `is_deletion`
    says that the policy was deleted.
    """

    edit: Edit
    text: str | None = None
    is_deletion: bool = False


@dataclass(frozen=True, slots=True)
class TrailEvents:
    """Events, the oldest first; `is_complete` unless there may have been more since then.

    What happened in the last minutes may be missing either way: nobody can tell.
    """

    events: tuple[TrailEvent, ...]
    is_complete: bool


class Trail(Protocol):
    """What tells who wrote the policy of one registry."""

    def writes(self, since: datetime) -> TrailEvents:
        """The writes since then, in UTC. Raises PlannerError where they cannot be asked for."""


FindingType = Literal["ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the text that was sent: `line` and `column` from 1, `offset` from 0."""

    line: int
    column: int
    offset: int


@dataclass(frozen=True, slots=True)
class AnalyzerLocation:
    """What a finding is about: a JSON Pointer and a half-open range of the text sent.

    The pointer follows the text that was sent: a single value in it has no index.
    """

    pointer: str
    start: Position
    end: Position


@dataclass(frozen=True, slots=True)
class AnalyzerFinding:
    """One finding of Access Analyzer, its texts in English, on one line and safe to show.

    `issue_code` is such as `MISSING_VERSION`; `learn_more` is the URL of its documentation.
    `locations` may be empty, or more than one where values contradict each other.
    """

    type: FindingType
    issue_code: str
    details: str
    learn_more: str
    locations: tuple[AnalyzerLocation, ...]


class PolicyAnalyzer(Protocol):
    """Somebody else's opinion of a policy."""

    def validate(self, text: str) -> list[AnalyzerFinding]:
        """What is found in the policy text. Raises PlannerError where it cannot be asked."""


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored document as it was read: its bytes, and the token that a swap must match.

    No bytes where there is no document. The token is None only where there never was one.
    """

    data: bytes | None
    token: str | None


class RaceLostError(Exception):
    """A swap came too late: what is stored is no longer what was read."""


class StoreBusyError(PlannerError):
    """Somebody else is at work in the store, for longer than a swap takes."""

    exit_code = LockedError.exit_code


class BlobStore(Protocol):
    """A keyed store with one kind of write: compare and swap.

    Keys look like paths: `444455556666/us-west-2.json`. Methods raise PlannerError where the
    store cannot be reached, read or written; a swap raises StoreBusyError.
    """

    @property
    def place(self) -> str:
        """The name of the store by which a plan is known to be made with it."""

    def where(self, key: str) -> str:
        """The place of a document, for messages."""

    def read(self, key: str) -> Blob:
        """The document, or an empty one."""

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        """Durably replaces the document that has `token`; None for `data` removes it.

        Gives the new token. Raises RaceLostError where the document has another token now.
        """

    def all_keys(self, folder: str = "", before: str | None = None) -> list[str]:
        """The keys of all documents, sorted: those that begin with `folder`, which ends in `/`.

        With `before` only those that sort before it; what comes after is not looked at then,
        however much it is.
        """

    def check_writable(self, key: str, data: bytes) -> None:
        """Raises PlannerError where a swap to this data would surely fail."""

    def warnings(self) -> list[str]:
        """What a user of this store should know, a sentence each."""


class Clock(Protocol):
    """Time."""

    def now(self) -> datetime:
        """The time, in UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, whatever is done to the clock."""

    def sleep(self, seconds: float) -> None:
        """Waits."""


Report = Callable[[str], None]
"""Tells the user a sentence of progress."""
