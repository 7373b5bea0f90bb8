"""A plan's public JSON: at once the plan file and the view that every renderer reads.

All of it that can be computed is computed again when a plan is loaded and must come out the
same, so what a reviewer reads cannot differ from what apply writes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from planner.diff.causes import cause_of
from planner.diff.changes import Change, Create, Delete, Update, diff, heads_of, statements_of
from planner.diff.elements import ElementDelta, element_deltas
from planner.diff.patch import document_of
from planner.guard.assertion_checks import change_of
from planner.plans.address import Names
from planner.plans.plan import Plan
from planner.plans.sharing_view import sharing_json
from planner.plans.source import Source, SourceFile, StateRef
from planner.policy.address import address
from planner.policy.document import (
    POLICY_SIZE_LIMIT,
    JsonObject,
    Policy,
    Statement,
    statement_json,
)
from planner.registry import Registry
from planner.text import json_text

KIND = "registry"
FORMAT_VERSION = 3
_ACTIONS: dict[type[Change], str] = {Create: "create", Update: "update", Delete: "delete"}
_HEADS = ("Version", "Id")


def plan_view(plan: Plan) -> JsonObject:
    """The plan file, with its checksum as the last member."""
    document = {
        "kind": KIND,
        "format_version": FORMAT_VERSION,
        "plan_id": plan.id,
        "tool": plan.tool,
        "created_at": plan.created_at,
        "registry": plan.registry.to_json(),
        "origins": dict(plan.origins),
        "owner": plan.owner,
        "source": _source_json(plan.source),
        "state": _state_json(plan.state, behind=plan.state_behind),
        "live": plan.live,
        "endpoint": plan.endpoint,
        "scope": plan.scope.to_json(),
        **_outcome(plan),
        "notes": list(plan.notes),
        "findings": [each.to_json() for each in plan.findings],
        "drift": _drift(plan),
        **_changes(plan),
        "before": document_of(plan.before),
        "after": document_of(plan.after),
        "recorded": document_of(plan.recorded),
        **sharing_json(plan),
        "after_text": {
            "text": plan.after_text,
            "size": len(plan.after_text or ""),
            "limit": POLICY_SIZE_LIMIT,
        },
        "patch": plan.patch,
        "access": plan.access.to_json(),
        "access_between": plan.access_between.to_json() if plan.access_between else None,
        "accounts": dict(sorted(plan.accounts.items())),
        "annotations": {sid: each.to_json() for sid, each in sorted(plan.annotations.items())},
        "guard": {
            **plan.guard.to_json(),
            "stops": [stop.to_json() for stop in plan.own_stops],
        },
        "assertions": _assertions(plan),
    }
    return {**document, "checksum": checksum(document)}


def _assertions(plan: Plan) -> list[JsonObject]:
    """What is asserted, whether it holds after and held before, and what the plan does to it."""
    return [
        {
            **after.to_json(),
            "before": before.result,
            "change": None if plan.opaque else change_of(before, after),
        }
        for before, after in zip(plan.judged_before, plan.judged, strict=True)
    ]


def plan_text(plan: Plan) -> str:
    """The plan file as text: readable, in a stable order, ending in a newline."""
    return json_text(plan_view(plan))


def checksum(document: JsonObject) -> str:
    """The sha256 that guards a plan file against damage. It is no signature."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def moves(
    registry: Registry, before: Policy | None, after: Policy | None, names: Names
) -> list[JsonObject]:
    """What happened between two canonical policies: to their own elements, to statements."""
    old, new = names.of(before), names.of(after)
    changes = [_change(registry, each, old, new) for each in diff(before, after)]
    return [*_heads_change(registry, before, after), *changes]


def summary(plan: Plan) -> dict[str, int]:
    """How many statements come, change and go; Version and Id count as one that changes."""
    kinds = Counter(_ACTIONS[type(each)] for each in plan.changes)
    heads = len(_heads_change(plan.registry, plan.known_before, plan.after))
    return {
        "add": kinds["create"],
        "change": kinds["update"] + heads,
        "destroy": kinds["delete"],
    }


def _outcome(plan: Plan) -> JsonObject:
    """What apply would do, and what a reader does next."""
    refused_by = "guard" if plan.is_refused_by_guard else "assertion" if plan.is_refused else None
    asked = any(stop.answer == "ask" for stop in plan.own_stops)
    records = plan.live == "ecr" and (plan.has_changes or plan.state_behind)
    step = "apply" if records else "nothing"
    if plan.live == "file":
        step = "review"
    elif records and plan.is_refused:
        step = "refused"
    return {
        "next": {
            "step": step,
            "writes": plan.has_changes,
            "records": records,
            "refused": plan.is_refused,
            "refused_by": refused_by,
            "wants_reason": asked and not plan.is_refused,
        }
    }


def _source_json(source: Source) -> JsonObject:
    return {
        "kind": source.kind,
        "files": [_file_json(each) for each in source.files],
        "places": [each and asdict(each) for each in source.places],
        "vars": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in sorted(source.vars.items())
        },
        "settings": _file_json(source.settings) if source.settings else None,
        "serial": source.serial,
        "repository": source.repository,
        "commit": source.commit,
    }


