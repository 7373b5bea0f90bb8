"""Plans and findings from settings and files."""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path

from planner.cli.wiring import Wiring
from planner.config.settings import Flags
from planner.config.target import built_in_values, named_registry
from planner.errors import PlannerError, UsageError
from planner.lint.check import check, check_suppressions, suppressed, unused
from planner.lint.rules.actions import needs_v2
from planner.plans.plan import Plan, Source
from planner.policy.document import Policy
from planner.policy.parse import ParsedPolicy, invalid_policy, parse_policy
from planner.policy.placeholders import BUILT_IN
from planner.registry import Registry
from planner.stores.files import read_bounded
from planner.times import stamp
from planner.workflow.planning import (
    Desired,
    Limits,
    make_plan,
    parse_live,
    read_saved_live,
)


class Project(Wiring):
    """What plans are made from; `destroy` plans to take the policy away."""

    def __init__(self, flags: Flags, *, destroy: bool = False) -> None:
        super().__init__(flags)
        self.destroy = destroy
        if destroy and flags.policy:
            raise UsageError(
                "--destroy takes no policy file.",
                "It plans to delete the policy.",
                "Leave one out.",
            )

    @property
    def _limits(self) -> Limits:
        return Limits(self.settings.toml.guard, self.settings.toml.accounts)

    def plan(self) -> Plan:
        """A plan against the live policy in ECR."""
        # Before any call, so that typing errors show at once.
        draft = self._parse({}, later=BUILT_IN)
        api = self.registry_api()
        registry = api.caller().registry
        scope = self.settings.scope or (api.scope() if draft and _needs_v2(draft.policy) else None)
        desired = self._desired(registry, scope)
        text = api.read()
        live = None if text is None else parse_live(text)
        snapshot = self.state.snapshot(registry).value
        now = stamp(self.clock.now())
        return make_plan(
            desired, registry, live, snapshot, compared_with="ecr", now=now, limits=self._limits
        )

    def plan_against(self, path: Path) -> Plan:
        """A plan against a saved live policy, without AWS."""
        live, answered = None, None
        if str(path) != os.devnull:
            live, answered = read_saved_live(read_bounded(path, "saved policy"), str(path))
        if self.settings.account_id and answered and self.settings.account_id != answered:
            raise PlannerError(
                "The saved policy is of another account.",
                f"{path} is from {answered}, and this project is for {self.settings.account_id}.",
                "Fetch the policy again with the credentials of that account.",
            )
        draft = self._parse({}, later=BUILT_IN)
        registry = self.target(
            named_registry([live, draft.policy if draft else None]), answered
        ).registry
        if registry is None:
            raise PlannerError(
                "planner does not know which registry the saved policy is from.",
                "Neither the settings nor the resources in the policies name one.",
                "Give --account-id ID and --region REGION, or put both into planner.toml.",
            )
        desired = self._desired(registry, self.settings.scope)
        snapshot = self.state.snapshot(registry).value if self.settings.is_state_local else None
        now = stamp(self.clock.now())
        return make_plan(
            desired, registry, live, snapshot, compared_with="file", now=now, limits=self._limits
        )

    @cached_property
    def _policy_data(self) -> bytes:
        """The policy file, read once: it may be a pipe, and must not change half-way."""
        return read_bounded(self.settings.policy, "policy file")

    def _parse(self, built_in: dict[str, str], later: tuple[str, ...] = ()) -> ParsedPolicy | None:
        """The policy file with its placeholders filled; None for `--destroy`."""
        placeholders = self.settings.placeholders(built_in, later)
        parsed = None
        if not self.destroy:
            parsed = parse_policy(
                self._policy_data, self.settings.policy_name, fill=placeholders.fill
            )
        idle = sorted(set(self.settings.assigned) - placeholders.used)
        if idle:
            raise UsageError(
                f"--var {idle[0]} is not used.",
                f"{self.settings.policy_name} has no '{{{{{idle[0]}}}}}'.",
                "Check the name, or leave the option out.",
            )
        return parsed

    def _desired(self, registry: Registry, scope: str | None) -> Desired:
        parsed = self._parse(built_in_values(registry))
        if parsed is None:
            return Desired(None, None)
        suppressions, settings_file = self.settings.toml.suppressions, str(self.settings.file)
        check_suppressions(suppressions, settings_file)
        found, used = suppressed(
            check(parsed, self.settings.policy_name, registry, scope), suppressions
        )
        if errors := [each for each in found if each.severity == "error"]:
            raise invalid_policy(self.settings.policy_name, errors)
        sha256 = hashlib.sha256(self._policy_data).hexdigest()
        findings = (*found, *unused(suppressions, used, settings_file))
        return Desired(parsed.policy, Source(self.settings.policy_name, sha256), findings)


def _needs_v2(policy: Policy) -> bool:
    return any(needs_v2(each) for one in policy.statements for each in one.action.values)
