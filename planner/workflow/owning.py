"""Changing who owns what in the state alone: nothing of it is written to AWS."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from planner import TOOL
from planner.errors import PlannerError, StalePlanError
from planner.ownership.owned import Owned, check_owner_name
from planner.policy.address import sid_of
from planner.policy.document import compact
from planner.records.snapshot import Record, Snapshot, next_snapshot
from planner.registry import Registry
from planner.stores.state import State
from planner.times import stamp
from planner.workflow.context import ApplyContext
from planner.workflow.state_admin import settled


@dataclass(frozen=True, slots=True)
class Transfer:
    """What would become of the owners of a registry.

    `words` say it in a sentence, `act` in a record; `before` is the snapshot that it starts from.
    """

    before: Snapshot
    owners: Mapping[str, Owned]
    words: str
    act: str


def release(snapshot: Snapshot, target: str) -> Transfer:
    """What follows where nobody owns any more what an owner has, or one statement.

    `target` is the name of an owner or the address of a statement. Raises PlannerError where the
    state has neither.
    """
    owners = dict(snapshot.owners)
    if target in owners:
        del owners[target]
        words = f"{target} owns nothing of {snapshot.registry} any more."
        return Transfer(snapshot, owners, words, f"{target} released")
    sid = sid_of(target, snapshot.registry)
    has = [name for name, each in owners.items() if sid in {one.sid for one in each.statements}]
    if not has:
        names = ", ".join(sorted(owners)) or "nobody"
        raise PlannerError(
            f"{target} is neither an owner nor a statement that is owned.",
            f"The state has statements of {names}.",
            "`planner owners` lists them.",
        )
    for name in has:
        left = tuple(each for each in owners[name].statements if each.sid != sid)
        owners[name] = Owned(left, owners[name].source)
        if not left:
            del owners[name]
    words = f"{target} is nobody's any more; it was {' and '.join(has)}'s."
    return Transfer(snapshot, owners, words, f"{target} released")


def rename(snapshot: Snapshot, old: str, new: str) -> Transfer:
    """What follows where an owner has another name. Raises PlannerError."""
    check_owner_name(new, f"'{new}'")
    if old not in snapshot.owners:
        names = ", ".join(sorted(snapshot.owners)) or "nobody"
        hint = "`planner owners` lists them."
        raise PlannerError(f"{old} owns nothing here.", f"The state has {names}.", hint)
    if new in snapshot.owners:
        raise PlannerError(
            f"There is an owner {new} already.",
            "Two owners cannot become one by a name.",
            f"Release one of them: planner owners release {old}",
        )
    owners = {new if name == old else name: each for name, each in snapshot.owners.items()}
    words = f"What {old} owns of {snapshot.registry} is {new}'s. Its planner.toml must say so."
    return Transfer(snapshot, owners, words, f"{old} renamed to {new}")


def transfer(run: ApplyContext, meant: Transfer) -> Snapshot:
    """Records other owners. Raises StalePlanError where the state has moved since."""
    registry = meant.before.registry
    with settled(run, registry, "change of owners"):
        stored = run.state.snapshot(registry)
        if stored.value != meant.before:
            raise StalePlanError(
                f"The state of {registry} has changed meanwhile.", "", "Run the command again."
            )
        snapshot = next_snapshot(
            meant.before, registry, _record(run, meant), meant.before.lineage, meant.owners
        )
        run.state.write_snapshot(snapshot, stored.token)
        return snapshot


def _record(run: ApplyContext, meant: Transfer) -> Record:
    """The record of a change that no plan stands for: its id is of what it does."""
    parts = [meant.before.lineage, meant.before.serial, meant.words]
    token = hashlib.sha256(compact(parts).encode()).hexdigest()
    now = stamp(run.clock.now())
    return Record(meant.before.policy, token, run.user, now, TOOL, act=meant.act)


def shared_snapshot(state: State, registry: Registry) -> Snapshot:
    """The snapshot of a registry that is shared. Raises PlannerError for another."""
    snapshot = state.snapshot_of(registry)
    if snapshot.exclusive:
        raise PlannerError(
            f"{registry} has no owners.",
            "A project without an owner has its policy whole.",
            'A project shares its registry once its planner.toml says: owner = "NAME"',
        )
    return snapshot
