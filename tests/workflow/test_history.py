"""What the state keeps of before, and what is left of it wherever a run ends."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from planner.aws.session import Connection
from planner.errors import PlannerError, StalePlanError
from planner.policy.document import serialize
from planner.ports import BlobStore
from planner.records.snapshot import Record, Snapshot
from planner.stores.local import LocalBlobs
from planner.stores.s3 import S3Blobs, S3Location
from tests.support.account import Account
from tests.support.crashes import KEY, POLICIES, CrashError, CrashingBlobs, World
from tests.support.fakes import REGISTRY


@pytest.fixture
def local(tmp_path: Path) -> World:
    return World(LocalBlobs(tmp_path / "state"))


@pytest.fixture(params=["local", "s3"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> World:
    if request.param == "local":
        return World(LocalBlobs(tmp_path / "state"))
    account: Account = request.getfixturevalue("account")
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    return World(S3Blobs(S3Location(account.make_bucket(), "a/prefix/"), Connection()))


def test_each_snapshot_is_kept_as_it_stood(world: World) -> None:
    stood = []
    for each in POLICIES:
        world.apply(world.plan(each))
        stood.append(world.blobs.read(KEY))
    assert world.serials() == [3, 2, 1]
    newest, second, first = world.state.history(REGISTRY)
    assert isinstance(newest, Snapshot)
    assert isinstance(second, Snapshot)
    assert isinstance(first, Snapshot)
    assert [each.policy for each in (first, second, newest)] == POLICIES
    kept = [second.predecessor, newest.predecessor]
    assert [world.blobs.read(key or "").data for key in kept] == [each.data for each in stood[:2]]
    assert world.in_history() == sorted(key or "" for key in kept)
    assert world.state.registries() == [REGISTRY]
    assert world.state.locks() == []


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("nth", range(1, 10))
def test_a_crash_at_any_write_leaves_what_the_next_run_completes(
    world: World, nth: int, when: str
) -> None:
    world.apply(world.plan(POLICIES[0]))
    stood = world.blobs.read(KEY).data
    plan = world.plan(POLICIES[1])
    crashing = CrashingBlobs(world.blobs, nth, when)
    with contextlib.suppress(CrashError):
        world.apply(plan, crashing)
    world.clock.sleep(3600)
    with contextlib.suppress(StalePlanError):  # it had been applied already
        world.apply(plan)
    assert world.serials() == [2, 1]
    newest = world.state.snapshot(REGISTRY).value
    assert newest is not None
    assert newest.predecessor is not None
    assert world.blobs.read(newest.predecessor).data == stood
    assert world.api.text == serialize(POLICIES[1])
    assert world.state.journal(REGISTRY).value is None
    world.apply(world.plan(POLICIES[2]))
    assert world.serials() == [3, 2, 1]
    assert len(world.in_history()) == 2


def test_the_crashes_are_at_every_write(local: World) -> None:
    local.apply(local.plan(POLICIES[0]))
    counting = CrashingBlobs(local.blobs, 100, "before")
    local.apply(local.plan(POLICIES[1]), counting)
    assert counting.writes <= 9


@dataclass
class NoHistory:
    """A store in which nobody may write to the history."""

    blobs: BlobStore

    def __getattr__(self, name: str) -> Any:
        return getattr(self.blobs, name)

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        if key.startswith("history/"):
            raise PlannerError("You may not.")
        return self.blobs.compare_and_swap(key, data, token)


def test_nothing_is_sent_where_the_history_cannot_be_written(local: World) -> None:
    local.apply(local.plan(POLICIES[0]))
    with pytest.raises(PlannerError, match="You may not"):
        local.apply(local.plan(POLICIES[1]), NoHistory(local.blobs))
    assert local.api.text == serialize(POLICIES[0])
    assert local.state.journal(REGISTRY).value is None
    local.apply(local.plan(POLICIES[1]))
    assert local.serials() == [2, 1]


def _missing(world: World, key: str) -> None:
    world.blobs.compare_and_swap(key, None, world.blobs.read(key).token)


def _other_bytes(world: World, key: str) -> None:
    world.blobs.compare_and_swap(key, b"{}", world.blobs.read(key).token)


@pytest.mark.parametrize("damage", [_missing, _other_bytes])
def test_a_damaged_history_ends_and_hinders_nobody(
    local: World, damage: Callable[[World, str], None]
) -> None:
    for each in POLICIES[:2]:
        local.apply(local.plan(each))
    newest = local.state.snapshot(REGISTRY).value
    assert newest is not None
    assert newest.predecessor is not None
    damage(local, newest.predecessor)
    assert local.serials() == [2, "The history ends here."]
    *_, end = local.state.history(REGISTRY)
    assert isinstance(end, PlannerError)
    assert "serial 1 is" in end.detail
    local.apply(local.plan(POLICIES[2]))
    assert local.serials() == [3, 2, "The history ends here."]


def _write(world: World, snapshot: Snapshot) -> None:
    world.state.write_snapshot(snapshot, world.blobs.read(KEY).token)


def a_snapshot(serial: int, lineage: str = "a", predecessor: str | None = None) -> Snapshot:
    record = Record(POLICIES[0], "ab" * 32, "me", "2026-11-23T00:00:00Z", "planner 1", serial)
    return Snapshot(lineage, REGISTRY, record, predecessor=predecessor)


def test_what_is_forced_over_is_kept_too(local: World) -> None:
    _write(local, a_snapshot(7))
    _write(local, a_snapshot(3, "b"))
    assert local.serials() == [3]
    assert len(local.in_history()) == 1
    _write(local, a_snapshot(4, "b"))
    _write(local, a_snapshot(2, "b"))  # an older one: what follows it is kept, and not before it
    assert local.serials() == [2]
    assert len(local.in_history()) == 3


def test_a_snapshot_that_comes_back_has_the_history_that_it_had(local: World) -> None:
    for serial in (1, 2, 3):
        _write(local, a_snapshot(serial))
    third = local.state.snapshot(REGISTRY).value
    assert third is not None
    _write(local, a_snapshot(1))
    _write(local, third)
    assert local.serials() == [3, 2, 1]
    elsewhere = a_snapshot(9, predecessor=f"history/{REGISTRY}/8-0123456789abcdef.json")
    _write(local, elsewhere)  # whose history is in another state
    assert local.serials() == [9, 3, 2, 1]


def test_a_document_of_another_place_in_the_history_is_refused(local: World) -> None:
    _write(local, a_snapshot(5, "other"))
    _write(local, a_snapshot(1))
    (stranger,) = local.in_history()
    _missing(local, KEY)
    for wrong in (a_snapshot(6, predecessor=stranger), a_snapshot(4, "other", stranger)):
        _write(local, wrong)
        assert local.serials() == [wrong.serial, "The history ends here."]
        _missing(local, KEY)
