"""Where a live policy is read: in ECR, or in a file that somebody saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

from planner.config.target import Target, built_in_values
from planner.errors import InvalidPolicyError, Moved, PlannerError, UnreadablePolicyError
from planner.plans.address import Names
from planner.plans.source import ComparedWith
from planner.plans.view import moves
from planner.policy.document import Policy, named_registry
from planner.policy.load import Loaded, load_policy
from planner.policy.opaque import AnyPolicy, OpaquePolicy, canonical, read_any
from planner.policy.parse import valid_policy
from planner.policy.placeholders import Placeholders
from planner.policy.source_text import MAX_BYTES
from planner.policy.syntax import read_source
from planner.policy.tree import Tree
from planner.policy.wrapped import ANSWER
from planner.ports import RegistryApi
from planner.registry import Registry, ScopeChange

LIVE = "the live policy"
"""What the policy in ECR is called."""

STAYS_RAISED = (
    "The registry policy scope is V2 now and stays so: planner raises it and never lowers it.\n"
    "Every request to the registry is held against the policy that stands."
)
"""What a run says that raised the scope and ends without the policy."""

_MEND_LIVE = "Mend the policy in the ECR console, then plan again."
_FETCH_AGAIN = "Fetch it again: aws ecr get-registry-policy > FILE"


@dataclass(frozen=True, slots=True)
class Found:
    """The registry that a plan is for, and where its account and Region came from.

    `is_assumed` says that nothing but the policies' resources names the account.
    """

    registry: Registry
    origins: Mapping[str, str]
    is_assumed: bool = False


class LiveSource(Protocol):
    """Where the live policy of one registry is read. Methods raise PlannerError."""

    @property
    def kind(self) -> ComparedWith:
        """What a plan says of it."""

    @property
    def endpoint(self) -> str | None:
        """The address that was called, None where it is AWS's or nothing was called."""

    def find(self, draft: Policy | None) -> Found:
        """Which registry it is; `draft` is the policy to come, as far as it is filled."""

    def scope(self) -> str | None:
        """The registry policy scope, None where it cannot be read."""

    def raised_scope(self) -> ScopeChange:
        """The scope as it is, and V2 after it; not known where nothing tells it.

        Raises PlannerError where ECR would tell it and the caller may not ask.
        """

    def read(self) -> AnyPolicy:
        """The live policy, as parsed; None where there is none."""


@dataclass(frozen=True, slots=True)
class EcrSource:
    """The live policy in ECR. `target` says what is known before AWS is asked."""

    api: RegistryApi
    target: Target
    kind: ClassVar[ComparedWith] = "ecr"

    @property
    def endpoint(self) -> str | None:
        """The address that ECR is called at, where it is not AWS's."""
        return self.api.endpoint

    def find(self, _draft: Policy | None) -> Found:
        """The registry that the credentials and the Region reach."""
        registry = self.api.caller().registry
        return Found(registry, self.target.reached(registry).origins)

    def scope(self) -> str | None:
        """The scope that ECR tells."""
        return self.api.scope()

    def raised_scope(self) -> ScopeChange:
        """The scope that ECR tells, and V2."""
        return ScopeChange(known_scope(self.api, "A plan with raise_scope has to know it."), "V2")

    def read(self) -> AnyPolicy:
        """The policy that ECR tells, opaque where it cannot be read: it is what ECR enforces."""
        text = self.api.read()
        return None if text is None else read_any(text, LIVE)