def _state_json(state: StateRef, *, behind: bool) -> JsonObject:
    return {
        "place": state.place,
        "lineage": state.lineage,
        "serial": state.serial,
        "owner_serial": state.owner_serial,
        "exclusive": state.exclusive,
        "behind": behind,
    }


def _file_json(file: SourceFile) -> JsonObject:
    return {"path": file.path, "sha256": file.sha256}


def _changes(plan: Plan) -> JsonObject:
    """The changes with their causes, and how many there are of each kind."""
    before = plan.known_before
    old, new = plan.names.of(before), plan.names.of(plan.after)
    heads = cause_of(*map(heads_of, (plan.recorded, before, plan.after)))
    changes = [
        *(
            {**each, "cause": heads, "place": None, "annotation": None}
            for each in _heads_change(plan.registry, before, plan.after)
        ),
        *(
            {
                **_change(plan.registry, each, old, new),
                "cause": plan.causes.of(each),
                "place": _place(plan.source, each),
                "annotation": _annotation(plan, each),
            }
            for each in plan.changes
        ),
    ]
    others = len(plan.settled.kept) if plan.settled else 0
    kept = others + sum(not isinstance(each, Delete) for each in plan.changes)
    return {
        "summary": summary(plan),
        "changes": changes,
        "unchanged": len(statements_of(plan.after)) - kept,
    }


def _place(source: Source, change: Change) -> JsonObject | None:
    """Where a file has the statement, None for one that none of them has."""
    if isinstance(change, Delete) or not source.places:
        return None
    place = source.places[change.index]
    if place is None:
        return None
    return {"file": source.files[place.file].path, "line": place.line}


def _annotation(plan: Plan, change: Change) -> JsonObject | None:
    """What the settings say of the statement that comes, stays or goes."""
    for each in (_after(change), _before(change)):
        if each and each.sid and (said := plan.annotations.get(each.sid)):
            return said.to_json()
    return None


def _drift(plan: Plan) -> list[JsonObject]:
    """What changed outside planner, what an apply does to each of it, and who made it."""
    live_policy = plan.known_before
    recorded, before, after = map(heads_of, (plan.recorded, live_policy, plan.after))
    heads = "restore" if recorded == after else "replace"
    if before == after:
        heads = "agree" if plan.share is None else "keep"
    old, new = plan.names.of(plan.recorded), plan.names.of(live_policy)
    changes = [
        *(
            {**each, "resolution": heads, "owners": []}
            for each in _heads_change(plan.registry, plan.recorded, live_policy)
        ),
        *(
            {
                **_change(plan.registry, each, old, new),
                "resolution": resolution,
                "owners": sorted(plan.drift_owners(each)),
            }
            for each, resolution in zip(plan.drift, plan.resolutions, strict=True)
        ),
    ]
    authors = plan.authors or [None] * len(changes)
    return [
        {**change, "who": who.to_json() if who else None}
        for change, who in zip(changes, authors, strict=True)
    ]


def _change(
    registry: Registry, change: Change, old: Sequence[str], new: Sequence[str]
) -> JsonObject:
    """One change of a statement: its address, its action and how its elements differ."""
    before, after = _before(change), _after(change)
    named = change.before if isinstance(change, Delete) else change.after
    name = (old if isinstance(change, Delete) else new)[change.index]
    deltas = element_deltas(before, after)
    differing = [_element(delta) for delta in deltas if delta.differs]
    return {
        "address": address(registry, name),
        "name": name,
        "action": _ACTIONS[type(change)],
        "effect": named.effect,
        "elements": differing,
        "unchanged_elements": len(deltas) - len(differing),
        "before": statement_json(before) if before else None,
        "after": statement_json(after) if after else None,
    }


def _heads_change(
    registry: Registry, before: Policy | None, after: Policy | None
) -> list[JsonObject]:
    """The change of Version and Id, at most one, where a policy stands before and after."""
    old, new = heads_of(before), heads_of(after)
    if old is None or new is None or old == new:
        return []
    deltas = [
        ElementDelta(name, (now,) if now else (), (then,) if then else (), 0)
        for name, then, now in zip(_HEADS, old, new, strict=True)
        if then != now
    ]
    return [
        {
            "address": address(registry, "policy"),
            "name": "policy",
            "action": "update",
            "effect": None,
            "elements": [_element(delta) for delta in deltas],
            "unchanged_elements": len(_HEADS) - len(deltas),
            "before": None,
            "after": None,
        }
    ]


def _element(delta: ElementDelta) -> JsonObject:
    """How an element differs. `replace` is one value in the place of the only one there was."""
    action = "update"
    if not delta.unchanged and not (delta.added and delta.removed):
        action = "create" if delta.added else "delete"
    elif not delta.unchanged and len(delta.added) == len(delta.removed) == 1:
        action = "replace"
    return {
        "name": delta.name,
        "action": action,
        "added": list(delta.added),
        "removed": list(delta.removed),
        "unchanged": delta.unchanged,
    }


def _before(change: Change) -> Statement | None:
    return None if isinstance(change, Create) else change.before


def _after(change: Change) -> Statement | None:
    return None if isinstance(change, Delete) else change.after
