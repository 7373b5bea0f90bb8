"""Settings and files to the values that the workflow works on. Adapters are wired here."""

from __future__ import annotations

import hashlib
import os
import socket
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.output import notice, progress
from planner.cli.system import SystemClock, save_for_user
from planner.config import parse as toml
from planner.config.settings import FILE_NAME, Config
from planner.errors import PlannerError, UsageError
from planner.lint.check import check, suppressed, suppression_mistake, unused
from planner.lint.finding import Finding
from planner.lint.suppression import Suppression
from planner.plans.plan import Plan, Source
from planner.policy.document import Policy, named_registry
from planner.policy.ecr_rules import needs_v2
from planner.policy.parse import ParsedPolicy, invalid_policy, parse_policy
from planner.policy.placeholders import BUILT_IN, Placeholders, parse_assignments
from planner.registry import Registry, partition_of
from planner.stores.files import read_bounded
from planner.stores.local import LocalDocuments
from planner.stores.state import State
from planner.times import stamp
from planner.workflow.context import ApplyContext, Interrupt, LockSettings
from planner.workflow.planning import (
    Desired,
    Limits,
    make_plan,
    parse_live,
    read_saved_live,
)

if TYPE_CHECKING:
    from planner.aws.ecr import EcrRegistry
    from planner.aws.session import Connection

DEFAULT_POLICY = "registry_policy.json"
DEFAULT_STATE = ".planner/state"
DEFAULT_LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line says; None and empty for what it leaves to planner.toml."""

    policy: Path | None = None
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    account_id: str | None = None
    config: Path | None = None
    var: list[str] = field(default_factory=list)
    destroy: bool = False
    state: str | None = None
    lock_timeout: str | None = None
    scope: str | None = None
    approve: str | None = None


_NOT_EMPTY = "region profile endpoint_url account_id state lock_timeout approve".split()


class Project:
    """The settings of one run, a flag before planner.toml, and what is built from them."""

    def __init__(self, flags: Flags) -> None:
        path = flags.config or Path(FILE_NAME)
        found = flags.config is not None or path.exists() or path.is_symlink()
        config = (
            toml.parse_config(read_bounded(path, "settings file"), str(path)) if found else Config()
        )
        folder = path.parent
        self.flags = flags
        self.settings = path if found else None
        self.policy_path = flags.policy or folder / (config.policy or DEFAULT_POLICY)
        self.region = flags.region or config.region
        self.account_id = flags.account_id or config.account_id
        self.scope = flags.scope or config.scope
        self.state_url = flags.state or _from_folder(folder, config.state or DEFAULT_STATE)
        self.accounts = config.accounts
        self._config = config
        self.clock = SystemClock()
        _check(flags)

    def ecr(self, fallback_region: str | None = None) -> EcrRegistry:
        """The registry that the settings reach. The first that loads boto3."""
        from planner.aws.ecr import EcrRegistry

        return EcrRegistry(self.connection(fallback_region), self.account_id)

    def connection(self, fallback_region: str | None = None) -> Connection:
        """How to reach AWS."""
        from planner.aws.session import Connection

        profile = self.flags.profile or self._config.profile
        endpoint_url = self.flags.endpoint_url or self._config.endpoint_url
        return Connection(self.region, profile, endpoint_url, fallback_region)

    @property
    def policy_name(self) -> str:
        """The policy file's name in messages."""
        if str(self.policy_path) == "-":
            return "standard input"
        return os.fsencode(self.policy_path).decode("utf-8", errors="backslashreplace")

    @property
    def is_state_local(self) -> bool:
        """Whether the state can be read without AWS."""
        return not self.state_url.lower().startswith("s3://")

    @cached_property
    def state(self) -> State:
        """The state of all registries."""
        if self.is_state_local:
            return State(LocalDocuments(Path(self.state_url)))
        from planner.aws.session import Connection
        from planner.stores.s3 import S3Documents, parse_location

        own = self._config.s3
        connection = Connection(
            own.get("region") or self.region,
            own.get("profile") or self.flags.profile or self._config.profile,
            own.get("endpoint_url") or self.flags.endpoint_url or self._config.endpoint_url,
            fallback_region="us-east-1",
        )
        return State(S3Documents(parse_location(self.state_url, own.get("kms_key_id")), connection))

    def run(self, interrupt: Interrupt, fallback_region: str | None = None) -> ApplyContext:
        """What a changing command works with."""
        timeout = self.flags.lock_timeout or self._config.lock_timeout
        lease = self._config.lock_lease
        settings = LockSettings(
            socket.gethostname(),
            toml.duration(lease, "lock_lease") if lease else DEFAULT_LEASE,
            toml.duration(timeout, "lock_timeout") if timeout else timedelta(0),
        )
        api = self.ecr(fallback_region)
        save = save_for_user
        return ApplyContext(
            api,
            self.state,
            self.clock,
            settings,
            progress,
            notice,
            save,
            interrupt,
            self._config.guard,
            self.flags.approve,
        )

    @property
    def limits(self) -> Limits:
        """What planner.toml says of plans."""
        return Limits(self._config.guard, self._config.accounts)

    def plan(self) -> Plan:
        """A plan against the live policy in ECR."""
        # Before any call, so that typing errors show at once.
        draft = self._parse({}, later=BUILT_IN)
        api = self.ecr()
        registry = api.caller().registry
        scope = self.scope or (api.scope() if draft and _needs_v2(draft.policy) else None)
        desired = self._desired(registry, scope)
        text = api.read()
        live = None if text is None else parse_live(text)
        snapshot = self.state.snapshot(registry).value
        now = stamp(self.clock.now())
        return make_plan(
            desired, registry, live, snapshot, compared_with="ecr", now=now, limits=self.limits
        )

    def plan_against(self, path: Path) -> Plan:
        """A plan against a saved live policy, without AWS."""
        live, answered = None, None
        if str(path) != os.devnull:
            live, answered = read_saved_live(read_bounded(path, "saved policy"), str(path))
        if self.account_id and answered and self.account_id != answered:
            raise PlannerError(
                "The saved policy is of another account.",
                f"{path} is from {answered}, and this project is for {self.account_id}.",
                "Fetch the policy again with the credentials of that account.",
            )
        draft = self._parse({}, later=BUILT_IN)
        registry = self.known_registry([live, draft.policy if draft else None], answered)
        if registry is None:
            raise PlannerError(
                "planner does not know which registry the saved policy is from.",
                "Neither the settings nor the resources in the policies name one.",
                "Give --account-id ID and --region REGION, or put both into planner.toml.",
            )
        desired = self._desired(registry, self.scope)
        snapshot = self.state.snapshot(registry).value if self.is_state_local else None
        now = stamp(self.clock.now())
        return make_plan(
            desired, registry, live, snapshot, compared_with="file", now=now, limits=self.limits
        )

    def known_registry(
        self, policies: list[Policy | None], answered: str | None = None
    ) -> Registry | None:
        """The registry that the settings name, or else the policies; None if neither does.

        `answered` is the account id that came with a saved policy.
        """
        named = named_registry(policies)
        region = self.region or _environment_region() or (named.region if named else None)
        account_id = self.account_id or answered or (named.account_id if named else None)
        if not account_id or not region:
            return None
        return Registry(partition_of(region), account_id, region)

    def placeholders(self, built_in: dict[str, str], later: tuple[str, ...] = ()) -> Placeholders:
        """What fills policy files: [vars], --var, and what the registry itself gives."""
        assigned = parse_assignments(self.flags.var)
        return Placeholders({**self._config.vars, **assigned, **built_in}, later)

    @cached_property
    def suppressions(self) -> tuple[Suppression, ...]:
        """The rules that [lint] turns off. Raises PlannerError for rules that are none."""
        for suppression in self._config.lint:
            if mistake := suppression_mistake(suppression.rule):
                hint = "`planner validate --list-rules` lists them."
                raise PlannerError(f"{self.settings}: [lint]: {mistake}.", "", hint)
        return self._config.lint

    @cached_property
    def _policy_data(self) -> bytes:
        """The policy file, read once: it may be a pipe, and must not change half-way."""
        return read_bounded(self.policy_path, "policy file")

    def _parse(self, built_in: dict[str, str], later: tuple[str, ...] = ()) -> ParsedPolicy | None:
        """The policy file with its placeholders filled; None for `--destroy`."""
        placeholders = self.placeholders(built_in, later)
        parsed = None
        if not self.flags.destroy:
            parsed = parse_policy(self._policy_data, self.policy_name, fill=placeholders.fill)
        idle = sorted(set(parse_assignments(self.flags.var)) - placeholders.used)
        if idle:
            raise UsageError(
                f"--var {idle[0]} is not used.",
                f"{self.policy_name} has no '{{{{{idle[0]}}}}}'.",
                "Check the name, or leave the option out.",
            )
        return parsed

    def _desired(self, registry: Registry, scope: str | None) -> Desired:
        parsed = self._parse(built_in_values(registry))
        if parsed is None:
            return Desired(None, None)
        found, used = suppressed(
            check(parsed, self.policy_name, registry, scope), self.suppressions
        )
        if errors := [each for each in found if each.severity == "error"]:
            raise invalid_policy(self.policy_name, errors)
        sha256 = hashlib.sha256(self._policy_data).hexdigest()
        findings = (*found, *self.unused_suppressions(used))
        return Desired(parsed.policy, Source(self.policy_name, sha256), findings)

    def unused_suppressions(self, used: set[Suppression]) -> list[Finding]:
        """A finding for each switch in planner.toml that turned nothing off."""
        return unused(self.suppressions, used, str(self.settings))


