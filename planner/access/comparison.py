"""What a comparison of two policies says, and its JSON view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from planner.access.request import Request, request_json
from planner.policy.document import JsonObject

Verdict = Literal["equivalent", "narrows", "broadens", "both", "unknown"]


@dataclass(frozen=True, slots=True)
class Name:
    """Whom a row is about, as the policy names it: `id` is `*` for everyone."""

    kind: str
    id: str

    def to_json(self) -> JsonObject:
        """The name as a row holds it."""
        return {"kind": self.kind, "id": self.id}


@dataclass(frozen=True, slots=True)
class Grant:
    """Access of one principal to one resource under one condition.

    `actions` are all actions, in their documented spelling. `statement` and `sid` name the
    Allow that grants it. `public` marks access of everyone without a narrowing condition,
    `cross_account` that of other accounts than the registry's. The witness is a true request:
    one of the two policies allows it, and the other does not.
    """

    principal: Name
    actions: tuple[str, ...]
    resource: str
    conditions: tuple[str, ...]
    statement: int
    sid: str | None
    public: bool
    cross_account: bool
    witness: Request

    def to_json(self) -> JsonObject:
        """The row with plain JSON values."""
        return {
            "principal": self.principal.to_json(),
            "actions": list(self.actions),
            "resource": self.resource,
            "condition": list(self.conditions) or None,
            "statement": {"index": self.statement, "sid": self.sid},
            "public": self.public,
            "cross_account": self.cross_account,
            "witness": request_json(self.witness),
        }


@dataclass(frozen=True, slots=True)
class Undecided:
    """What could not be decided: why, and for which statement, principal and resource."""

    reason: str
    principal: Name | None = None
    resource: str | None = None
    conditions: tuple[str, ...] = ()
    statement: int | None = None
    sid: str | None = None

    def to_json(self) -> JsonObject:
        """The doubt with plain JSON values."""
        named = self.statement is not None
        return {
            "reason": self.reason,
            "principal": self.principal.to_json() if self.principal else None,
            "resource": self.resource,
            "condition": list(self.conditions) or None,
            "statement": {"index": self.statement, "sid": self.sid} if named else None,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a second policy allows more and less than a first one, and what is not known."""

    gained: tuple[Grant, ...]
    lost: tuple[Grant, ...]
    unknown: tuple[Undecided, ...]

    @property
    def verdict(self) -> Verdict:
        """One word; with anything undecided only `both` can still be certain."""
        if self.gained and self.lost:
            return "both"
        if self.unknown:
            return "unknown"
        if self.gained:
            return "broadens"
        return "narrows" if self.lost else "equivalent"

    def to_json(self) -> JsonObject:
        """The comparison with plain JSON values."""
        return {
            "verdict": self.verdict,
            "gained": rows_json(self.gained),
            "lost": rows_json(self.lost),
            "unknown": [each.to_json() for each in self.unknown],
        }


def rows_json(rows: Sequence[Grant]) -> list[JsonObject]:
    """Rows with plain JSON values."""
    return [each.to_json() for each in rows]
