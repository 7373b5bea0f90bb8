"""The registry policy scope: what in a policy needs V2, and what raising it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.access.api import Comparison
from planner.lint.rule import LintContext
from planner.policy.document import JsonObject
from planner.policy.ecr_rules import needs_v2
from planner.policy.parse import ParsedPolicy
from planner.policy.tree import Location
from planner.registry import Registry

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Need:
    """An action that a policy of scope V1 cannot name: its text, its statement, its place."""

    statement: str
    effect: str
    action: str
    location: Location

    def to_json(self) -> JsonObject:
        """The need with plain JSON values."""
        return {
            "statement": self.statement,
            "effect": self.effect,
            "action": self.action,
            "file": self.location.file,
            "line": self.location.line,
            "column": self.location.column,
        }


def needs_of(parsed: ParsedPolicy) -> tuple[Need, ...]:
    """What in the policy needs scope V2, in order of place.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    found = [
        Need(
            located.name,
            located.statement.effect,
            action.text,
            parsed.locate(pointer),
        )
        for located in LintContext(parsed).statements
        for pointer, action in located.actions()
        if needs_v2(action)
    ]
    return tuple(sorted(found, key=lambda each: each.location))


@dataclass(frozen=True, slots=True)
class ScopeReport:
    """The scope of a registry, and what it is to the policy called `name`.

    `told` is the scope that the settings tell, None where they leave it to be read; `raises` says
    that they have a plan raise it. `parsed` is None where there is no policy. `raising` is what the
    live policy says more and less under V2, None where the registry has it.
    """

    registry: Registry
    scope: str
    told: str | None
    raises: bool
    name: str
    parsed: ParsedPolicy | None
    raising: Comparison | None
    accounts: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """The view, in format 1."""
        step = "nothing"
        if self.scope == "V1":
            step = "plan" if self.raises else "set"
        return {
            "kind": "scope",
            "format_version": FORMAT_VERSION,
            "registry": self.registry.to_json(),
            "scope": self.scope,
            "told": self.told,
            "policy": self.name if self.parsed else None,
            "needs_v2": [each.to_json() for each in (needs_of(self.parsed) if self.parsed else ())],
            "raising": self.raising.to_json() if self.raising else None,
            "next": step,
            "accounts": dict(self.accounts),
        }