def built_in_values(registry: Registry) -> dict[str, str]:
    """The placeholders that the registry itself gives a value to."""
    return {
        "account_id": registry.account_id,
        "region": registry.region,
        "partition": registry.partition,
    }


def _needs_v2(policy: Policy) -> bool:
    return any(needs_v2(each) for one in policy.statements for each in one.action.values)


def _check(flags: Flags) -> None:
    """Raises UsageError for flags that no run could make sense of."""
    for name in (
        "region",
        "profile",
        "endpoint_url",
        "account_id",
        "state",
        "lock_timeout",
        "approve",
    ):
        value = getattr(flags, name)
        if value is not None and not value.strip():
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} is empty.", "Is a variable not set?", "Give it a value.")
    if flags.destroy and flags.policy:
        raise UsageError(
            "--destroy takes no policy file.", "It plans to delete the policy.", "Leave one out."
        )
    try:
        if flags.account_id:
            toml.check_account_id(flags.account_id, "--account-id")
        if flags.region:
            toml.check_region(flags.region, "--region")
        if flags.lock_timeout:
            toml.duration(flags.lock_timeout, "--lock-timeout")
    except PlannerError as error:
        raise UsageError(error.summary, error.detail, error.hint) from None


def _from_folder(folder: Path, state: str) -> str:
    return state if state.lower().startswith("s3://") else str(folder / state)


def _environment_region() -> str | None:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
