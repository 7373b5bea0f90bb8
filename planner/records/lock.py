"""A lock that ends by itself: who holds a registry, for what, and until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from planner.errors import LockedError, PlannerError
from planner.policy.document import JsonObject
from planner.records.stored import serial_from, text_from
from planner.registry import Registry
from planner.text import clean, json_text, json_value
from planner.times import parse_stamp, stamp

VERSION = 1
SHORT_ID = 8
"""Characters of a lock's id that are shown, and the fewest that `unlock` takes."""


@dataclass(frozen=True, slots=True)
class Lock:
    """One hold of one registry.

    `by` is the ARN of the caller, `operation` what is done under the lock. Its lease runs
    `until` then, unless its holder has moved that on.
    """

    id: str
    by: str
    host: str
    operation: str
    since: datetime
    until: datetime

    def is_over(self, now: datetime) -> bool:
        """Whether anybody may take the registry."""
        return now >= self.until

    def renewed(self, now: datetime, lease: timedelta) -> Lock:
        """The lock with a lease from now on, never with an earlier end."""
        return replace(self, until=max(self.until, now + lease))

    def describe(self) -> str:
        """Who holds it, in a sentence."""
        return (
            f"{clean(self.by)} on {clean(self.host)} holds it for {clean(self.operation)},\n"
            f"since {stamp(self.since)}, until {stamp(self.until)} or longer."
        )

    def to_text(self) -> str:
        """The lock document."""
        document = {
            "version": VERSION,
            "id": self.id,
            "owner": self.by,
            "host": self.host,
            "operation": self.operation,
            "since": stamp(self.since),
            "until": stamp(self.until),
        }
        return json_text(document)


def load_lock(text: str, name: str) -> Lock:
    """The lock of the registry `name` in `text`. Raises PlannerError if it is damaged."""
    try:
        document = _of_this_version(json_value(text))
        return Lock(
            text_from(document["id"]),
            text_from(document["owner"]),
            text_from(document["host"]),
            text_from(document["operation"]),
            parse_stamp(document["since"]),
            parse_stamp(document["until"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise PlannerError(
            f"The lock of {name} is damaged, or of another version of planner.",
            "",
            f"Make sure that no planner is changing the registry; then: planner unlock {name}",
        ) from error


def _of_this_version(document: JsonObject) -> JsonObject:
    if serial_from(document["version"]) != VERSION:
        raise ValueError("another version")
    return document


def locked_error(registry: Registry, lock: Lock) -> LockedError:
    """The refusal that names the holder."""
    return LockedError(
        f"The registry {registry} is locked.",
        lock.describe(),
        "Wait for that run, for example with --lock-timeout 60s.\n"
        f"If it is gone for good: planner unlock {clean(lock.id[:SHORT_ID])}",
    )
