"""Records as planner wrote them in earlier formats."""

from __future__ import annotations

from typing import Any

JsonObject = dict[str, Any]
_TOLD = ("plan_id", "by", "at", "tool")


def snapshot_1(snapshot: JsonObject, *, approved: bool = True) -> JsonObject:
    """A snapshot in format 1; the oldest of that format knew no `approved`."""
    names = ("lineage", "registry", *_record_1(snapshot, approved=approved))
    found = {"version": 1, **{name: snapshot[name] for name in names}}
    return {
        **found,
        "history": [_record_1(each, approved=approved) for each in snapshot["history"]],
    }


def _record_1(record: JsonObject, *, approved: bool) -> JsonObject:
    names = ("serial", "policy", *_TOLD, *(("approved",) if approved else ()))
    return {name: record[name] for name in names}


def journal_1(journal: JsonObject, *, approved: bool = True) -> JsonObject:
    """A journal in format 1, which held no more of the next snapshot than its serial."""
    (write,) = journal["writes"]
    names = (*_TOLD, *(("approved",) if approved else ()))
    return {
        "version": 1,
        **{name: journal["next"][name] for name in ("registry", "lineage", "serial")},
        **{name: journal[name] for name in names},
        **{name: write[name] for name in ("before", "after", "live_text")},
    }
