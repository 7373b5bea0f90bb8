"""Making a plan: which registry it is for, what is asked for, what is live and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from functools import cached_property

from planner.config.settings import Settings
from planner.config.target import built_in_values
from planner.errors import InvalidPolicyError, UsageError
from planner.lint.annotation import Annotations
from planner.lint.check import check, check_beside, check_suppressions, suppressed, unknown, unused
from planner.lint.finding import Finding
from planner.ownership.conflicts import check_mode, check_source
from planner.ownership.owned import OwnerSource
from planner.ownership.settle import Share
from planner.plans.build import Desired, Known, build_plan
from planner.plans.plan import Plan, Source, SourceFile, StateRef
from planner.plans.sharing_view import sizes_of
from planner.policy.address import sid_of
from planner.policy.document import Policy, Statement
from planner.policy.ecr_rules import needs_v2
from planner.policy.parse import ParsedPolicy, invalid_policy
from planner.policy.placeholders import BUILT_IN
from planner.policy.tree import Tree
from planner.ports import Clock
from planner.records.snapshot import Snapshot
from planner.registry import ScopeChange
from planner.stores.state import State
from planner.times import stamp
from planner.workflow.live import Found, LiveSource
from planner.workflow.reading import PolicyFile, fill


@dataclass(frozen=True)
class Inputs:
    """What a plan is made from: the settings, and the policy files.

    No files plan to take the policy away. `source` is where the files of the owner are.
    """

    settings: Settings
    files: tuple[PolicyFile, ...] = ()
    source: OwnerSource = field(default_factory=OwnerSource)

    @cached_property
    def trees(self) -> list[Tree]:
        """What the policy files say, read once."""
        return [each.tree for each in self.files]


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
    try:
        today = clock.now().astimezone(UTC).date()
        ask = _Asked(scope.after or settings.scope_to_be, today)
        desired = _desired(inputs, found, ask)
    except InvalidPolicyError as error:
        error.registry, error.origins = str(found.registry), found.origins
        raise
    policy = live.read()
    snapshot = state.snapshot(found.registry).value if state else None
    share = _share(inputs, snapshot)
    ref = _state_ref(state, snapshot, settings.toml.owner)
    known = Known(
        registry=found.registry,
        live=live.kind,
        now=stamp(clock.now()),
        state=ref,
        guard=settings.guard_of(settings.toml.owner),
        accounts=settings.toml.accounts,
        origins=found.origins,
        endpoint=live.endpoint,
        scope=scope,
        assertions=settings.toml.assertions,
        annotations=settings.toml.statements,
        share=share,
        owners=snapshot.owners if snapshot else {},
    )
    plan = build_plan(desired, policy, snapshot.policy if snapshot else None, known)
    if plan.settled is None or not plan.settled.kept:
        return plan
    others = [each.statement for each in plan.settled.kept]
    ask = replace(ask, others=others)
    try:
        return replace(plan, findings=_desired(inputs, found, ask).findings)
    except InvalidPolicyError as error:
        error.hint = f"{_sizes(plan)}\n{error.hint}"
        raise


def _sizes(plan: Plan) -> str:
    """Whose statements take how much of the policy after."""
    sizes = sizes_of(plan) or []
    told = (f"{each['owner'] or 'nobody'} has {each['size']:,}" for each in sizes)
    return f"Of its characters {', '.join(told)}."


def _state_ref(state: State | None, snapshot: Snapshot | None, owner: str | None) -> StateRef:
    place = state.blobs.place if state else None
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


def _share(inputs: Inputs, snapshot: Snapshot | None) -> Share | None:
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
    take = tuple(dict.fromkeys(map(sid_of, flags.take)))
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


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the rules are to know: the scope that will be, the day, and statements of others."""

    scope: str | None
    today: date
    others: Sequence[Statement] = ()


def _desired(inputs: Inputs, found: Found, ask: _Asked) -> Desired:
    settings = inputs.settings
    own = SourceFile(str(settings.file), settings.digest) if settings.digest else None
    parsed, used = _filled(inputs, built_in_values(found.registry))
    if parsed is None:
        return Desired(None, Source("destroy", settings=own))
    source = Source(
        "files",
        files=tuple(
            SourceFile(each.name, hashlib.sha256(each.data).hexdigest()) for each in inputs.files
        ),
        vars={name: value for name, value in settings.vars.items() if name in used},
        settings=own,
    )
    findings = tuple(_findings(settings, parsed, found, ask))
    return Desired(parsed.policy, source, findings, parsed.places)


def _findings(settings: Settings, parsed: ParsedPolicy, found: Found, ask: _Asked) -> list[Finding]:
    """What a reader of the plan should know. Raises InvalidPolicyError for errors."""
    suppressions, name = settings.toml.suppressions, settings.policy_name
    check_suppressions(suppressions, str(settings.file))
    annotations = Annotations(settings.toml.statements, ask.today)
    if ask.others:
        findings = check_beside(parsed, ask.others, found.registry, ask.scope, annotations)
    else:
        findings = check(
            parsed, found.registry, ask.scope, is_assumed=found.is_assumed, annotations=annotations
        )
    kept, used = suppressed(findings, suppressions)
    if errors := [each for each in kept if each.severity == "error"]:
        raise invalid_policy(name, errors)
    idle = unused(suppressions, used, str(settings.file))
    gone = annotations.without(each.sid for each in parsed.policy.statements)
    return [*kept, *idle, *unknown(gone, str(settings.file))]


def _scope(settings: Settings, live: LiveSource, draft: Policy | None) -> ScopeChange:
    """The scope before and after; it is read where the policy to come depends on it.

    Nothing is raised for a policy that is taken away.
    """
    if settings.toml.raise_scope and draft is not None:
        raised = live.raised_scope()
        return raised if raised.after else ScopeChange(settings.scope, settings.scope)
    scope = settings.scope
    if scope is None and draft and _needs_v2(draft):
        scope = live.scope()
    return ScopeChange(scope, scope)


def _needs_v2(policy: Policy) -> bool:
    return any(needs_v2(each) for one in policy.statements for each in one.action.values)
