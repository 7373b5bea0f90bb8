"""Documents of earlier formats as ones of today's.

What is migrated is stored when it is next written. So that nothing is lost when planner is
replaced in the middle of a crash, a journal of any format so far can be settled.
"""

from __future__ import annotations

from planner.policy.document import JsonObject


def snapshot_from_1(old: JsonObject) -> JsonObject:
    """A snapshot of format 1 as one of format 2: without owners, its history in itself."""
    return {
        "approved": None,
        **old,
        "version": 2,
        "owners": {},
        "predecessor": None,
        "history": [{"approved": None, **record} for record in old["history"]],
    }


def journal_from_1(old: JsonObject) -> JsonObject:
    """A journal of format 1 as one of format 2.

    It did not hold the records before, so its next snapshot has no history: that is in the
    state, where there is any.
    """
    told = {
        "plan_id": old["plan_id"],
        "by": old["by"],
        "at": old["at"],
        "tool": old["tool"],
        "approved": old.get("approved"),
    }
    write = {
        "kind": "policy",
        "before": old["before"],
        "after": old["after"],
        "live_text": old["live_text"],
    }
    snapshot = {
        "version": 2,
        "lineage": old["lineage"],
        "serial": old["serial"],
        "registry": old["registry"],
        "policy": old["after"],
        **told,
        "owners": {},
        "predecessor": None,
        "history": [],
    }
    return {"version": 2, **told, "writes": [write], "next": snapshot}
