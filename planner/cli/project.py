"""Settings and files to the values that the workflow works on. Adapters are wired here."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from planner import config as toml
from planner.errors import PlannerError, UsageError
from planner.files import read_bounded
from planner.plan import Plan, Source
from planner.policy.acceptance import refusals
from planner.policy.parse import ParsedPolicy, invalid_policy, parse_policy
from planner.policy.placeholders import BUILT_IN, Placeholders, parse_assignments
from planner.registry import Registry, partition_of
from planner.state.local import LocalStore
from planner.workflow.planning import (
    Desired,
    make_plan,
    named_registry,
    parse_live,
    read_saved_live,
)

if TYPE_CHECKING:
    from planner.aws.ecr import EcrRegistry

DEFAULT_POLICY = "registry_policy.json"
DEFAULT_STATE = ".planner/state"


class SystemClock:
    """The machine's clock."""

    def now(self) -> str:
        """The time in UTC, to the second."""
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


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


class Project:
    """The settings of one run, a flag before planner.toml, and what is built from them."""

    def __init__(self, flags: Flags) -> None:
        path = flags.config or Path(toml.FILE_NAME)
        found = flags.config is not None or path.is_file()
        config = (
            toml.parse_config(read_bounded(path, "settings file"), str(path))
            if found
            else toml.Config()
        )
        folder = path.parent
        self.flags = flags
        self.settings_path = path
        self.policy_path = flags.policy or folder / (config.policy or DEFAULT_POLICY)
        self.region = flags.region or config.region
        self.profile = flags.profile or config.profile
        self.endpoint_url = flags.endpoint_url or config.endpoint_url
        self.account_id = flags.account_id or config.account_id
        self._config_vars = config.vars
        self.store = LocalStore(folder / (config.state or DEFAULT_STATE))
        self.clock = SystemClock()
        if flags.account_id:
            toml.check_account_id(flags.account_id, "--account-id")
        if flags.region:
            toml.check_region(flags.region, "--region")

    def ecr(self, fallback_region: str | None = None) -> EcrRegistry:
        """The registry that the settings reach. The first that loads boto3."""
        from planner.aws.ecr import Connection, EcrRegistry

        api = EcrRegistry(Connection(self.region, self.profile, self.endpoint_url, fallback_region))
        account_id = api.caller().registry.account_id
        if self.account_id and account_id != self.account_id:
            raise PlannerError(
                "The credentials belong to another account.",
                f"They are for {account_id}, and this project is for {self.account_id}.",
                "Use the credentials of that account, or change account_id.",
            )
        return api

    def plan(self) -> Plan:
        """A plan against the live policy in ECR."""
        self._parse({}, later=BUILT_IN)  # before any call, so that typing errors show at once
        api = self.ecr()
        registry = api.caller().registry
        desired = self._desired(registry)
        text = api.read()
        live = None if text is None else parse_live(text)
        snapshot = self.store.read(registry).snapshot
        now = self.clock.now()
        return make_plan(desired, registry, live, snapshot, compared_with="ecr", now=now)

    def plan_against(self, path: Path) -> Plan:
        """A plan against a saved live policy, without AWS."""
        live, account_id = None, None
        if str(path) != os.devnull:
            live, account_id = read_saved_live(read_bounded(path, "saved policy"), str(path))
        draft = self._parse({}, later=BUILT_IN)
        named = named_registry([live, draft.policy if draft else None])
        region = self.region or _environment_region() or (named.region if named else None)
        account_id = self.account_id or account_id or (named.account_id if named else None)
        if not account_id or not region:
            raise PlannerError(
                "planner does not know which registry the saved policy is from.",
                "Neither the settings nor the resources in the policies name one.",
                "Give --account-id ID and --region REGION, or put both into planner.toml.",
            )
        registry = Registry(partition_of(region), account_id, region)
        desired = self._desired(registry)
        snapshot = self.store.read(registry).snapshot
        now = self.clock.now()
        return make_plan(desired, registry, live, snapshot, compared_with="file", now=now)

    def _parse(self, built_in: dict[str, str], later: tuple[str, ...] = ()) -> ParsedPolicy | None:
        """The policy file with its placeholders filled; None for `--destroy`."""
        assigned = parse_assignments(self.flags.var)
        placeholders = Placeholders({**self._config_vars, **assigned, **built_in}, later)
        parsed = None
        if not self.flags.destroy:
            data = read_bounded(self.policy_path, "policy file")
            parsed = parse_policy(data, str(self.policy_path), fill=placeholders.fill)
        unused = sorted(set(assigned) - placeholders.used)
        if unused:
            raise UsageError(
                f"--var {unused[0]} is not used.",
                f"{self.policy_path} has no '{{{{{unused[0]}}}}}'.",
                "Check the name, or leave the option out.",
            )
        return parsed

    def _desired(self, registry: Registry) -> Desired:
        parsed = self._parse(
            {
                "account_id": registry.account_id,
                "region": registry.region,
                "partition": registry.partition,
            }
        )
        if parsed is None:
            return Desired(None, None)
        name = str(self.policy_path)
        problems = [
            parsed.problem(refusal.pointer, refusal.reason, "ECR would refuse the policy.")
            for refusal in refusals(parsed.policy, registry.partition, None)
            if refusal.certain
        ]
        if problems:
            raise invalid_policy(name, problems)
        sha256 = hashlib.sha256(read_bounded(self.policy_path, "policy file")).hexdigest()
        return Desired(parsed.policy, Source(name, sha256))


def _environment_region() -> str | None:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")


def digest_source(path: Path, read_stdin: Callable[[], bytes]) -> tuple[bytes, str]:
    """The bytes and the name of a file, or of standard input where the path is `-`."""
    if str(path) == "-":
        return read_stdin(), "standard input"
    return read_bounded(path, "policy file"), str(path)
