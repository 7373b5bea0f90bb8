"""What a comparison of two policies says, and its JSON view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from planner.access.evaluate import Outcome
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
    Allow that grants it, or the Deny that takes it. `public` marks access that a stranger has,
    `cross_account` that of other accounts than the registry's, `own` what is that of the
    registry's account alone. The witness is a true request: `ranks` is what the first policy
    says of it, and what the second.
    """

    principal: Name
    actions: tuple[str, ...]
    resource: str
    conditions: tuple[str, ...]
    statement: int
    sid: str | None
    public: bool
    cross_account: bool
    own: bool
    witness: Request
    ranks: tuple[Outcome, Outcome]

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
            "own": self.own,
            "ranks": {"before": self.ranks[0], "after": self.ranks[1]},
            "witness": request_json(self.witness),
        }


@dataclass(frozen=True, slots=True)
class Undecided:
    """What could not be decided: why, and for which statement, principal and resource.

    `among` are the rows among which it may be, empty where it may be any. `may_be_public` tells
    whether a stranger may gain it.
    """

    reason: str
    among: Literal["gained", "lost", "denied", "released", ""] = ""
    principal: Name | None = None
    resource: str | None = None
    conditions: tuple[str, ...] = ()
    statement: int | None = None
    sid: str | None = None
    may_be_public: bool = False

    @property
    def side(self) -> str:
        """Whether the second policy may say `more` or `less`, or `either`."""
        if not self.among:
            return "either"
        return "more" if self.among in ("gained", "released") else "less"

    def to_json(self) -> JsonObject:
        """The doubt with plain JSON values."""
        named = self.statement is not None
        return {
            "reason": self.reason,
            "side": self.side,
            "principal": self.principal.to_json() if self.principal else None,
            "resource": self.resource,
            "condition": list(self.conditions) or None,
            "statement": {"index": self.statement, "sid": self.sid} if named else None,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a second policy says more and less than a first one, and what is not known.

    `gained` is allowed now and was not, `lost` was allowed and is no longer. Of the rest
    `denied` is denied now and was not, and `released` was denied and is no longer: of it
    neither policy says more, and other policies decide.
    """

    gained: tuple[Grant, ...] = ()
    lost: tuple[Grant, ...] = ()
    denied: tuple[Grant, ...] = ()
    released: tuple[Grant, ...] = ()
    unknown: tuple[Undecided, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """One word. What is undecided counts where it could make another one true."""
        more, less = bool(self.gained or self.released), bool(self.lost or self.denied)
        if more and less:
            return "both"
        open_ = {each.side for each in self.unknown}
        if "either" in open_ or (not more and "more" in open_) or (not less and "less" in open_):
            return "unknown"
        if more:
            return "broadens"
        return "narrows" if less else "equivalent"

    def to_json(self) -> JsonObject:
        """The comparison with plain JSON values."""
        return {
            "verdict": self.verdict,
            "gained": rows_json(self.gained),
            "lost": rows_json(self.lost),
            "denied": rows_json(self.denied),
            "released": rows_json(self.released),
            "unknown": [each.to_json() for each in self.unknown],
        }


def rows_json(rows: Sequence[Grant]) -> list[JsonObject]:
    """Rows with plain JSON values."""
    return [each.to_json() for each in rows]
