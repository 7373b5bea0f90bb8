"""Making a plan: which registry it is for, what is asked for, what is live and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from functools import cached_property

from planner.config.settings import Settings
from planner.config.target import built_in_values
from planner.errors import InvalidPolicyError, UsageError
from planner.lint.finding import Finding
from planner.ownership.conflicts import check_mode, check_source
from planner.ownership.owned import OwnerSource
from planner.ownership.settle import Share
from planner.plans.build import Desired, Known, build_plan
from planner.plans.plan import Plan
from planner.plans.sharing_view import sizes_of
from planner.plans.source import Source, SourceFile, StateRef
from planner.policy.address import sid_of
from planner.policy.document import Policy, Statement
from planner.policy.ecr_rules import needs_v2
from planner.policy.parse import ParsedPolicy, invalid_policy
from planner.policy.placeholders import BUILT_IN
from planner.policy.tree import Tree
from planner.ports import Clock
from planner.records.snapshot import Snapshot
from planner.registry import Registry, ScopeChange
from planner.stores.state import State
from planner.times import stamp
from planner.workflow.judging import Rules
from planner.workflow.live import Found, LiveSource
from planner.workflow.reading import PolicyFile, fill


@dataclass(frozen=True)
class Inputs:
    """What a plan is made from: the settings, and the policy files.

    No files plan to take the policy away, or to go back. `source` is where the files of the
    owner are.
    """

    settings: Settings
    files: tuple[PolicyFile, ...] = ()
    source: OwnerSource = field(default_factory=OwnerSource)

    @cached_property
    def trees(self) -> list[Tree]:
        """What the policy files say, read once."""
        return [each.tree for each in self.files]


@dataclass(frozen=True, slots=True)
class Ground:
    """What a plan starts from besides the live policy, which is read last.

    `share` is the part of the project's owner, None without one; `place` is where the state was
    looked for, None where it was not.
    """

    settings: Settings
    found: Found
    live: LiveSource
    place: str | None
    snapshot: Snapshot | None
    share: Share | None
    now: str


Judge = Callable[[Sequence[Statement]], tuple[Finding, ...]]
"""What the rules find in the policy to come beside the statements that are kept.

It raises InvalidPolicyError for errors."""


def make_plan(inputs: Inputs, live: LiveSource, state: State | None, clock: Clock) -> Plan:
    """The plan from the live policy to what the inputs ask for.

    `state` is None where it is not to be looked at. Raises InvalidPolicyError for policy
    files with errors, PlannerError for what cannot be read.
    """
    settings = inputs.settings
    # Before any call, so that typing errors show at once.
    draft, _ = _filled(inputs, {}, BUILT_IN)
    found = live.find(draft.policy if draft else None)
    scope = _scope(settings, live, draft.policy if draft else None)
    rules = Rules(settings, found, scope.after or settings.scope_to_be, day_of(clock))
    try:
        parsed, source = _wanted(inputs, found)
    except InvalidPolicyError as error:
        error.registry, error.origins = str(found.registry), found.origins
        raise

    def judge(others: Sequence[Statement]) -> tuple[Finding, ...]:
        return rules.find_in_files(parsed, others) if parsed else ()

    desired = Desired(None, source)
    if parsed is not None:
        desired = Desired(parsed.policy, source, judge(()), parsed.places)
    return plan_from(ground_of(inputs, found, live, state, clock), desired, scope, judge)


def day_of(clock: Clock) -> date:
    """Today, in UTC."""
    return clock.now().astimezone(UTC).date()


def ground_of(
    inputs: Inputs, found: Found, live: LiveSource, state: State | None, clock: Clock
) -> Ground:
    """What a plan of the project starts from.

    Raises OwnerError where somebody else has the registry, or the owner's name.
    """
    snapshot = state.snapshot(found.registry).value if state else None
    place = state.blobs.place if state else None
    share = _share(inputs, found.registry, snapshot)
    return Ground(inputs.settings, found, live, place, snapshot, share, stamp(clock.now()))


def plan_from(ground: Ground, desired: Desired, scope: ScopeChange, judge: Judge) -> Plan:
    """The plan to what is desired. Raises OwnerError where somebody else's is in the way."""
    settings, snapshot = ground.settings, ground.snapshot
    live, owner = ground.live.read(), settings.toml.owner
    known = Known(
        registry=ground.found.registry,
        live=ground.live.kind,
        now=ground.now,
        state=_state_ref(ground.place, snapshot, owner),
        guard=settings.guard_of(owner),
        accounts=settings.toml.accounts,
        origins=ground.found.origins,
        endpoint=ground.live.endpoint,
        scope=scope,
        assertions=settings.toml.assertions,
        annotations=settings.toml.statements,
        share=ground.share,
        owners=snapshot.owners if snapshot else {},
    )
    plan = build_plan(desired, live, snapshot.policy if snapshot else None, known)
    if plan.settled is None or not plan.settled.kept:
        return plan
    try:
        return replace(plan, findings=judge([each.statement for each in plan.settled.kept]))
    except InvalidPolicyError as error:
        error.hint = f"{_sizes(plan)}\n{error.hint}"
        raise