class SavedSource:
    """A live policy that was saved in a file; `data` is None for a registry without one.

    `find_target` finds the registry where the resources of the policies name one and a saved
    answer names an account.
    """

    kind: ClassVar[ComparedWith] = "file"
    endpoint = None

    def __init__(
        self,
        data: bytes | None,
        name: str,
        find_target: Callable[[Registry | None, str | None], Target],
    ) -> None:
        self._name = name
        self._find_target = find_target
        self._saved = None if data is None else read_saved_live(data, name)
        self._policy = self._saved and _live_policy(self._saved.tree, _FETCH_AGAIN)
        self._answered = self._saved.account_id if self._saved else None

    @property
    def unusual(self) -> Tree | None:
        """What the file says where it is neither the policy nor the answer of ECR."""
        return self._saved.tree if self._saved and self._saved.kind != ANSWER else None

    def find(self, draft: Policy | None) -> Found:
        """The registry that settings, environment, the file or the resources name.

        The placeholders of a template are filled from it.
        """
        target = self._find_target(named_registry([self._policy, draft]), self._answered)
        named = target.account_id.value if target.account_id else None
        if self._answered and named != self._answered:
            raise PlannerError(
                "The saved policy is of another account.",
                f"{self._name} is from {self._answered}, and this project is for {named}.",
                "Fetch the policy again with the credentials of that account.",
            )
        if target.registry is None:
            raise PlannerError(
                "planner does not know which registry the saved policy is from.",
                "Neither the settings nor the resources in the policies name one.",
                "Give --account-id ID and --region REGION, or put both into planner.toml.",
            )
        if self._saved and self._saved.is_template:
            filled = Placeholders(built_in_values(target.registry)).fill(self._saved.tree)
            self._policy = _live_policy(filled.tree, _FETCH_AGAIN)
        return Found(target.registry, target.origins, target.is_assumed)

    def scope(self) -> str | None:
        """Not known: a saved policy does not tell it."""
        return None

    def raised_scope(self) -> ScopeChange:
        """Not known."""
        return ScopeChange()

    def read(self) -> Policy | None:
        """The saved policy."""
        return self._policy


def known_scope(api: RegistryApi, why: str) -> str:
    """The registry policy scope. Raises PlannerError, which says `why` it is asked for."""
    try:
        return api.read_scope()
    except PlannerError as error:
        error.detail = f"{why} {error.detail}".strip()
        raise


def read_live(api: RegistryApi, registry: Registry) -> tuple[str | None, AnyPolicy]:
    """The live policy as ECR prints it and in canonical form; None where there is none."""
    text = api.read()
    return text, None if text is None else canonical(read_any(text, LIVE), registry.partition)


def moved(
    registry: Registry, before: AnyPolicy, after: AnyPolicy, names: Names, words: str = ""
) -> Moved:
    """What happened between two live policies; of one that cannot be read only that is said."""
    if isinstance(after, OpaquePolicy):
        told = f"the live policy is one that this planner cannot read ({after.reason})."
    elif isinstance(before, OpaquePolicy):
        told = "what was there before is a policy that this planner cannot read."
    else:
        return Moved(words, moves(registry, before, after, names))
    return Moved(f"{words} {told}" if words else f"{told[:1].upper()}{told[1:]}", ())


def parse_live(text: str | bytes, name: str = LIVE, hint: str = _MEND_LIVE) -> Policy:
    """The policy that ECR holds. Raises UnreadablePolicyError for one that breaks IAM's grammar."""
    return _live_policy(read_source(text, name), hint)


def _live_policy(tree: Tree, hint: str) -> Policy:
    try:
        return valid_policy(tree).policy
    except InvalidPolicyError as error:
        summary = f"planner cannot read {tree.file}."
        raise UnreadablePolicyError(summary, error.problems, hint) from error


def read_saved_live(data: bytes, name: str) -> Loaded:
    """What a saved file says, as `load_policy` has it: often the answer of ECR."""
    if not data.strip():
        raise PlannerError(
            f"{name} is empty.",
            "An empty file is what a failed `aws ecr get-registry-policy` leaves.",
            "Fetch the policy again. If the registry has none: --live /dev/null",
        )
    if len(data) > MAX_BYTES:
        raise PlannerError(f"{name} is larger than any registry policy.", "", _FETCH_AGAIN)
    return load_policy(data, name, filled=False)
