"""A registry in memory that several owners share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from planner.errors import StalePlanError
from planner.guard.settings import DEFAULTS, Answer, Guard
from planner.plans.file import load_plan
from planner.plans.plan import Plan
from planner.plans.view import plan_text
from planner.stores.state import State
from planner.workflow.applying import apply_plan
from tests.support.fakes import REGISTRY, FakeRegistry
from tests.support.memory import MemoryBlobs
from tests.support.policies import document, parsed, policy, statement
from tests.support.world import World, plan_with, settings_of

ONE, TWO, THREE = "111122223333", "222233334444", "333344445555"
A, B, C = statement("A", ONE), statement("B", TWO), statement("C", THREE)
FREE: dict[str, Answer] = {**dict.fromkeys(DEFAULTS, "allow")}


class Shared:
    """A registry that a and b share, without their guards but for what is given."""

    def __init__(self) -> None:
        self.ecr = FakeRegistry()
        self.state = State(MemoryBlobs())

    def plan(
        self, owner: str | None, *wanted: dict[str, Any], toml: str = "", **flags: Any
    ) -> Plan:
        named = f'owner = "{owner}"\n' if owner else ""
        text = document(*wanted) if wanted else None
        return plan_with(self.ecr, text, settings_of(named + toml, **flags), self.state)

    def apply(self, plan: Plan, guard: dict[str, Any] = FREE) -> str:
        saved = load_plan(plan_text(plan).encode(), "plan.json")
        with World(self.ecr, self.state).open_run(saved) as run:
            return apply_plan(saved, replace(run, guard=Guard(guard), approved="meant")).outcome

    def has(self, owner: str | None, *wanted: dict[str, Any], **more: Any) -> None:
        assert self.apply(self.plan(owner, *wanted, **more)) in ("written", "already")

    def live_is(self, *statements: dict[str, Any]) -> bool:
        assert self.ecr.text is not None
        found = parsed(self.ecr.text)
        return policy(*statements).statements == found.statements

    def owners(self) -> dict[str, list[str | None]]:
        snapshot = self.state.snapshot_of(REGISTRY)
        return {
            name: [one.sid for one in each.statements] for name, each in snapshot.owners.items()
        }

    def stale(self, plan: Plan, words: str, guard: dict[str, Any] = FREE) -> StalePlanError:
        before = self.ecr.text, self.owners()
        with pytest.raises(StalePlanError) as caught:
            self.apply(plan, guard)
        assert words in f"{caught.value.summary} {caught.value.detail}"
        assert (self.ecr.text, self.owners()) == before
        return caught.value
