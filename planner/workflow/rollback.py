"""Going back: a plan to what was recorded at a serial, of one's own statements where shared.

It is checked against the state and the live policy as any other plan is, and reads no policy file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from planner.errors import InvalidPolicyError, OwnerError, PlannerError
from planner.lint.finding import Finding
from planner.ownership.claims import newly_held
from planner.ownership.conflicts import whose
from planner.plans.build import Desired
from planner.plans.plan import Plan
from planner.plans.source import Source
from planner.policy.address import statement_name
from planner.policy.canonical import CURRENT_VERSION, canonicalise
from planner.policy.document import Policy, Statement, policy_json
from planner.policy.parse import parse_policy
from planner.ports import Clock
from planner.records.snapshot import Snapshot
from planner.stores.state import State
from planner.text import clean, counted, json_text
from planner.workflow.history import recorded_as
from planner.workflow.judging import Rules
from planner.workflow.live import LiveSource
from planner.workflow.planning import (
    Ground,
    Inputs,
    day_of,
    ground_of,
    plan_from,
    scope_as_it_is,
    settings_file,
)

_BY_FILES = "Change the policy files instead, and plan them."


def make_rollback(
    inputs: Inputs, serial: int | None, live: LiveSource, state: State, clock: Clock
) -> Plan:
    """The plan back to a serial; without one to before the last change of what is one's own.

    The inputs have no files. Raises PlannerError where that serial is not known, and OwnerError
    where the owner would destroy or replace what is not its own alone.
    """
    settings, owner = inputs.settings, inputs.settings.toml.owner
    with _settled_by_plan():
        ground = ground_of(inputs, live.find(None), live, state, clock)
    then = _target(ground, state, owner, serial)
    source = Source("rollback", settings=settings_file(settings), serial=then.serial)
    wanted, name = _wanted(then, owner), f"serial {then.serial}"
    scope = scope_as_it_is(settings, live, wanted)
    rules = Rules(settings, ground.found, scope.after, day_of(clock))
    parsed = parse_policy(json_text(policy_json(wanted)), name) if wanted else None

    def judge(others: Sequence[Statement]) -> tuple[Finding, ...]:
        with _recorded():
            return tuple(rules.find(parsed, name, others)[0]) if parsed else ()

    desired = Desired(parsed.policy if parsed else None, source, judge(()))
    return plan_from(ground, desired, scope, judge)


def _target(ground: Ground, state: State, owner: str | None, serial: int | None) -> Snapshot:
    """The snapshot to go back to. Raises PlannerError where there is none."""
    registry, newest = ground.found.registry, ground.snapshot
    if newest is None:
        raise PlannerError(
            f"Nothing is recorded of {registry}, so there is nothing to go back to.",
            f"The state in {state.blobs.place} does not know this registry.",
            "The first `planner apply` records it.",
        )
    if serial == newest.serial:
        raise PlannerError(
            f"Serial {serial} is the newest: there is nothing to go back to.",
            "",
            "`planner history` lists those before; `planner drift` shows what changed since.",
        )
    if serial is None:
        then = _before_last_change(state, newest, owner)
    else:
        then = recorded_as(state, registry, serial)
    if owner is not None:
        _check_own(then, newest, owner)
    return then


def _before_last_change(state: State, newest: Snapshot, owner: str | None) -> Snapshot:
    """The newest snapshot in which the owner had other statements, or that has another policy."""
    now = _had(newest, owner)
    for each in state.history(newest.registry):
        if isinstance(each, PlannerError):
            raise each
        if each.serial < newest.serial and _had(each, owner) != now:
            return each
    what = "policy" if owner is None else f"statements of {owner}"
    raise PlannerError(
        "There is nothing to go back to.",
        f"The history of {newest.registry} has no other {what}.",
        "`planner history` lists it. To take away what is one's own: planner plan --destroy",
    )


def _had(snapshot: Snapshot, owner: str | None) -> Policy | tuple[Statement, ...] | None:
    """What was one's own at a serial: of an owner its statements, else the whole policy."""
    if owner is None:
        return snapshot.policy
    owned = snapshot.owners.get(owner)
    return owned.statements if owned else ()


def _wanted(then: Snapshot, owner: str | None) -> Policy | None:
    """The policy to go back to, canonical: of an owner its part; None for nothing."""
    if owner is None:
        return then.policy
    owned = then.owners.get(owner)
    if owned is None or not owned.statements:
        return None
    whole = then.policy or Policy((), CURRENT_VERSION)
    return canonicalise(replace(whole, statements=owned.statements), then.registry.partition)


def _check_own(then: Snapshot, newest: Snapshot, owner: str) -> None:
    """Raises OwnerError where the state does not say what was the owner's, or others would lose."""
    if then.exclusive:
        raise OwnerError(
            f"Serial {then.serial} is from before the registry was shared.",
            f"A project without an owner had the whole policy then, and {owner} nothing.",
            f"`planner history show {then.serial}` prints that policy. {_BY_FILES}",
        )
    statements = then.policy.statements if then.policy else ()
    gone = newly_held(statements, then.owners, newest.owners, owner)
    if not gone:
        return
    names = [clean(statement_name(each, None)) for each, _ in gone]
    told = [f"{name} was {whose(by)}." for name, (_, by) in zip(names, gone, strict=True)]
    summary = f"{names[0]} was not {owner}'s at serial {then.serial}."
    if len(gone) > 1:
        summary = f"{counted(len(gone), 'statement')} of serial {then.serial} were not {owner}'s."
    way = _BY_FILES
    if all(each.sid is not None for each, _ in gone):
        ways = "\n".join(f"planner owners release '{name}'" for name in names)
        way = f"Let go first, then name the serial:\n{ways}\nplanner rollback {then.serial}"
    raise OwnerError(summary, "\n".join([*told, "To go back would destroy it."]), way)


@contextmanager
def _settled_by_plan() -> Iterator[None]:
    """Has an OwnerError say that its options are those of another command."""
    try:
        yield
    except OwnerError as error:
        error.hint += "\nSettle that with `planner plan`: a rollback takes nothing over."
        raise


@contextmanager
def _recorded() -> Iterator[None]:
    """Has an InvalidPolicyError say what to do about a policy that is in no file."""
    try:
        yield
    except InvalidPolicyError as error:
        error.summary = f"{error.summary[:1].upper()}{error.summary[1:]}"
        error.hint = f"Go back to another serial. Or: {_BY_FILES} Nothing was changed."
        raise
