"""Making a plan: which registry it is for, what is asked for, what is live and recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from planner.config.settings import Settings
from planner.config.target import built_in_values
from planner.errors import InvalidPolicyError, UsageError
from planner.lint.check import check, check_suppressions, suppressed, unused
from planner.lint.finding import Finding
from planner.plans.build import Desired, Known, build_plan
from planner.plans.plan import Plan, Source, SourceFile, StateRef
from planner.policy.document import Policy
from planner.policy.ecr_rules import needs_v2
from planner.policy.parse import ParsedPolicy, invalid_policy, valid_policy
from planner.policy.placeholders import BUILT_IN
from planner.policy.syntax import read_source
from planner.policy.tree import Tree
from planner.ports import Clock
from planner.registry import ScopeChange
from planner.stores.state import State
from planner.times import stamp
from planner.workflow.live import Found, LiveSource


@dataclass(frozen=True)
class Inputs:
    """What a plan is made from: the settings, and the bytes of the policy file.

    No bytes plan to take the policy away.
    """

    settings: Settings
    data: bytes | None

    @cached_property
    def tree(self) -> Tree | None:
        """The policy file, read once."""
        if self.data is None:
            return None
        return read_source(self.data, self.settings.policy_name)


def make_plan(inputs: Inputs, live: LiveSource, state: State | None, clock: Clock) -> Plan:
    """The plan from the live policy to what the inputs ask for.

    `state` is None where it is not to be looked at. Raises InvalidPolicyError for a policy
    file with errors, PlannerError for what cannot be read.
    """
    settings = inputs.settings
    # Before any call, so that typing errors show at once.
    draft, _ = _filled(inputs, {}, BUILT_IN)
    found = live.find(draft.policy if draft else None)
    scope = _scope(settings, live, draft.policy if draft else None)
    try:
        desired = _desired(inputs, found, scope.after or settings.scope_to_be)
    except InvalidPolicyError as error:
        error.registry, error.origins = str(found.registry), found.origins
        raise
    policy = live.read()
    snapshot = state.snapshot(found.registry).value if state else None
    place = state.blobs.place if state else None
    known = Known(
        registry=found.registry,
        live=live.kind,
        now=stamp(clock.now()),
        state=StateRef(snapshot.lineage, snapshot.serial, place)
        if snapshot
        else StateRef(place=place),
        guard=settings.toml.guard,
        accounts=settings.toml.accounts,
        origins=found.origins,
        endpoint=live.endpoint,
        scope=scope,
        assertions=settings.toml.assertions,
    )
    return build_plan(desired, policy, snapshot.policy if snapshot else None, known)


def _filled(
    inputs: Inputs, built_in: dict[str, str], later: tuple[str, ...] = ()
) -> tuple[ParsedPolicy | None, frozenset[str]]:
    """The policy file with its placeholders filled, and the names that were used in it."""
    settings = inputs.settings
    parsed, used = None, frozenset[str]()
    if inputs.tree is not None:
        filled, used = settings.placeholders(built_in, later).fill(inputs.tree)
        parsed = valid_policy(filled)
    idle = sorted(set(settings.assigned) - used)
    if idle:
        raise UsageError(
            f"--var {idle[0]} is not used.",
            f"{settings.policy_name} has no '{{{{{idle[0]}}}}}'.",
            "Check the name, or leave the option out.",
        )
    return parsed, used


def _desired(inputs: Inputs, found: Found, scope: str | None) -> Desired:
    settings = inputs.settings
    own = SourceFile(str(settings.file), settings.digest) if settings.digest else None
    parsed, used = _filled(inputs, built_in_values(found.registry))
    if parsed is None or inputs.data is None:
        return Desired(None, Source("destroy", settings=own))
    source = Source(
        "files",
        files=(SourceFile(settings.policy_name, hashlib.sha256(inputs.data).hexdigest()),),
        vars={name: value for name, value in settings.vars.items() if name in used},
        settings=own,
    )
    findings = tuple(_findings(settings, parsed, found, scope))
    return Desired(parsed.policy, source, findings, parsed.places)


def _findings(
    settings: Settings, parsed: ParsedPolicy, found: Found, scope: str | None
) -> list[Finding]:
    """What a reader of the plan should know. Raises InvalidPolicyError for errors."""
    suppressions, name = settings.toml.suppressions, settings.policy_name
    check_suppressions(suppressions, str(settings.file))
    findings = check(parsed, found.registry, scope, is_assumed=found.is_assumed)
    kept, used = suppressed(findings, suppressions)
    if errors := [each for each in kept if each.severity == "error"]:
        raise invalid_policy(name, errors)
    return [*kept, *unused(suppressions, used, str(settings.file))]


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
