"""The plan: what a review is about and what apply writes, and its JSON form.

The JSON form is at once the plan file and the public view that every renderer reads. All of
it that can be computed is computed again when a plan is loaded and must come out the same,
so what a reviewer reads cannot differ from what apply writes.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from planner.access.api import Comparison, compare
from planner.diff.causes import Causes, cause_of
from planner.diff.changes import Change, Create, Delete, Update, diff, statements_of
from planner.diff.elements import ElementDelta, element_deltas
from planner.diff.patch import Patch, document_of, make_patch
from planner.guard.checks import Crossing, Stop, stops
from planner.guard.settings import Guard
from planner.lint.finding import Finding
from planner.policy.canonical import digest
from planner.policy.document import (
    POLICY_SIZE_LIMIT,
    JsonObject,
    Policy,
    Statement,
    compact,
    serialize,
    statement_json,
)
from planner.policy.ecr_rules import statement_name
from planner.registry import Registry

FORMAT_VERSION = 2


@dataclass(frozen=True, slots=True)
class Source:
    """The policy file a plan was made from: its name, and the sha256 of its bytes."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StateRef:
    """The snapshot a plan was made from; serial 0 and no lineage where there was none."""

    lineage: str | None = None
    serial: int = 0


@dataclass(frozen=True)
class Plan:
    """A change of one registry's policy from `before` to `after`, both canonical.

    None for a policy means that there is none. `recorded` is what the state held; it explains
    the causes and is empty where `state.serial` is 0. `live` says where `before` was read: a
    plan against a file can be reviewed and not applied. `source` is None for `--destroy`.
    `findings` are those of the file that do not stop a plan. `guard` has the limits that were
    set when it was made, `accounts` the names of accounts for its readers.
    """

    registry: Registry
    source: Source | None
    state: StateRef
    live: Literal["ecr", "file"]
    recorded: Policy | None
    before: Policy | None
    after: Policy | None
    notes: tuple[str, ...]
    created_at: str
    tool: str
    findings: tuple[Finding, ...] = ()
    guard: Guard = field(default_factory=Guard)
    accounts: Mapping[str, str] = field(default_factory=dict)
    mode: str = "exclusive"
    owner: str | None = None

    @cached_property
    def id(self) -> str:
        """The approval token: the same change of the same registry has the same id."""
        parts = [
            self.registry.partition,
            self.registry.account_id,
            self.registry.region,
            self.mode,
            self.owner,
            digest(self.before, self.registry.partition),
            digest(self.after, self.registry.partition),
        ]
        return hashlib.sha256(compact(parts).encode()).hexdigest()

    @cached_property
    def has_changes(self) -> bool:
        """Whether apply would write to ECR."""
        return self.before != self.after

    @cached_property
    def state_behind(self) -> bool:
        """Whether the state holds something else than the live policy."""
        return self.recorded != self.before

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What happens to single statements."""
        return diff(self.before, self.after)

    @cached_property
    def drift(self) -> tuple[Change, ...]:
        """What happened to the live policy since the state was recorded."""
        return diff(self.recorded, self.before) if self.state.serial else ()

    @cached_property
    def access(self) -> Comparison:
        """Who gains and who loses access, each row with a request as its proof."""
        return compare(self.before, self.after, self.registry)

    def stops(self, guard: Guard) -> tuple[Stop, ...]:
        """Where the plan crosses the limits of a guard."""
        return stops(guard, self._crossing)

    @cached_property
    def _crossing(self) -> Crossing:
        return Crossing(self.registry, self.before, self.after, self.changes, self.access)

    @cached_property
    def patch(self) -> Patch:
        """The RFC 6902 patch from the JSON of `before` to that of `after`."""
        return make_patch(self.before, self.after)

    @cached_property
    def after_text(self) -> str | None:
        """The exact text to send; None where the policy is deleted."""
        return None if self.after is None else serialize(self.after)

    def to_json(self) -> JsonObject:
        """The plan file, with its checksum as the last member."""
        document = self._content()
        return {**document, "checksum": checksum(document)}

    def _content(self) -> JsonObject:
        source = self.source
        changes = [*self._document_changes(), *map(self._change_json, self.changes)]
        drift = [*self._document_drift(), *map(self._drift_json, self.drift)]
        return {
            "format_version": FORMAT_VERSION,
            "plan_id": self.id,
            "tool": self.tool,
            "created_at": self.created_at,
            "registry": self.registry.to_json(),
            "mode": self.mode,
            "owner": self.owner,
            "source": source and {"file": source.file, "sha256": source.sha256},
            "live": self.live,
            "state": {
                "lineage": self.state.lineage,
                "serial": self.state.serial,
                "behind": self.state_behind,
            },
            "summary": _summary(changes),
            "notes": list(self.notes),
            "findings": [each.to_json() for each in self.findings],
            "drift": drift,
            "changes": changes,
            "unchanged": _unchanged(self.after, self.changes),
            "before": document_of(self.before),
            "after": document_of(self.after),
            "recorded": document_of(self.recorded),
            "after_text": self.after_text,
            "after_size": len(self.after_text or ""),
            "size_limit": POLICY_SIZE_LIMIT,
            "patch": self.patch,
            "access": self.access.to_json(),
            "accounts": dict(sorted(self.accounts.items())),
            "guard": {
                **self.guard.to_json(),
                "stops": [stop.to_json() for stop in self.stops(self.guard)],
            },
        }

    def _document_changes(self) -> list[JsonObject]:
        """The change of Version and Id, where a policy stands before and after."""
        described = self._describe_document(self.before, self.after)
        recorded, before, after = map(_heads, (self.recorded, self.before, self.after))
        return [{**each, "cause": cause_of(recorded, before, after)} for each in described]

    def _document_drift(self) -> list[JsonObject]:
        described = self._describe_document(self.recorded, self.before)
        recorded, before, after = map(_heads, (self.recorded, self.before, self.after))
        agreeing = "agree" if before == after else "replace"
        resolution = "restore" if recorded == after else agreeing
        return [{**each, "resolution": resolution} for each in described]

    def _describe_document(self, old: Policy | None, new: Policy | None) -> list[JsonObject]:
        """At most one change, of the policy's own elements."""
        one, other = _heads(old), _heads(new)
        if one is None or other is None or one == other:
            return []
        deltas = [
            ElementDelta(name, (after,) if after else (), (before,) if before else (), 0)
            for name, before, after in zip(("Version", "Id"), one, other, strict=True)
            if before != after
        ]
        return [
            {
                "address": address(self.registry, "policy"),
                "action": "update",
                "elements": [_delta_json(delta) for delta in deltas],
                "unchanged_elements": 2 - len(deltas),
                "before": None,
                "after": None,
            }
        ]

    @cached_property
    def _causes(self) -> Causes:
        return Causes(self.recorded, self.before, self.after)

    def _change_json(self, change: Change) -> JsonObject:
        cause = self._causes.of(change)
        return {**describe_change(self.registry, change), "cause": cause, **_sides(change)}

    def _drift_json(self, change: Change) -> JsonObject:
        described = describe_change(self.registry, change)
        live, desired = map(statements_of, (self.before, self.after))
        resolution = _resolution(change, Counter(live), Counter(desired))
        return {**described, "resolution": resolution, **_sides(change)}


