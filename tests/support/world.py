"""Planning and applying against ports in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from planner.config.load import load_settings
from planner.config.settings import Flags, Settings
from planner.config.target import Target, targets
from planner.plans.plan import Plan
from planner.registry import Registry
from planner.stores.state import State
from planner.workflow.applying import apply_now
from planner.workflow.approval import Approval
from planner.workflow.context import ApplyContext, LockSettings
from planner.workflow.live import EcrSource
from planner.workflow.planning import Inputs, make_plan
from planner.workflow.reading import PolicyFile
from tests.support.fakes import FakeRegistry, StoppedClock


def settings_of(toml: str = "", **flags: str | bool | tuple[str, ...]) -> Settings:
    return load_settings(Flags(**flags), lambda _: toml.encode() or None)  # type: ignore[arg-type]


def find_target(settings: Settings) -> Callable[[Registry | None, str | None], Target]:
    def find(named: Registry | None, answered: str | None) -> Target:
        (target,) = targets(settings, {}, named=named, answered=answered)
        return target

    return find


def plan_with(ecr: FakeRegistry, text: str | None, settings: Settings, state: State | None) -> Plan:
    (target,) = targets(settings, {})
    files = () if text is None else (PolicyFile(settings.policy_name, text.encode()),)
    return make_plan(Inputs(settings, files), EcrSource(ecr, target), state, StoppedClock())


@dataclass
class Reader:
    """Somebody who reads a plan, and what happened until then."""

    answer: bool
    ecr: FakeRegistry
    seen: list[str] = field(default_factory=list)

    def show(self, _plan: Plan) -> None:
        self.seen.append("shown")

    def approves(self, _plan: Plan) -> bool:
        self.seen.append("asked")
        assert "put" not in self.ecr.calls
        return self.answer


class NeverInterrupted:
    requested = False


@dataclass
class World:
    ecr: FakeRegistry
    state: State
    settings: Settings = field(default_factory=settings_of)

    @contextmanager
    def open_run(self, _plan: Plan) -> Iterator[ApplyContext]:
        yield ApplyContext(
            api=self.ecr,
            state=self.state,
            clock=StoppedClock(),
            lock=LockSettings("here", timedelta(seconds=60), timedelta(0)),
            user="somebody@here",
            report=lambda _: None,
            notice=lambda _: None,
            save=lambda name, _: name,
            interrupt=NeverInterrupted(),
        )

    def apply(self, text: str, reader: Reader, **approval: str | bool | None) -> str:
        how = Approval(**{"expected": None, "reason": None, "asks": True, **approval})  # type: ignore[arg-type]
        _, applied = apply_now(
            lambda: plan_with(self.ecr, text, self.settings, self.state), reader, how, self.open_run
        )
        return applied.outcome
