"""A snapshot as text for people."""

from __future__ import annotations

import json

from planner.diff.patch import document_of
from planner.plans.plan_id import SHORT_ID
from planner.records.snapshot import Snapshot
from planner.render.text.terminal import Line, line
from planner.text import clean


def snapshot_lines(snapshot: Snapshot) -> list[Line]:
    """What is recorded, by whom and when, and what was recorded before."""
    current = snapshot.current
    lines = [
        line(("bold", f"# {snapshot.registry}"), f" · serial {snapshot.serial}"),
        line(f"# plan {clean(current.plan_id[:SHORT_ID])}, applied {clean(current.at)}"),
        line(f"# by {clean(current.by)}, with {clean(current.tool)}"),
        *([line(f"# approved: {clean(current.approved)}")] if current.approved else []),
        line(f"# lineage {clean(snapshot.lineage)}"),
    ]
    if current.policy is None:
        lines.append(line("# no policy: it was deleted"))
    else:
        text = json.dumps(document_of(current.policy), indent=2, ensure_ascii=False)
        lines += [line(clean(each)) for each in text.splitlines()]
    for record in snapshot.history:
        plan, at, by = clean(record.plan_id[:SHORT_ID]), clean(record.at), clean(record.by)
        before = f"# before: serial {record.serial}, plan {plan}, applied {at} by {by}"
        lines.append(line(("dim", before)))
    return lines
