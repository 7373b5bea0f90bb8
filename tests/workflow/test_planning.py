"""Making a plan and having it approved, against ports in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import GuardError, InvalidPolicyError, PlannerError, StalePlanError, UsageError
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from planner.workflow.live import SavedSource
from planner.workflow.planning import Inputs, make_plan
from planner.workflow.reading import PolicyFile
from tests.support.fakes import FakeRegistry, StoppedClock
from tests.support.policies import document, parsed, policy, statement
from tests.support.world import Reader, World, find_target, plan_with, settings_of

ONE = document(statement("A"))
V2 = document(statement("A", Action="ecr:PutImage"))


def test_errors_of_the_file_show_before_any_call() -> None:
    ecr = FakeRegistry()
    with pytest.raises(InvalidPolicyError):
        plan_with(ecr, "{", settings_of(), None)
    with pytest.raises(UsageError):
        plan_with(ecr, ONE, settings_of(vars=("x=y",)), None)
    assert ecr.calls == []


def test_the_scope_is_asked_for_where_it_matters_and_nobody_says_it() -> None:
    for text, toml, asked, told in (
        (ONE, "", False, None),
        (V2, "", True, "V2"),
        (V2, 'scope = "V2"', False, "V2"),
        (None, "", False, None),
    ):
        ecr = FakeRegistry(scope_is="V2")
        plan = plan_with(ecr, text, settings_of(toml), None)
        assert ("scope" in ecr.calls) == asked
        assert (plan.scope.before, plan.scope.after) == (told, told)
    with pytest.raises(InvalidPolicyError):
        plan_with(FakeRegistry(scope_is="V1"), V2, settings_of(), None)


def test_what_a_plan_tells_of_where_it_came_from(tmp_path: Path) -> None:
    ecr = FakeRegistry(endpoint="http://127.0.0.1:1")
    plan = plan_with(ecr, ONE, settings_of("[vars]\nx = 'y'\n"), State(LocalBlobs(tmp_path)))
    assert plan.endpoint == "http://127.0.0.1:1"
    assert plan.state.place == tmp_path.as_posix()
    assert plan.source.kind == "files"
    assert plan.source.settings is not None
    assert plan.source.settings.path == "planner.toml"
    assert plan.source.vars == {}
    assert plan.origins == {
        "account_id": "the AWS credentials",
        "region": "the AWS configuration",
    }
    named = settings_of("account_id = '444455556666'", region="us-west-2")
    assert plan_with(ecr, ONE, named, None).origins == {}


def test_a_saved_policy_says_where_it_is_from() -> None:
    settings = settings_of()
    source = SavedSource(ONE.encode(), "live.json", find_target(settings))
    files = (PolicyFile("registry_policy.json", ONE.encode()),)
    plan = make_plan(Inputs(settings, files), source, None, StoppedClock())
    assert set(plan.origins.values()) == {"the resources in the policy"}
    assert (plan.live, plan.endpoint, plan.state.place) == ("file", None, None)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(FakeRegistry(), State(LocalBlobs(tmp_path)))


def test_shown_then_asked_then_written(world: World) -> None:
    reader = Reader(answer=True, ecr=world.ecr)
    assert world.apply(ONE, reader) == "written"
    assert reader.seen == ["shown", "asked"]
    assert parsed(world.ecr.text or "") == policy(statement("A"))
    reader = Reader(answer=False, ecr=FakeRegistry())
    assert world.apply(ONE, reader) == "nothing"
    assert reader.seen == ["shown"], "there is nothing to be asked about"


def test_no_is_no(world: World) -> None:
    with pytest.raises(PlannerError, match="cancelled"):
        world.apply(ONE, Reader(answer=False, ecr=world.ecr))
    assert "put" not in world.ecr.calls


def test_the_guard_and_the_id_speak_before_the_question(world: World) -> None:
    reader = Reader(answer=True, ecr=world.ecr)
    public = document(statement("A", Principal="*"))
    with pytest.raises(GuardError) as caught:
        world.apply(public, reader)
    assert [each["check"] for each in caught.value.stops] == ["public"]
    with pytest.raises(StalePlanError):
        world.apply(ONE, reader, expected="0" * 32)
    assert reader.seen == ["shown", "shown"]
    assert world.apply(ONE, reader, asks=False) == "written"
    assert "asked" not in reader.seen
