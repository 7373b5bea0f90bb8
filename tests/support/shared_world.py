"""Owners on one registry, each run a process of its own; and what must come of it by the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from planner.config.settings import Settings
from planner.diff.changes import Create, Delete
from planner.errors import ConflictError, OwnerError, PlannerError, StalePlanError
from planner.guard.settings import DEFAULTS
from planner.ownership.owned import Owned
from planner.plans.file import load_plan
from planner.plans.plan import Plan
from planner.plans.view import plan_text
from planner.records.snapshot import Snapshot
from planner.stores.state import State
from planner.workflow.applying import apply_plan
from planner.workflow.context import ApplyContext, LockSettings
from planner.workflow.owning import Transfer, shared_snapshot, transfer
from planner.workflow.state_admin import discard_journal, recover_alone
from tests.support.fakes import REGISTRY, FakeRegistry
from tests.support.hands import Effect, Model, Owners, Pair, RefusedError, Wish, whose
from tests.support.memory import MemoryBlobs
from tests.support.pairs import pair_of, pairs_of, pairs_of_text, text_of
from tests.support.steps import KilledError, SteppedBlobs, SteppedRegistry, Steps
from tests.support.world import NeverInterrupted, plan_with, settings_of

_LEASE = timedelta(seconds=60)
_GUARD = "\n[guard]\n" + "".join(f'{check} = "allow"\n' for check in DEFAULTS)


@dataclass
class PassingClock:
    """Every run is hours after the one before, and takes no time."""

    runs: int = 0

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=self.runs)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        pass


@dataclass(frozen=True)
class Made:
    """A plan, what it was made of, and what must follow of it."""

    plan: Plan
    wish: Wish
    was: Model
    effect: Effect


@dataclass(frozen=True)
class Pending:
    """An apply that was killed while its journal stood."""

    before: Model
    effect: Effect
    plan_id: str


@dataclass
class SharedWorld:
    """A registry, a state, and the model of both."""

    model: Model = field(default_factory=Model)
    ecr: FakeRegistry = field(default_factory=FakeRegistry)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    clock: PassingClock = field(default_factory=PassingClock)
    pending: Pending | None = None
    why: str = ""
    told: list[Model] = field(default_factory=list)

    @property
    def state(self) -> State:
        return State(self.blobs)

    @contextmanager
    def process(self, steps: Steps) -> Iterator[ApplyContext]:
        self.clock.runs += 1
        yield ApplyContext(
            api=SteppedRegistry(self.ecr, steps),
            state=State(SteppedBlobs(self.blobs, steps)),
            clock=self.clock,
            lock=LockSettings("here", _LEASE, timedelta(0)),
            user="somebody@here",
            report=lambda _: None,
            notice=lambda _: None,
            save=lambda name, _: name,
            interrupt=NeverInterrupted(),
            guard=settings_for(None, frozenset(), take_all=False).toml.guard,
        )

    def edit(self, live: Counter[Pair]) -> None:
        """Somebody writes the policy in the console."""
        self.ecr.text = text_of(live.elements()) if live else None
        self.model.live = Counter(live)

    def make(self, wish: Wish) -> Made | None:
        """The plan of a wish, None where it was refused as it had to be."""
        settings = settings_for(wish.owner, wish.take, take_all=wish.take_all)
        try:
            effect = self.model.effect(wish)
        except RefusedError:
            effect = None
        text = text_of(wish.wanted) if wish.wanted else None
        try:
            plan = plan_with(self.ecr, text, settings, self.state)
        except OwnerError:
            assert effect is None, (wish, self.model)
            return None
        assert effect is not None, (wish, self.model)
        self.check_plan(plan, wish, effect)
        return Made(plan, wish, self.model.copy(), effect)

    def check_plan(self, plan: Plan, wish: Wish, effect: Effect) -> None:
        """The plan does what must follow, and shows each edit made outside once."""
        model = self.model
        assert pairs_of(plan.before) == model.live
        assert pairs_of(plan.after) == effect.after
        assert held(plan.owners_after or {}) == effect.owners
        assert plan.settled is not None
        assert {(pair_of(each.statement), each.by) for each in plan.taken} == effect.taken
        gone, came = drift_of(plan)
        claims, untouched = model.claims(wish), model.untouched(wish)
        for change, resolution in zip(plan.drift, plan.resolutions, strict=True):
            sides = []
            if not isinstance(change, Create):
                sides.append((pair_of(change.before), untouched))
            if not isinstance(change, Delete):
                sides.append((pair_of(change.after), model.live))
            is_mine = any(wish.owner in whose(each, claims, at) for each, at in sides)
            assert is_mine == (resolution != "keep"), (change, resolution)
        if model.serial:
            assert (came, gone) == (model.live - untouched, untouched - model.live)

    def own_whole(self, wanted: frozenset[Pair]) -> None:
        """A project without an owner makes its files the whole policy, whoever owned of it."""
        with self.process(Steps()) as run:
            settings = settings_for(None, frozenset(), take_all=True)
            plan = plan_with(self.ecr, text_of(wanted), settings, self.state)
            untouched = self.model.untouched(Wish("", frozenset()))
            gone, came = drift_of(plan)
            if self.model.serial:
                assert (gone, came) == (untouched - self.model.live, self.model.live - untouched)
            apply_plan(plan, run)
        model, after = self.model, Counter(wanted)
        if not (model.is_exclusive and model.live == after == model.recorded):
            model.record({}, after, whole=True)
            self.told.append(model.copy())
        model.live = after
        self.check()

    def apply(self, made: Made, steps: Steps | None = None) -> str:
        """Applies a plan, after others perhaps, and holds what became of it against the model.

        Gives how it ended, `killed` and `failed` by its steps and `conflict` by a journal.
        """
        steps = steps or Steps()
        plan = load_plan(plan_text(made.plan).encode(), "plan.json")
        if self.pending:
            steps.nth = 0
            pending, settled = self.pending, self.settle()
            if settled == "conflict" or (settled == "recorded" and pending.plan_id == plan.id):
                outcome = self._run(plan, steps)
                assert outcome == {"conflict": "conflict", "recorded": "recovered"}[settled]
                self.check()
                return outcome
        is_done = self._is_done(made)
        effect = None if is_done else self._allowed(made)
        before = self.model.copy()
        outcome = self._run(plan, steps)
        if not steps.is_met:
            told = f"{outcome} {self.why}: {made.wish} of {made.was}, applied to {before}"
            assert outcome == ("nothing" if is_done else self._ends(effect)), told
        self._follow(effect, plan.id, before)
        if outcome in ("written", "already"):
            assert effect is not None
            assert (self.model.live, self.model.serial) == (effect.after, before.serial + 1)
        self.check()
        return outcome

    def _run(self, plan: Plan, steps: Steps) -> str:
        with self.process(steps) as run:
            self.why = ""
            try:
                return apply_plan(plan, run).outcome
            except StalePlanError as error:
                self.why = f"{error.summary} {error.detail}"
                return "stale"
            except ConflictError:
                return "conflict"
            except KilledError:
                return "killed"
            except PlannerError:
                if not steps.is_met:
                    raise
                return "failed"

    def _is_done(self, made: Made) -> bool:
        """Whether the plan was the last to be applied, and what it led to is live and recorded."""
        snapshot = self.state.snapshot(REGISTRY).value
        is_newest = snapshot is not None and snapshot.current.plan_id == made.plan.id
        return is_newest and self.model.live == self.model.recorded == made.effect.after

    def _ends(self, effect: Effect | None) -> str:
        """How a run must end that nothing happens to."""
        if effect is None:
            return "stale"
        if effect.after != self.model.live:
            return "written"
        needs = effect.owners != self.model.owners or self.model.is_exclusive
        return "already" if needs else "nothing"

    def _follow(self, effect: Effect | None, plan_id: str, before: Model) -> None:
        """What a run that may have ended anywhere has done of its effect: all in order, or none."""
        live, serial = pairs_of_text(self.ecr.text), self.serial
        is_done = (live != before.live, serial != before.serial)
        if any(is_done):
            assert effect is not None
            assert live == effect.after
            self.model.live = live
        if serial != before.serial:
            self._record(effect)
        if self.state.journal(REGISTRY).value is not None:
            assert effect is not None
            self.pending = Pending(before, effect, plan_id)
        else:
            assert is_done != (True, False), "nobody knows what was written"

    def _record(self, effect: Effect | None) -> None:
        assert effect is not None
        self.model.record(effect.owners, effect.after)
        self.told.append(self.model.copy())

    def _allowed(self, made: Made) -> Effect | None:
        """What must follow of a plan that is applied now; None where it must be stale."""
        model, was, wish = self.model, made.was, made.wish
        try:
            effect = model.effect(wish)
        except RefusedError:
            return None
        if wish.take_all:
            same = (model.serial, model.recorded) == (was.serial, was.recorded)
        else:
            same = model.is_exclusive == was.is_exclusive and all(
                one.get(wish.owner) == other.get(wish.owner)
                for one, other in ((model.owners, was.owners), (model.since, was.since))
            )
        if not same or effect.taken != made.effect.taken:
            return None
        is_done = effect.after == model.live
        is_same = effect.mine == made.effect.mine and effect.turned == made.effect.turned
        return effect if is_done or is_same else None

    def settle(self) -> str:
        """What must become of the journal that stands, whoever meets it."""
        pending, model = self.pending, self.model
        assert pending is not None
        if model.serial == pending.before.serial:
            if model.live == pending.effect.after:
                self._record(pending.effect)
            elif model.live == pending.before.live:
                self.pending = None
                return "discarded"
            else:
                return "conflict"
        self.pending = None
        return "recorded"

    def recover(self, steps: Steps) -> None:
        """Settles the journal, or dies of it."""
        pending, before = self.pending, self.model.copy()
        with self.process(steps) as run:
            try:
                outcome: str = recover_alone(run).outcome
            except ConflictError:
                outcome = "conflict"
            except (KilledError, PlannerError):
                if not steps.is_met:
                    raise
                outcome = "killed"
        stands = self.state.journal(REGISTRY).value is not None
        if pending is None:
            assert outcome in ("none", "killed")
            assert not stands
        elif outcome != "killed" or not stands:
            settled = self.settle()
            assert outcome in (settled, "killed")
        elif self.serial != before.serial:
            self._record(pending.effect)
        self.check()

    def clear(self) -> None:
        """Has no journal stand, one way or the other."""
        if self.pending:
            self.recover(Steps())
        if self.pending:
            self.discard()

    def discard(self) -> None:
        """Drops the journal and leaves all else as it is."""
        with self.process(Steps()) as run:
            assert discard_journal(run).outcome == ("discarded" if self.pending else "none")
        self.pending = None
        self.check()

    def transfer(self, make: Callable[[Snapshot], Transfer], owners: Owners) -> None:
        """Changes who owns what, in the state alone."""
        with self.process(Steps()) as run:
            transfer(run, make(shared_snapshot(self.state, REGISTRY)))
        self.model.record(owners, self.model.recorded)
        self.told.append(self.model.copy())
        self.check()

    @property
    def serial(self) -> int:
        snapshot = self.state.snapshot(REGISTRY).value
        return snapshot.serial if snapshot else 0

    def check(self) -> None:
        """ECR and the state hold what the model does."""
        model, snapshot = self.model, self.state.snapshot(REGISTRY).value
        assert pairs_of_text(self.ecr.text) == model.live
        assert self.serial == model.serial
        if snapshot:
            assert_is(snapshot, model)

    def check_history(self) -> None:
        """The predecessors lead to what was recorded, in order, and to nothing else."""
        found = list(self.state.history(REGISTRY))
        assert len(found) == len(self.told)
        for each, told in zip(found, reversed(self.told), strict=True):
            assert isinstance(each, Snapshot)
            assert_is(each, told)


def drift_of(plan: Plan) -> tuple[Counter[Pair], Counter[Pair]]:
    """What a plan says that went and came outside planner."""
    gone = [pair_of(each.before) for each in plan.drift if not isinstance(each, Create)]
    came = [pair_of(each.after) for each in plan.drift if not isinstance(each, Delete)]
    return Counter(gone), Counter(came)


def assert_is(snapshot: Snapshot, model: Model) -> None:
    found = {
        name: frozenset(map(pair_of, each.statements)) for name, each in snapshot.owners.items()
    }
    assert snapshot.serial == model.serial
    assert pairs_of(snapshot.policy) == model.recorded
    assert found == model.owners
    assert snapshot.exclusive == model.is_exclusive
    assert {name: each.serial for name, each in snapshot.owners.items()} == model.since


def held(owners: Mapping[str, Owned]) -> Owners:
    return {name: frozenset(map(pair_of, each.statements)) for name, each in owners.items()}


@lru_cache(1000)
def settings_for(owner: str | None, take: frozenset[str], *, take_all: bool) -> Settings:
    named = f'owner = "{owner}"' if owner else ""
    taken = tuple(f'statement["{each}"]' for each in sorted(take))
    return settings_of(named + _GUARD, take=taken, take_all=take_all)