def address(registry: Registry, name: str) -> str:
    """The address of something in a registry, as Terraform would print it."""
    return f'registry["{registry}"].{name}'


def describe_change(registry: Registry, change: Change) -> JsonObject:
    """The public view of one change: its address, its action and how its elements differ."""
    named = change.before if isinstance(change, Delete) else change.after
    deltas = element_deltas(_before(change), _after(change))
    differing = [_delta_json(delta) for delta in deltas if delta.differs]
    return {
        "address": address(registry, statement_name(named, change.index)),
        "action": {Create: "create", Update: "update", Delete: "delete"}[type(change)],
        "elements": differing,
        "unchanged_elements": len(deltas) - len(differing),
    }


def checksum(document: JsonObject) -> str:
    """The sha256 that guards a plan file against damage. It is no signature."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _before(change: Change) -> Statement | None:
    return None if isinstance(change, Create) else change.before


def _after(change: Change) -> Statement | None:
    return None if isinstance(change, Delete) else change.after


def _sides(change: Change) -> JsonObject:
    before, after = _before(change), _after(change)
    return {
        "before": statement_json(before) if before else None,
        "after": statement_json(after) if after else None,
    }


def _delta_json(delta: ElementDelta) -> JsonObject:
    return {
        "name": delta.name,
        "added": list(delta.added),
        "removed": list(delta.removed),
        "unchanged": delta.unchanged,
    }


def _summary(changes: list[JsonObject]) -> dict[str, int]:
    actions = [change["action"] for change in changes]
    return {
        "add": actions.count("create"),
        "change": actions.count("update"),
        "destroy": actions.count("delete"),
    }


def _unchanged(after: Policy | None, changes: tuple[Change, ...]) -> int:
    return len(statements_of(after)) - sum(_after(change) is not None for change in changes)


def _heads(policy: Policy | None) -> tuple[str | None, str | None] | None:
    """What a policy has besides its statements."""
    return None if policy is None else (policy.version, policy.id)


def _resolution(
    drift: Change, live: Counter[Statement], desired: Counter[Statement]
) -> Literal["restore", "agree", "replace", "remove"]:
    """What an apply does to one change that was made outside planner.

    Counted, since a policy may hold the same statement twice.
    """
    before, after = _before(drift), _after(drift)
    if before is not None and desired[before] > live[before]:
        return "restore"
    if after is None or desired[after] >= live[after]:
        return "agree"
    return "remove" if before is None else "replace"


def plan_text(plan: Plan) -> str:
    """The bytes of a plan file, as text: readable, in a stable order, ending in a newline."""
    return json.dumps(plan.to_json(), indent=2, ensure_ascii=False) + "\n"


def as_json(value: Any) -> str:
    """JSON as the command line prints it."""
    return json.dumps(value, indent=2, ensure_ascii=False)
