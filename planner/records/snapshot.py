"""What the state holds for one registry: the policy last read back, and how it came there.

`snapshot.schema.json` describes the document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from planner.diff.patch import document_of
from planner.errors import InvalidPolicyError, PlannerError
from planner.ownership.documents import owners_from
from planner.ownership.owned import Owned, owners_json
from planner.policy.document import JsonObject, Policy
from planner.policy.wrong_document import TERRAFORM_HINT, is_terraform_state
from planner.records.history_key import serial_in
from planner.records.migrations import snapshot_from_1
from planner.records.moved import moved_error, place_in
from planner.records.stored import (
    bool_from,
    count_from,
    list_from,
    object_from,
    optional_text,
    policy_from,
    registry_from,
    serial_from,
    text_from,
)
from planner.registry import Registry
from planner.text import clean, json_text, json_value

VERSION = 2


@dataclass(frozen=True, slots=True)
class Record:
    """One applied policy, canonical; None where it was deleted. `by` is the caller's ARN.

    `at` is when the apply was about to write it. `approved` is the reason that a guard asked
    for, None where none was given. `owner` is who applied, None for a project that owns the
    whole policy. `verdict` says what became of access, as a plan does, and `summary` how many
    statements were to `add`, `change` and `destroy`; both are None where an older planner
    recorded it. `act` says in words what was done to the state where no plan was applied.
    """

    policy: Policy | None
    plan_id: str
    by: str
    at: str
    tool: str
    serial: int = 0
    approved: str | None = None
    owner: str | None = None
    verdict: str | None = None
    summary: Mapping[str, int] | None = None
    act: str | None = None

    def to_json(self) -> JsonObject:
        """The record as it stands in a snapshot file."""
        return {
            "serial": self.serial,
            "policy": document_of(self.policy),
            "plan_id": self.plan_id,
            "by": self.by,
            "at": self.at,
            "tool": self.tool,
            "approved": self.approved,
            "owner": self.owner,
            "verdict": self.verdict,
            "summary": dict(self.summary) if self.summary else None,
            "act": self.act,
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest record of a registry.

    `lineage` is drawn when a state begins; serials of different lineages do not compare.
    `owners` are those who share the policy, by name: one may hold a statement that the policy has
    not, since somebody took it away outside. `exclusive` says that a project without an owner
    has the policy whole, and then there are none. `predecessor` is the key of the snapshot
    before in the state's history, which the state gives it when it is written; None where there
    is none. `history` has the records before, newest first, where a planner wrote the snapshot
    that kept them there.
    """

    lineage: str
    registry: Registry
    current: Record
    history: tuple[Record, ...] = ()
    owners: Mapping[str, Owned] = field(default_factory=dict)
    exclusive: bool = True
    predecessor: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError where somebody owns a part of what one project has whole."""
        if self.exclusive and self.owners:
            raise ValueError("a policy with owners is nobody's alone")

    @property
    def serial(self) -> int:
        """Counts the writes of this lineage, from 1."""
        return self.current.serial

    @property
    def policy(self) -> Policy | None:
        """The canonical policy that was read back last."""
        return self.current.policy

    def describe(self) -> str:
        """What is recorded, in one sentence."""
        record = self.current
        return clean(
            f"The state has serial {self.serial} of {self.registry}, lineage {self.lineage}, "
            f"applied {record.at} by {record.by}."
        )

    def following(self, previous: Snapshot | None) -> Snapshot:
        """What records the same apply after `previous`; itself where there is nothing before."""
        if previous is None:
            return self
        return next_snapshot(
            previous,
            self.registry,
            self.current,
            self.lineage,
            None if self.exclusive else self.owners,
        )

    def to_json(self) -> JsonObject:
        """The snapshot document."""
        return {
            "version": VERSION,
            "lineage": self.lineage,
            "serial": self.serial,
            "registry": self.registry.to_json(),
            **self.current.to_json(),
            "owners": owners_json(self.owners),
            "exclusive": self.exclusive,
            "predecessor": self.predecessor,
            "history": [record.to_json() for record in self.history],
        }

    def to_text(self) -> str:
        """The snapshot file."""
        return json_text(self.to_json())


def next_snapshot(
    previous: Snapshot | None,
    registry: Registry,
    record: Record,
    lineage: str,
    owners: Mapping[str, Owned] | None = None,
) -> Snapshot:
    """The snapshot that follows `previous`, or the first one of `lineage`.

    `owners` is None for a policy that one project has whole; it is empty where several may share
    it and nobody owns anything. The record is given the serial that follows, and each owner whose
    statements or source are others than before is given that and the time of the record.
    """
    serial = previous.serial + 1 if previous else 1
    current = replace(record, serial=serial)
    before = previous.owners if previous else {}
    return Snapshot(
        previous.lineage if previous else lineage,
        registry,
        current,
        owners={
            name: _recorded(each, before.get(name), current)
            for name, each in (owners or {}).items()
        },
        exclusive=owners is None,
    )


def _recorded(owned: Owned, before: Owned | None, record: Record) -> Owned:
    """What an owner holds, since when it does."""
    if before and (before.statements, before.source) == (owned.statements, owned.source):
        return before
    return replace(owned, serial=record.serial, at=record.at)


def load_snapshot(text: str, name: str, registry: Registry | None = None) -> Snapshot:
    """The snapshot in `text`, of any format so far; `name` says where it stands.

    Raises PlannerError where it is damaged, of a newer format, or not of `registry`.
    """
    try:
        document = json_value(text)
        if is_terraform_state(document):
            summary = f"{name} is Terraform's state, and none of planner's."
            raise PlannerError(summary, "", TERRAFORM_HINT)
        if place := place_in(document):
            raise moved_error(name, place)
        snapshot = snapshot_from(document, f"The state {name}")
    except json.JSONDecodeError as error:
        raise _damaged(name, f"It is not JSON: {error.msg} (line {error.lineno})") from error
    except (KeyError, TypeError, ValueError, InvalidPolicyError) as error:
        raise _damaged(name, "Something in it is missing or of the wrong kind") from error
    if registry is not None and snapshot.registry != registry:
        raise PlannerError(
            f"The state {name} belongs to another registry.",
            f"It names {snapshot.registry}, and the registry is {registry}.",
            "Move the file back to the folder of its own account.",
        )
    return snapshot


def snapshot_from(document: Any, what: str) -> Snapshot:
    """The snapshot in a document, which messages call `what`.

    Raises PlannerError where it holds what only a newer planner knows; ValueError, KeyError,
    TypeError or InvalidPolicyError where it is damaged.
    """
    version = serial_from(document["version"])
    if version > VERSION:
        raise _newer(f"{what} has format {version}; this planner knows {VERSION}.")
    if version == 1:
        document = snapshot_from_1(document)
    registry = registry_from(document["registry"])
    owners = owners_from(document["owners"], registry.partition)
    if any(each.serial < 1 for each in owners.values()):
        raise ValueError("an owner of no serial")
    return Snapshot(
        text_from(document["lineage"]),
        registry,
        _record(document, registry),
        tuple(_record(each, registry) for each in list_from(document["history"])),
        owners,
        bool_from(document.get("exclusive", not owners)),
        _predecessor(document["predecessor"], registry),
    )


def _predecessor(value: Any, registry: Registry) -> str | None:
    key = optional_text(value)
    if key is not None:
        serial_in(key, registry)
    return key


def _record(document: Any, registry: Registry) -> Record:
    return Record(
        policy_from(document["policy"], registry),
        text_from(document["plan_id"]),
        text_from(document["by"]),
        text_from(document["at"]),
        text_from(document["tool"]),
        serial_from(document["serial"]),
        optional_text(document["approved"]),
        optional_text(document.get("owner")),
        optional_text(document.get("verdict")),
        _summary(document.get("summary")),
        optional_text(document.get("act")),
    )


def _summary(value: Any) -> dict[str, int] | None:
    if value is None:
        return None
    return {name: count_from(object_from(value)[name]) for name in ("add", "change", "destroy")}


def _newer(summary: str) -> PlannerError:
    return PlannerError(
        summary,
        "A newer planner has written it.",
        "Use that version of planner or a later one.",
    )


def _damaged(name: str, why: str) -> PlannerError:
    return PlannerError(
        f"The state {name} is damaged.",
        f"{why}.",
        "Restore it with `planner state push --force FILE`, or remove it with "
        "`planner state rm ACCOUNT/REGION`: the next apply then starts a new state.",
    )
