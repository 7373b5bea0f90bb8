"""Who owns which statements of a registry, as plain JSON."""

from __future__ import annotations

from collections.abc import Iterable

from planner.diff.changes import statements_of
from planner.ownership.claims import holders
from planner.policy.address import address, statement_name
from planner.policy.document import (
    POLICY_SIZE_LIMIT,
    JsonObject,
    Statement,
    compact,
    serialize,
    statement_json,
)
from planner.records.snapshot import Snapshot

FORMAT_VERSION = 1


def owners_view(snapshot: Snapshot) -> JsonObject:
    """Each owner with its statements, their characters, from where they are and since when.

    The last row, whose owner is null, has what is recorded and nobody owns. Where `exclusive`,
    one project without an owner has the policy whole, and there are no rows.
    """
    recorded = statements_of(snapshot.policy)
    held = zip(recorded, holders(recorded, snapshot.owners), strict=True)
    rows: list[JsonObject] = [
        {
            "owner": name,
            **_statements(snapshot, owned.statements),
            "source": owned.source.to_json(),
            "serial": owned.serial,
            "at": owned.at,
        }
        for name, owned in sorted(snapshot.owners.items())
    ]
    if nobodys := [each for each, by in held if not by]:
        row = {"owner": None, **_statements(snapshot, nobodys)}
        rows.append({**row, "source": None, "serial": None, "at": None})
    return {
        "kind": "owners",
        "format_version": FORMAT_VERSION,
        "registry": snapshot.registry.to_json(),
        "serial": snapshot.serial,
        "exclusive": snapshot.exclusive,
        "owners": [] if snapshot.exclusive else rows,
        "size": len(serialize(snapshot.policy)) if snapshot.policy else 0,
        "limit": POLICY_SIZE_LIMIT,
    }


def _statements(snapshot: Snapshot, statements: Iterable[Statement]) -> JsonObject:
    found = []
    for each in statements:
        name = statement_name(each, None)
        size = len(compact(statement_json(each)))
        found.append({"address": address(snapshot.registry, name), "name": name, "size": size})
    return {"statements": found, "size": sum(each["size"] for each in found)}
