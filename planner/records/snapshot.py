"""What the state holds for one registry: the policy last read back, and how it came there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from planner.diff.patch import document_of
from planner.errors import InvalidPolicyError, PlannerError
from planner.policy.canonical import canonicalise
from planner.policy.document import JsonObject, Policy
from planner.policy.json_text import read_json
from planner.policy.parse import parse_policy
from planner.registry import Registry

VERSION = 1
_MAX_SERIAL = 2**53
KEPT = 10
"""Earlier records that stay in a snapshot."""


@dataclass(frozen=True, slots=True)
class Record:
    """One applied policy, canonical; None where it was deleted. `by` is the caller's ARN.

    `approved` is the reason that a guard asked for, None where none was given.
    """

    policy: Policy | None
    plan_id: str
    by: str
    at: str
    tool: str
    serial: int = 0
    approved: str | None = None

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
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The newest record of a registry, with up to KEPT earlier ones, newest first.

    `lineage` is drawn when a state begins; serials of different lineages do not compare.
    """

    lineage: str
    registry: Registry
    current: Record
    history: tuple[Record, ...] = ()

    @property
    def serial(self) -> int:
        """Counts the writes of this lineage, from 1."""
        return self.current.serial

    @property
    def policy(self) -> Policy | None:
        """The canonical policy that was read back last."""
        return self.current.policy

    def to_text(self) -> str:
        """The snapshot file."""
        document = {
            "version": VERSION,
            "lineage": self.lineage,
            "registry": self.registry.to_json(),
            **self.current.to_json(),
            "history": [record.to_json() for record in self.history],
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def next_snapshot(
    previous: Snapshot | None, registry: Registry, record: Record, lineage: str
) -> Snapshot:
    """The snapshot that follows `previous`, or the first one of `lineage`.

    It gives the record the serial that follows.
    """
    if previous is None:
        return Snapshot(lineage, registry, replace(record, serial=1))
    history = (previous.current, *previous.history)[:KEPT]
    current = replace(record, serial=previous.serial + 1)
    return Snapshot(previous.lineage, registry, current, history)


def load_snapshot(text: str, name: str, registry: Registry | None = None) -> Snapshot:
    """The snapshot in `text`; `name` says where it stands.

    Raises PlannerError where it is damaged, of a newer format, or not of `registry`.
    """
    if problems := read_json(text, name).problems:
        raise _damaged(name, f"{problems[0].message} (line {problems[0].location.line})")
    try:
        document = json.loads(text)
        version = serial_from(document["version"])
        if version > VERSION:
            raise PlannerError(
                f"The state {name} has format {version}; this planner knows {VERSION}.",
                "A newer planner has written it.",
                "Use that version of planner or a later one.",
            )
        stored = registry_from(document["registry"])
        current = _record(document, stored)
        history = tuple(_record(each, stored) for each in document["history"])
        snapshot = Snapshot(str(document["lineage"]), stored, current, history)
    except (KeyError, TypeError, ValueError, InvalidPolicyError) as error:
        raise _damaged(name, "Something in it is missing or of the wrong kind") from error
    if registry is not None and stored != registry:
        raise PlannerError(
            f"The state {name} belongs to another registry.",
            f"It names {stored}, and the registry is {registry}.",
            "Move the file back to the folder of its own account.",
        )
    return snapshot


def registry_from(document: Any) -> Registry:
    """The registry in a stored document. Raises ValueError, KeyError or TypeError."""
    try:
        return Registry(document["partition"], document["account_id"], document["region"])
    except PlannerError as error:
        raise ValueError(error.summary) from error


def check_registry(document: Any, registry: Registry) -> None:
    """Raises ValueError, KeyError or TypeError unless a stored document names the registry."""
    if registry_from(document) != registry:
        raise ValueError("another registry")


def serial_from(value: Any) -> int:
    """A serial or a version in a stored document. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MAX_SERIAL:
        return value
    raise ValueError("no serial")


def stored_policy(document: Any, registry: Registry) -> Policy | None:
    """The canonical policy in a stored document, None for null. Raises InvalidPolicyError."""
    if document is None:
        return None
    return canonicalise(parse_policy(json.dumps(document)).policy, registry.partition)


def _damaged(name: str, why: str) -> PlannerError:
    return PlannerError(
        f"The state {name} is damaged.",
        f"{why}.",
        "Restore it with `planner state push --force FILE`, or remove it with "
        "`planner state rm ACCOUNT/REGION`: the next apply then starts a new state.",
    )


def _record(document: Any, registry: Registry) -> Record:
    return Record(
        stored_policy(document["policy"], registry),
        str(document["plan_id"]),
        str(document["by"]),
        str(document["at"]),
        str(document["tool"]),
        serial_from(document["serial"]),
        approved_from(document),
    )


def approved_from(document: Any) -> str | None:
    """The reason in a stored document; those written by older versions have none."""
    approved = document.get("approved")
    return None if approved is None else str(approved)