def _sizes(plan: Plan) -> str:
    """Whose statements take how much of the policy after."""
    sizes = sizes_of(plan) or []
    told = (f"{each['owner'] or 'nobody'} has {each['size']:,}" for each in sizes)
    return f"Of its characters {', '.join(told)}."


def _state_ref(place: str | None, snapshot: Snapshot | None, owner: str | None) -> StateRef:
    if snapshot is None:
        return StateRef(place=place)
    own = snapshot.owners.get(owner or "")
    return StateRef(
        snapshot.lineage,
        snapshot.serial,
        place,
        own.serial if own else None,
        exclusive=snapshot.exclusive,
    )


def _share(inputs: Inputs, registry: Registry, snapshot: Snapshot | None) -> Share | None:
    """The part of the project's owner, None without one; what it asks for is yet to be filled in.

    Raises OwnerError where somebody else has the registry, or the owner's name.
    """
    flags, owner = inputs.settings.flags, inputs.settings.toml.owner
    owners = snapshot.owners if snapshot else {}
    if snapshot and not flags.take_all:
        check_mode(owner, snapshot.policy, owners, exclusive=snapshot.exclusive)
    if owner is None:
        if flags.take or flags.move_owner:
            raise UsageError(
                "This project has no owner.",
                "--take and --move-owner are for one that shares its registry with others.",
                'Name its owner in planner.toml: owner = "NAME"',
            )
        return None
    take = tuple(dict.fromkeys(sid_of(each, registry) for each in flags.take))
    share = Share(owner, None, inputs.source, take, take_all=flags.take_all)
    if not flags.move_owner:
        check_source(share, owners)
    return share


def _filled(
    inputs: Inputs, built_in: dict[str, str], later: tuple[str, ...] = ()
) -> tuple[ParsedPolicy | None, frozenset[str]]:
    """The policy with its placeholders filled, and the names that were used in its files."""
    settings = inputs.settings
    parsed, used = None, frozenset[str]()
    if inputs.files:
        placeholders = settings.placeholders(built_in, later)
        result, used = fill(inputs.trees, placeholders, settings.folder)
        if not isinstance(result, ParsedPolicy):
            raise invalid_policy(settings.policy_name, result)
        parsed = result
    idle = sorted(set(settings.assigned) - used)
    if idle:
        raise UsageError(
            f"--var {idle[0]} is not used.",
            f"{settings.policy_name} has no '{{{{{idle[0]}}}}}'.",
            "Check the name, or leave the option out.",
        )
    return parsed, used


def _wanted(inputs: Inputs, found: Found) -> tuple[ParsedPolicy | None, Source]:
    """What the files ask for, None for no files, and where it comes from."""
    settings = inputs.settings
    parsed, used = _filled(inputs, built_in_values(found.registry))
    if parsed is None:
        return None, Source("destroy", settings=settings_file(settings))
    return parsed, Source(
        "files",
        files=tuple(
            SourceFile(each.name, hashlib.sha256(each.data).hexdigest()) for each in inputs.files
        ),
        vars={name: value for name, value in settings.vars.items() if name in used},
        settings=settings_file(settings),
    )


def settings_file(settings: Settings) -> SourceFile | None:
    """The settings file that a plan is made with, None without one."""
    return SourceFile(str(settings.file), settings.digest) if settings.digest else None


def _scope(settings: Settings, live: LiveSource, draft: Policy | None) -> ScopeChange:
    """The scope before and after; nothing is raised for a policy that is taken away."""
    if settings.toml.raise_scope and draft is not None:
        raised = live.raised_scope()
        return raised if raised.after else ScopeChange(settings.scope, settings.scope)
    return scope_as_it_is(settings, live, draft)


def scope_as_it_is(settings: Settings, live: LiveSource, draft: Policy | None) -> ScopeChange:
    """The scope, which stays; it is read where the policy to come depends on it."""
    scope = settings.scope
    if scope is None and draft and _needs_v2(draft):
        scope = live.scope()
    return ScopeChange(scope, scope)


def _needs_v2(policy: Policy) -> bool:
    return any(needs_v2(each) for one in policy.statements for each in one.action.values)
