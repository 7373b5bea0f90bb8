"""What an apply is about to do, written before it is done, so that a crash can be settled.

`journal.schema.json` describes the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planner.diff.patch import document_of
from planner.errors import InvalidPolicyError, PlannerError
from planner.plans.plan_id import SHORT_ID
from planner.policy.document import JsonObject, Policy
from planner.policy.opaque import AnyPolicy
from planner.records.migrations import journal_from_1
from planner.records.snapshot import Snapshot, snapshot_from
from planner.records.stored import (
    any_policy_from,
    list_from,
    optional_text,
    policy_from,
    serial_from,
)
from planner.registry import RAISED, Registry
from planner.text import clean, json_text, json_value

VERSION = 2


@dataclass(frozen=True, slots=True)
class PolicyWrite:
    """The write of a registry's policy, from `before` to `after`, both canonical.

    What was there and could not be read is `before` as an opaque text. `live_text` is the raw
    text that ECR held, None where it held none.
    """

    before: AnyPolicy
    after: Policy | None
    live_text: str | None

    def to_json(self) -> JsonObject:
        """The write as it stands in a journal."""
        return {
            "kind": "policy",
            "before": document_of(self.before),
            "after": document_of(self.after),
            "live_text": self.live_text,
        }


@dataclass(frozen=True, slots=True)
class ScopeWrite:
    """The raise of a registry's policy scope from V1 to V2."""

    def to_json(self) -> JsonObject:
        """The write as it stands in a journal."""
        return {"kind": "scope", **RAISED.to_json()}


Write = ScopeWrite | PolicyWrite


@dataclass(frozen=True, slots=True)
class Journal:
    """An apply that has begun: what it writes, and the snapshot that records it once it is done.

    `writes` are made in their order: the scope is read back as raised before the policy is sent
    that is held against it. At most one is of a kind. The snapshot says which plan it is, by whom
    and since when.
    """

    writes: tuple[Write, ...]
    next: Snapshot

    def __post_init__(self) -> None:
        """Raises ValueError for writes that no apply makes, or that lead elsewhere than `next`."""
        kinds = [type(each) for each in self.writes]
        if kinds not in ([PolicyWrite], [ScopeWrite], [ScopeWrite, PolicyWrite]):
            raise ValueError("no writes of an apply")
        if self.policy and self.policy.after != self.next.policy:
            raise ValueError("the policy that is written is not the one to be recorded")

    @property
    def policy(self) -> PolicyWrite | None:
        """The write of the policy; None where the scope alone is raised."""
        return next((each for each in self.writes if isinstance(each, PolicyWrite)), None)

    @property
    def raises_scope(self) -> bool:
        """Whether the scope is raised."""
        return any(isinstance(each, ScopeWrite) for each in self.writes)

    @property
    def registry(self) -> Registry:
        """The registry that is written."""
        return self.next.registry

    @property
    def plan_id(self) -> str:
        """The id of the plan that is applied."""
        return self.next.current.plan_id

    def to_text(self) -> str:
        """The journal document."""
        document = {
            "version": VERSION,
            **_told(self.next),
            "writes": [each.to_json() for each in self.writes],
            "next": self.next.to_json(),
        }
        return json_text(document)

    def describe(self) -> str:
        """What stands, in one sentence."""
        record = self.next.current
        return clean(
            f"An apply of plan {self.plan_id[:SHORT_ID]} to {self.registry}, begun {record.at} by "
            f"{record.by}, has not ended."
        )


def _told(snapshot: Snapshot) -> JsonObject:
    """What a journal says of its plan, as its next snapshot does."""
    record = snapshot.current.to_json()
    return {name: record[name] for name in ("plan_id", "by", "at", "tool", "approved")}


def load_journal(text: str, name: str, registry: Registry) -> Journal:
    """The journal of `registry` in `text`, of any format so far; `name` says where it stands.

    Raises PlannerError where it is damaged, of a newer format, or not of `registry`.
    """
    try:
        document = json_value(text)
        version = serial_from(document["version"])
        if version > VERSION:
            raise _newer(f"The journal {name} has format {version}; this planner knows {VERSION}.")
        if version == 1:
            document = journal_from_1(document)
        if kinds := {each["kind"] for each in document["writes"]} - {"scope", "policy"}:
            raise _newer(f"The journal {name} has a write of {clean(str(min(kinds)))}.")
        journal = _journal(document, f"The journal {name}", registry)
    except (ValueError, KeyError, TypeError, InvalidPolicyError) as error:
        raise PlannerError(
            f"The journal {name} is damaged.",
            f"{type(error).__name__}. An apply was under way when it was written.",
            "Look at the live policy, then run `planner recover --discard`.",
        ) from error
    return journal


def _journal(document: Any, what: str, registry: Registry) -> Journal:
    writes = tuple(_write(each, registry) for each in list_from(document["writes"]))
    journal = Journal(writes, snapshot_from(document["next"], what))
    told = all(document[name] == value for name, value in _told(journal.next).items())
    if journal.registry != registry or not told:
        raise ValueError("its members do not fit each other")
    return journal


def _write(document: Any, registry: Registry) -> Write:
    if document["kind"] == "scope":
        if (document["before"], document["after"]) != (RAISED.before, RAISED.after):
            raise ValueError("a scope is raised from V1 to V2")
        return ScopeWrite()
    return PolicyWrite(
        any_policy_from(document["before"], registry),
        policy_from(document["after"], registry),
        optional_text(document["live_text"]),
    )


def _newer(summary: str) -> PlannerError:
    return PlannerError(
        summary, "A newer planner has written it.", "Run `planner recover` with that version."
    )
