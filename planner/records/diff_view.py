"""Two recorded policies of a registry compared, as plain JSON that people and tools read."""

from __future__ import annotations

from collections.abc import Mapping

from planner.access.api import compare
from planner.plans.address import Names
from planner.plans.view import moves
from planner.policy.action import V1_ACTIONS
from planner.policy.document import JsonObject
from planner.records.snapshot import Snapshot

FORMAT_VERSION = 1


def recorded_diff_view(
    before: Snapshot, after: Snapshot, accounts: Mapping[str, str], scope: str | None
) -> JsonObject:
    """What became of the statements from one serial to another, and of access.

    `scope` is the registry policy scope that both are judged under, None for one that is not
    known and taken for V2; `accounts` names account ids for people.
    """
    registry = after.registry
    found = compare(before.policy, after.policy, registry, scope)
    rows = (*found.gained, *found.lost, *found.denied, *found.released)
    told = {action for row in rows for action in row.actions}
    return {
        "kind": "recorded_diff",
        "format_version": FORMAT_VERSION,
        "registry": registry.to_json(),
        "before": _told(before),
        "after": _told(after),
        "scope": scope,
        "assumes_v2": scope is None and not told <= set(V1_ACTIONS),
        "accounts": dict(accounts),
        "changes": moves(registry, before.policy, after.policy, Names()),
        "access": found.to_json(),
    }


def _told(snapshot: Snapshot) -> JsonObject:
    record = snapshot.current.to_json()
    return {name: record[name] for name in ("serial", "at", "by", "plan_id")}
