"""Raising the registry policy scope, against ports in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from planner.config.settings import Settings
from planner.errors import ConflictError, InvalidPolicyError, PlannerError, StalePlanError
from planner.plans.file import load_plan
from planner.plans.plan import Plan
from planner.plans.view import checksum, plan_text, plan_view
from planner.ports import OutcomeUnknownError, ThrottledError
from planner.registry import RAISED, ScopeChange
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from planner.workflow.applying import apply_plan
from planner.workflow.live import SavedSource
from planner.workflow.planning import Inputs, make_plan
from planner.workflow.reading import PolicyFile
from planner.workflow.state_admin import recover_alone
from tests.support.fakes import FakeRegistry, StoppedClock
from tests.support.policies import document, parsed, statement
from tests.support.world import World, find_target, plan_with, settings_of

V1_ONLY = document(statement("A"))
PULL = document(statement("A"), statement("Pull", Action="ecr:BatchGetImage"))
RAISES = settings_of("raise_scope = true")


@dataclass
class Scoped(FakeRegistry):
    """A registry that obeys its scope. `fails` are raised by the calls to come, in order."""

    fails: Sequence[Exception] = ()
    arrives: bool = True

    def put(self, text: str, names: Sequence[str] = ()) -> None:
        if self.scope_is == "V1" and "BatchGetImage" in text:
            raise PlannerError("ECR refused the policy.")
        super().put(text, names)

    def raise_scope(self) -> None:
        error, self.fails = (self.fails[0], self.fails[1:]) if self.fails else (None, ())
        if error is None or self.arrives:
            super().raise_scope()
        if error:
            raise error


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(Scoped(V1_ONLY, "V1"), State(LocalBlobs(tmp_path)), RAISES)


def planned(world: World, text: str = PULL) -> Plan:
    plan = plan_with(world.ecr, text, world.settings, world.state)
    world.ecr.calls.clear()
    return plan


def applied(world: World, plan: Plan) -> str:
    with world.open_run(plan) as run:
        return apply_plan(plan, run).outcome


def writes(world: World) -> list[str]:
    return [each for each in world.ecr.calls if each in ("raise", "put", "delete")]


def test_the_scope_is_raised_before_the_policy_is_written(world: World) -> None:
    plan = planned(world)
    assert plan.scope == RAISED
    assert applied(world, plan) == "written"
    assert writes(world) == ["raise", "put"]
    assert parsed(world.ecr.text or "") == plan.after
    again = planned(world)
    assert again.scope == ScopeChange("V2", "V2")
    assert not again.has_changes
    assert applied(world, again) == "nothing"


def test_the_scope_alone(world: World) -> None:
    plan = planned(world, V1_ONLY)
    assert plan.changes == ()
    assert plan.has_changes
    view = plan_view(plan)
    assert view["next"]["writes"]
    assert view["summary"] == {"add": 0, "change": 0, "destroy": 0}
    assert applied(world, plan) == "written"
    assert writes(world) == ["raise"]
    recorded = world.state.snapshot(plan.registry).value
    assert recorded
    assert (recorded.serial, recorded.current.plan_id) == (1, plan.id)
    assert not planned(world, V1_ONLY).has_changes


def test_a_scope_that_was_lowered_is_raised_again_by_the_same_plan(world: World) -> None:
    """Its id is the same, and its policy is live: what is left to do is the raise."""
    first = planned(world, V1_ONLY)
    assert applied(world, first) == "written"
    world.ecr.scope_is = "V1"
    again = planned(world, V1_ONLY)
    assert again.id == first.id
    assert applied(world, again) == "written"
    assert (writes(world), world.ecr.scope_is) == (["raise"], "V2")
    assert applied(world, again) == "nothing"


def test_the_raise_is_part_of_what_is_approved(world: World) -> None:
    raised = planned(world)
    stays = replace(raised, scope=ScopeChange("V2", "V2"))
    unknown = replace(raised, scope=ScopeChange())
    assert raised.id != stays.id == unknown.id


def test_a_plan_file_with_another_step_is_damaged(world: World) -> None:
    view = plan_view(planned(world))
    assert load_plan(json.dumps(view).encode(), "p").scope == RAISED
    for scope in (
        {"before": "V2", "after": "V1"},
        {"before": None, "after": "V2"},
        {"before": "V2", "after": "V2"},
        {"before": "V3", "after": "V3"},
    ):
        content = {k: v for k, v in {**view, "scope": scope}.items() if k != "checksum"}
        forged = json.dumps({**content, "checksum": checksum(content)})
        with pytest.raises(PlannerError, match="not an intact plan"):
            load_plan(forged.encode(), "p")


def test_somebody_else_was_faster(world: World) -> None:
    plan = planned(world)
    world.ecr.scope_is = "V2"
    assert applied(world, plan) == "written"
    assert writes(world) == ["put"]


def test_the_policy_stands_already(world: World) -> None:
    plan = planned(world, document(statement("B")))
    world.ecr.text = document(statement("B"))
    assert applied(world, plan) == "written"
    assert writes(world) == ["raise"]


def test_the_policy_has_moved(world: World) -> None:
    plan = planned(world)
    world.ecr.text = document(statement("Theirs"))
    with pytest.raises(StalePlanError):
        applied(world, plan)
    assert writes(world) == []
    assert world.ecr.scope_is == "V1"


def test_a_plan_for_v1_is_stale_once_somebody_raised_the_scope(world: World) -> None:
    """Under V2 the Allow of all actions gives more than the plan has shown."""
    world = replace(world, settings=settings_of('scope = "V1"'))
    plan = planned(world, document(statement("B", Action="ecr:*")))
    assert plan.scope == ScopeChange("V1", "V1")
    world.ecr.scope_is = "V2"
    with pytest.raises(StalePlanError, match="has policy scope V2"):
        applied(world, plan)
    assert writes(world) == []
    world.ecr.scope_is = "V1"
    assert applied(world, plan) == "written"


def test_where_the_scope_cannot_be_read_nothing_is_raised(world: World) -> None:
    plan = planned(world)
    world.ecr.scope_is = None
    with pytest.raises(PlannerError, match="could not read the registry policy scope"):
        applied(world, plan)
    assert writes(world) == []
    with pytest.raises(PlannerError) as caught:
        planned(world)
    assert "raise_scope" in caught.value.detail


def test_a_refused_raise_changes_nothing(world: World) -> None:
    world.ecr = Scoped(V1_ONLY, "V1", fails=[PlannerError("You may not.")], arrives=False)
    plan = planned(world)
    with pytest.raises(PlannerError, match="You may not") as caught:
        applied(world, plan)
    assert "stays" not in caught.value.detail
    assert world.state.journal(plan.registry).value is None
    assert (world.ecr.scope_is, writes(world)) == ("V1", [])


def test_a_refused_policy_leaves_the_scope_raised_and_says_so(world: World) -> None:
    class Refusing(Scoped):
        def put(self, text: str, names: Sequence[str] = ()) -> None:
            raise PlannerError("ECR refused the policy.", "No such role.")

    world.ecr = Refusing(V1_ONLY, "V1")
    plan = planned(world)
    with pytest.raises(PlannerError, match="ECR refused") as caught:
        applied(world, plan)
    assert "No such role.\nThe registry policy scope is V2 now and stays so" in caught.value.detail
    assert world.state.journal(plan.registry).value is None
    assert world.ecr.scope_is == "V2"


@pytest.mark.parametrize("settings", [settings_of(), RAISES])
def test_somebody_writes_right_after_and_the_journal_stands(
    world: World, settings: Settings
) -> None:
    class Contested(Scoped):
        def put(self, text: str, names: Sequence[str] = ()) -> None:
            super().put(text, names)
            self.text = document(statement("Theirs"))

    world = replace(world, ecr=Contested(V1_ONLY, "V1"), settings=settings)
    plan = planned(world, document(statement("B")))
    with pytest.raises(ConflictError, match="at the same moment") as caught:
        applied(world, plan)
    assert ("stays so" in caught.value.detail) == settings.toml.raise_scope
    assert world.state.journal(plan.registry).value
    with world.open_run(plan) as run, pytest.raises(ConflictError, match="something else by now"):
        recover_alone(run)


@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_answer_is_read_back(world: World, *, arrives: bool) -> None:
    lost = OutcomeUnknownError(PlannerError("The answer was lost."))
    world.ecr = Scoped(V1_ONLY, "V1", fails=[lost], arrives=arrives)
    plan = planned(world)
    if arrives:
        assert applied(world, plan) == "written"
        assert writes(world) == ["raise", "put"]
        return
    with pytest.raises(PlannerError, match="The answer was lost"):
        applied(world, plan)
    journal = world.state.journal(plan.registry).value
    assert journal
    assert journal.raises_scope
    assert writes(world) == []


def test_throttling_is_waited_for(world: World) -> None:
    world.ecr = Scoped(V1_ONLY, "V1", fails=[ThrottledError("Slower.")] * 2, arrives=False)
    assert applied(world, planned(world)) == "written"
    assert writes(world) == ["raise", "put"]


class Interrupted:
    """Somebody asks for the end as soon as the scope is raised."""

    def __init__(self, ecr: FakeRegistry) -> None:
        self.ecr = ecr

    @property
    def requested(self) -> bool:
        return self.ecr.scope_is == "V2"


def test_nobody_stops_it_between_the_writes(world: World) -> None:
    """The time in between is the one to be short."""
    plan = planned(world)
    with world.open_run(plan) as run:
        stopping = replace(run, interrupt=Interrupted(world.ecr))
        assert apply_plan(plan, stopping).outcome == "written"
    assert writes(world) == ["raise", "put"]


def test_recovery_of_the_scope_alone_wants_to_read_it(world: World) -> None:
    lost = OutcomeUnknownError(PlannerError("The answer was lost."))
    world.ecr = Scoped(V1_ONLY, "V1", fails=[lost], arrives=False)
    plan = planned(world, V1_ONLY)
    with pytest.raises(PlannerError):
        applied(world, plan)
    token = world.state.lock(plan.registry).token
    world.state.swap_lock(plan.registry, None, token)
    with world.open_run(plan) as run:
        world.ecr.scope_is = None
        with pytest.raises(PlannerError, match="could not read the registry policy scope"):
            recover_alone(run)
        world.ecr.scope_is = "V1"
        assert recover_alone(run).outcome == "discarded"


@pytest.mark.parametrize("toml", ["raise_scope = true", 'raise_scope = true\nscope = "V2"'])
def test_the_file_is_for_v2_where_a_plan_raises_the_scope(toml: str) -> None:
    settings = settings_of(toml)
    assert settings.scope_to_be == "V2"
    ecr = FakeRegistry(V1_ONLY, "V1")
    plan = plan_with(ecr, PULL, settings, None)
    assert plan.scope == RAISED
    assert not [each for each in plan.findings if "scope" in each.rule]
    with pytest.raises(InvalidPolicyError):
        plan_with(ecr, PULL, settings_of(), None)


def test_nothing_is_raised_to_take_a_policy_away() -> None:
    ecr = FakeRegistry(V1_ONLY, "V1")
    plan = plan_with(ecr, None, RAISES, None)
    assert not plan.scope.is_raised
    assert "scope" not in ecr.calls


def test_against_a_saved_policy_the_scope_is_not_known() -> None:
    source = SavedSource(V1_ONLY.encode(), "live.json", find_target(RAISES))
    plan = make_plan(
        Inputs(RAISES, (PolicyFile("policy.json", PULL.encode()),)), source, None, StoppedClock()
    )
    assert plan.scope == ScopeChange()
    assert load_plan(plan_text(plan).encode(), "p") == plan


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(PlannerError, match="contradict each other"):
        settings_of('scope = "V1"\nraise_scope = true')
    with pytest.raises(PlannerError, match="must be true or false"):
        settings_of('raise_scope = "yes"')
    assert settings_of('scope = "V1"\nraise_scope = false').scope_to_be == "V1"
