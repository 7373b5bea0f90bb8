"""What an apply is about to do, written before it is done, so that a crash can be settled."""

from __future__ import annotations

import json
from dataclasses import dataclass

from planner.diff.patch import document_of
from planner.errors import InvalidPolicyError, PlannerError
from planner.plans.plan_id import SHORT_ID
from planner.policy.document import Policy
from planner.records.snapshot import approved_from, check_registry, serial_from, stored_policy
from planner.registry import Registry
from planner.text import clean

VERSION = 1


@dataclass(frozen=True, slots=True)
class Journal:
    """The change of one registry's policy from `before` to `after`, both canonical.

    `live_text` is the raw text that ECR held, None where it held none; `by` is the ARN of
    the caller and `at` the time of writing. `lineage` and `serial` are those that the apply
    will record; a lineage is drawn where there is no state yet. `approved` is the reason that
    a guard asked for.
    """

    registry: Registry
    lineage: str
    serial: int
    plan_id: str
    before: Policy | None
    after: Policy | None
    live_text: str | None
    by: str
    at: str
    tool: str
    approved: str | None = None

    def to_text(self) -> str:
        """The journal document."""
        document = {
            "version": VERSION,
            "plan_id": self.plan_id,
            "registry": self.registry.to_json(),
            "lineage": self.lineage,
            "serial": self.serial,
            "by": self.by,
            "at": self.at,
            "tool": self.tool,
            "approved": self.approved,
            "before": document_of(self.before),
            "after": document_of(self.after),
            "live_text": self.live_text,
        }
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

    def describe(self) -> str:
        """What stands, in one sentence."""
        return clean(
            f"An apply of plan {self.plan_id[:SHORT_ID]} to {self.registry}, begun {self.at} by "
            f"{self.by}, has not ended."
        )


def load_journal(text: str, name: str, registry: Registry) -> Journal:
    """The journal of `registry` in `text`; `name` says where it stands. Raises PlannerError."""
    try:
        document = json.loads(text)
        version = document["version"]
        if version != VERSION:
            raise PlannerError(
                f"The journal {name} has format {version}; this planner knows {VERSION}.",
                "Another version of planner has written it.",
                "Run `planner recover` with that version.",
            )
        check_registry(document["registry"], registry)
        live_text = document["live_text"]
        return Journal(
            registry,
            str(document["lineage"]),
            serial_from(document["serial"]),
            str(document["plan_id"]),
            stored_policy(document["before"], registry),
            stored_policy(document["after"], registry),
            None if live_text is None else str(live_text),
            str(document["by"]),
            str(document["at"]),
            str(document["tool"]),
            approved_from(document),
        )
    except (ValueError, KeyError, TypeError, RecursionError, InvalidPolicyError) as error:
        raise PlannerError(
            f"The journal {name} is damaged.",
            f"{type(error).__name__}. An apply was under way when it was written.",
            "Look at the live policy, then run `planner recover --discard`.",
        ) from error
