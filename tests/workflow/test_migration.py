"""A state that moves: all of it, once, wherever the move is interrupted."""

from __future__ import annotations

import contextlib
import itertools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from planner.aws.session import Connection
from planner.errors import LockedError, PlannerError
from planner.ports import BlobStore
from planner.records.moved import moved_to
from planner.stores.local import LocalBlobs
from planner.stores.s3 import S3Blobs, S3Location
from planner.stores.state import State
from planner.workflow.migration import Migration
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.crashes import KEY, POLICIES, CrashError, World
from tests.support.fakes import REGISTRY
from tests.support.policies import document, statement


@dataclass
class Counted:
    """A store that shares its count of writes with another; the process ends at one of them."""

    blobs: BlobStore
    count: itertools.count[int]
    last: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.blobs, name)

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        if next(self.count) >= self.last:
            raise CrashError
        return self.blobs.compare_and_swap(key, data, token)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A registry whose state has three serials, in a folder."""
    found = World(LocalBlobs(tmp_path / "from"))
    for each in POLICIES:
        found.apply(found.plan(each))
    return found


@pytest.fixture(params=["local", "s3"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "local":
        return LocalBlobs(tmp_path / "to")
    account: Account = request.getfixturevalue("account")
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    return S3Blobs(S3Location(account.make_bucket(), "a/prefix/"), Connection())


def contents(blobs: BlobStore) -> dict[str, bytes]:
    """All documents of a store."""
    found = {key: blobs.read(key).data for key in blobs.all_keys()}
    return {key: data for key, data in found.items() if data is not None}


def move(world: World, source: BlobStore, target: BlobStore) -> list[bool]:
    migration = Migration(State(source), State(target))
    migration.check(world.clock.now())
    migration.copy()
    return [migration.settle(world.run(), each) for each in migration.registries()]


def assert_moved(world: World, target: BlobStore, before: dict[str, bytes]) -> None:
    assert contents(target) == before
    left = contents(world.blobs)
    assert list(left) == [KEY]
    assert moved_to(left[KEY].decode()) == target.place
    with pytest.raises(PlannerError, match="has moved") as caught:
        world.plan(POLICIES[0])
    assert target.place in caught.value.detail


def test_all_is_moved_and_goes_on_there(world: World, target: BlobStore) -> None:
    before = contents(world.blobs)
    assert len(before) == 3
    assert move(world, world.blobs, target) == [True]
    assert_moved(world, target, before)
    assert move(world, world.blobs, target) == [False]
    old, world.blobs = world.blobs, target
    world.apply(world.plan(POLICIES[0]))
    assert world.serials() == [4, 3, 2, 1]
    before = contents(target)
    assert move(world, target, old) == [True]  # and back again
    assert contents(old) == before


@pytest.mark.parametrize("last", range(12))
def test_a_move_that_is_interrupted_is_finished_by_the_next(world: World, last: int) -> None:
    before = contents(world.blobs)
    source, target = world.blobs, LocalBlobs(Path(world.blobs.where("")).parent / "to")
    count = itertools.count()
    with contextlib.suppress(CrashError):
        move(world, Counted(source, count, last), Counted(target, count, last))
    for key, data in before.items():  # nothing is ever in neither place
        assert data in (source.read(key).data, target.read(key).data)
    world.clock.sleep(3600)
    move(world, source, target)
    left = contents(target)
    assert {key: left[key] for key in before} == before
    assert_moved(world, target, before)


def test_what_is_recorded_between_copy_and_move_is_moved_too(world: World, tmp_path: Path) -> None:
    target = LocalBlobs(tmp_path / "to")
    migration = Migration(world.state, State(target))
    migration.copy()
    world.apply(world.plan(POLICIES[0]))
    before = contents(world.blobs)
    assert migration.settle(world.run(), REGISTRY)
    assert_moved(world, target, before)


def test_a_target_that_has_gone_on_is_left_as_it_is(world: World, tmp_path: Path) -> None:
    target = LocalBlobs(tmp_path / "to")
    Migration(world.state, State(target)).copy()
    source, world.blobs = world.blobs, target
    world.apply(world.plan(POLICIES[0]))
    before = contents(target)
    assert move(world, source, target) == [True]
    assert contents(target) == before


def test_the_history_of_a_registry_that_was_forgotten(world: World, tmp_path: Path) -> None:
    world.state.remove_snapshot(REGISTRY, world.blobs.read(KEY).token)
    before = contents(world.blobs)
    target = LocalBlobs(tmp_path / "to")
    assert move(world, world.blobs, target) == [True]
    assert (contents(target), contents(world.blobs)) == (before, {})


def refused(world: World, target: BlobStore, error: type[PlannerError], words: str) -> None:
    before, there = contents(world.blobs), contents(target)
    with pytest.raises(error, match=words):
        move(world, world.blobs, target)
    assert (contents(world.blobs), contents(target)) == (before, there)


def test_what_is_not_ready_is_not_moved(world: World, tmp_path: Path) -> None:
    target = LocalBlobs(tmp_path / "to")
    journal, lock = KEY.replace(".json", ".journal.json"), KEY.replace(".json", ".lock.json")
    for place in (world.blobs, target):
        token = place.compare_and_swap(journal, b"{", None)
        refused(world, target, PlannerError, "has not ended")
        place.compare_and_swap(journal, None, token)
        lease = {"version": 1, "id": "1", "owner": "o", "host": "h", "operation": "x"}
        times = {"since": "2026-01-01T00:00:00Z", "until": "2999-01-01T00:00:00Z"}
        token = place.compare_and_swap(lock, json.dumps({**lease, **times}).encode(), None)
        refused(world, target, LockedError, "is locked")
        place.compare_and_swap(lock, None, token)
    world.blobs.compare_and_swap(KEY, b"{", world.blobs.read(KEY).token)
    refused(world, target, PlannerError, "is damaged")


def test_another_state_is_never_replaced(world: World, tmp_path: Path) -> None:
    target = LocalBlobs(tmp_path / "to")
    other = World(target)
    other.apply(other.plan(POLICIES[0]))
    refused(world, target, PlannerError, "has another state")
    target.compare_and_swap(KEY, None, target.read(KEY).token)
    own = world.blobs.read(KEY).data or b""
    for change in ({"serial": 9}, {"by": "somebody else"}):
        forked = json.dumps({**json.loads(own), **change}).encode()
        token = target.compare_and_swap(KEY, forked, target.read(KEY).token)
        refused(world, target, PlannerError, "has another state")
        target.compare_and_swap(KEY, None, token)


def test_a_document_of_the_history_that_differs_there(world: World, tmp_path: Path) -> None:
    target = LocalBlobs(tmp_path / "to")
    target.compare_and_swap(world.in_history()[0], b"{}", None)
    refused(world, target, PlannerError, "is not what was copied there")


def test_the_command(cli: Cli, account: Account) -> None:
    cli.write("registry_policy.json", document(statement("A")))
    cli.ok("apply", "--auto-approve")
    place = f"s3://{account.make_bucket()}/planner/"
    words = ("state", "migrate", ".planner/state", place)
    assert "--auto-approve" in cli.fails(64, *words)
    moved = cli.ok(*words, "--auto-approve")
    assert f"Moved {account.account_id}/us-west-2." in moved
    assert f'state = "{place}"' in moved
    for command in (("plan",), ("apply", "--auto-approve"), ("state", "show"), ("history",)):
        message = cli.fails(1, *command)
        assert "has moved" in message
        assert place in message
    cli.write("planner.toml", f'state = "{place}"\n')
    assert "No changes." in cli.ok("plan", "--detailed-exitcode")
    assert "had been moved" in cli.ok(*words, "--auto-approve")
    assert "is empty" in cli.fails(1, "state", "migrate", "nowhere", place)
    assert "the same place" in cli.fails(64, "state", "migrate", place, place)
    assert "no place that keeps" in cli.fails(1, "state", "migrate", place, "gs://b/")
