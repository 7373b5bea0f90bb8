"""What people and tools read of the records: plain JSON, which renderers word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from planner.errors import PlannerError
from planner.ownership.owned import owners_json
from planner.policy.address import address, statement_name
from planner.policy.document import JsonObject
from planner.records.lock import Lock
from planner.records.snapshot import Snapshot
from planner.registry import Registry
from planner.times import stamp

FORMAT_VERSION = 1


def snapshot_view(snapshot: Snapshot, as_of: str | None = None) -> JsonObject:
    """What is recorded of a registry, by whom and when, and who owns what of it.

    `as_of` is the time that was asked about, None where nobody asked about one.

    `predecessor` is the key of what was recorded before, and `history` has the records of before
    that an older planner kept here, newest first.
    """
    return {
        "kind": "snapshot",
        "format_version": FORMAT_VERSION,
        "as_of": as_of,
        "registry": snapshot.registry.to_json(),
        "lineage": snapshot.lineage,
        **snapshot.current.to_json(),
        "owners": owners_json(snapshot.owners),
        "exclusive": snapshot.exclusive,
        "predecessor": snapshot.predecessor,
        "history": [record.to_json() for record in snapshot.history],
    }


def history_view(registry: Registry, found: Iterable[Snapshot | PlannerError]) -> JsonObject:
    """All that was recorded of a registry, newest first, as `State.history` gives it.

    `end` says why nothing is known of before, None where nothing was recorded before.
    """
    entries: list[JsonObject] = []
    end: JsonObject | None = None
    for each in found:
        if isinstance(each, PlannerError):
            end = {"summary": each.summary, "detail": each.detail}
        else:
            record = each.current.to_json()
            del record["policy"]
            entries.append(record)
    return {
        "kind": "history",
        "format_version": FORMAT_VERSION,
        "registry": registry.to_json(),
        "entries": entries,
        "end": end,
    }


def addresses_view(recorded: Iterable[tuple[Registry, Snapshot | PlannerError]]) -> JsonObject:
    """The addresses of all recorded statements.

    `damaged` tells of the registries whose snapshot cannot be read.
    """
    addresses: list[str] = []
    damaged: list[JsonObject] = []
    for registry, snapshot in recorded:
        if isinstance(snapshot, PlannerError):
            damaged.append({"registry": registry.to_json(), "reason": snapshot.summary})
        else:
            addresses += _addresses(snapshot)
    return {
        "kind": "addresses",
        "format_version": FORMAT_VERSION,
        "addresses": addresses,
        "damaged": damaged,
    }


def _addresses(snapshot: Snapshot) -> Iterator[str]:
    """Of statements that the state knows, but not the place of in a file."""
    for statement in snapshot.policy.statements if snapshot.policy else ():
        yield address(snapshot.registry, statement_name(statement, None))


def locks_view(found: Iterable[tuple[str, Lock | PlannerError]], now: datetime) -> JsonObject:
    """The locks that are held, each with the name of its registry, `ACCOUNT/REGION`.

    `is_over` tells that anybody may take the registry. A lock that cannot be read has its
    `damage` and nothing else.
    """
    locks = [
        {"registry": name, "damage": lock.summary}
        if isinstance(lock, PlannerError)
        else {"registry": name, "damage": None, **_lock(lock, now)}
        for name, lock in found
    ]
    return {"kind": "locks", "format_version": FORMAT_VERSION, "locks": locks}


def _lock(lock: Lock, now: datetime) -> JsonObject:
    return {
        "id": lock.id,
        "by": lock.by,
        "host": lock.host,
        "operation": lock.operation,
        "since": stamp(lock.since),
        "until": stamp(lock.until),
        "is_over": lock.is_over(now),
    }
