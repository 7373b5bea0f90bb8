"""A lock that ends by itself: who holds a registry, for what, and until when."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from planner.errors import LockedError, PlannerError
from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.text import clean
from planner.times import parse_stamp, stamp

VERSION = 1
SHORT_ID = 8
"""Characters of a lease id that are shown, and the fewest that `unlock` takes."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One hold of one registry's lock.

    `owner` is the ARN of the caller, `operation` what is done under the lock. The lease is
    over at `until` unless its holder has moved that on.
    """

    id: str
    owner: str
    host: str
    operation: str
    since: datetime
    until: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether anybody may take the lock."""
        return now >= self.until

    def renewed(self, now: datetime, length: timedelta) -> Lease:
        """The lease with a new end, never an earlier one."""
        return replace(self, until=max(self.until, now + length))

    def to_json(self) -> JsonObject:
        """The lease as it is stored and listed."""
        return {
            "version": VERSION,
            "id": self.id,
            "owner": self.owner,
            "host": self.host,
            "operation": self.operation,
            "since": stamp(self.since),
            "until": stamp(self.until),
        }


def lease_text(lease: Lease) -> str:
    """The document that is stored."""
    return json.dumps(lease.to_json(), indent=2) + "\n"


def load_lease(text: str, name: str) -> Lease:
    """The lease on the registry `name` in `text`. Raises PlannerError if it is damaged."""
    try:
        document = _of_this_version(json.loads(text))
        return Lease(
            str(document["id"]),
            str(document["owner"]),
            str(document["host"]),
            str(document["operation"]),
            parse_stamp(document["since"]),
            parse_stamp(document["until"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PlannerError(
            f"The lock of {name} is damaged, or of another version of planner.",
            "",
            f"Make sure that no planner is changing the registry; then: planner unlock {name}",
        ) from error


def _of_this_version(document: JsonObject) -> JsonObject:
    if document["version"] != VERSION:
        raise ValueError("another version")
    return document


def locked_error(registry: Registry, lease: Lease) -> LockedError:
    """The refusal that names the holder."""
    return LockedError(
        f"The registry {registry} is locked.",
        f"{clean(lease.owner)} on {clean(lease.host)} holds it for {clean(lease.operation)},\n"
        f"since {stamp(lease.since)}, until {stamp(lease.until)} or longer.",
        "Wait for that run, for example with --lock-timeout 60s.\n"
        f"If it is gone for good: planner unlock {clean(lease.id[:SHORT_ID])}",
    )
