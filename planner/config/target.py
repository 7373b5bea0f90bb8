"""Which registries a command is about, and what holds for each of them.

One function answers it for every command. An account and a Region are looked for in the same
order everywhere: a flag, `planner.toml`, the environment, and what a saved policy or the
resources of a policy name. Where AWS is asked, STS has the last word on the account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from planner.config.settings import Endpoint, Settings
from planner.guard.settings import Guard
from planner.policy.placeholders import Value
from planner.registry import Registry, partition_of

Origin = Literal["flag", "settings", "environment", "credentials", "answer", "policy", "state"]
"""`answer` is a saved answer of ECR, `policy` the resources that a policy names, `state` what is
recorded."""


REGION_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION")
"""The variables that name a Region, the first before the second, as the AWS CLI reads them."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value, where it came from, and the name it has there (`AWS_REGION`, `--region`)."""

    value: str
    origin: Origin
    name: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """How AWS is reached for one registry; None leaves it to the AWS configuration.

    `account_id` is the account that the credentials must belong to, None for any.
    """

    profile: str | None = None
    endpoint: Endpoint | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One registry that a command is about, as far as it is known before AWS is asked.

    `files` are its policy files, or patterns of their names, `vars` the values of their
    placeholders, `owner` the name under which its statements are owned, None for a policy that
    is owned whole.
    """

    account_id: Sourced | None
    region: Sourced | None
    files: tuple[Path, ...]
    vars: Mapping[str, Value]
    owner: str | None
    guard: Guard
    credentials: Credentials

    @property
    def registry(self) -> Registry | None:
        """The registry, where both its account and its Region are known."""
        if self.account_id is None or self.region is None:
            return None
        region = self.region.value
        return Registry(partition_of(region), self.account_id.value, region)

    @property
    def is_assumed(self) -> bool:
        """Whether nothing but the resources in the policy names the account."""
        return self.account_id is not None and self.account_id.origin == "policy"

    @property
    def known(self) -> dict[str, str]:
        """The placeholders that the registry itself gives a value to, as far as it is known."""
        found = {}
        if self.account_id:
            found["account_id"] = self.account_id.value
        if self.region:
            found["region"] = self.region.value
            found["partition"] = partition_of(self.region.value)
        return found

    @property
    def origins(self) -> dict[str, str]:
        """Where account and Region came from, for what neither flag nor planner.toml names."""
        parts = {"account_id": self.account_id, "region": self.region}
        return {
            part: found.name
            for part, found in parts.items()
            if found and found.origin not in ("flag", "settings")
        }

    def reached(self, registry: Registry) -> Target:
        """The target once AWS has answered: what nothing names came from its configuration."""
        account_id = Sourced(registry.account_id, "credentials", "the AWS credentials")
        region = Sourced(registry.region, "credentials", "the AWS configuration")
        return self._completed(account_id, region)

    def recorded(self, registry: Registry) -> Target:
        """The target once the state was looked at: what nothing names came from there."""
        found = (registry.account_id, registry.region)
        return self._completed(*(Sourced(each, "state", "the state") for each in found))

    def _completed(self, account_id: Sourced, region: Sourced) -> Target:
        """The target as it was found to be; what was known before keeps its origin."""
        own, here = self.account_id, self.region
        return replace(
            self,
            account_id=own if own and own.value == account_id.value else account_id,
            region=here if here and here.value == region.value else region,
        )


def targets(
    settings: Settings,
    environment: Mapping[str, str],
    *,
    named: Registry | None = None,
    answered: str | None = None,
) -> tuple[Target, ...]:
    """The registries that a command is about; one today.

    `named` is the registry that the resources of the policies name, `answered` the account id
    that came with a saved policy.
    """
    return (
        Target(
            account_id=_account_id(settings, named, answered),
            region=_region(settings, environment, named),
            files=settings.policy,
            vars=settings.vars,
            owner=settings.toml.owner,
            guard=settings.guard_of(settings.toml.owner),
            credentials=Credentials(settings.profile, settings.endpoint, settings.account_id),
        ),
    )


def built_in_values(registry: Registry) -> dict[str, str]:
    """The placeholders that the registry itself gives a value to."""
    return {
        "account_id": registry.account_id,
        "region": registry.region,
        "partition": registry.partition,
        "url_suffix": registry.url_suffix,
    }


def _account_id(settings: Settings, named: Registry | None, answered: str | None) -> Sourced | None:
    if settings.flags.account_id:
        return Sourced(settings.flags.account_id, "flag", "--account-id")
    if settings.toml.account_id:
        return Sourced(settings.toml.account_id, "settings", "account_id")
    if answered:
        return Sourced(answered, "answer", "the saved answer of ECR")
    return Sourced(named.account_id, "policy", _IN_POLICY) if named else None


def _region(
    settings: Settings, environment: Mapping[str, str], named: Registry | None
) -> Sourced | None:
    if settings.flags.region:
        return Sourced(settings.flags.region, "flag", "--region")
    if settings.toml.region:
        return Sourced(settings.toml.region, "settings", "region")
    for variable in REGION_VARIABLES:
        if environment.get(variable):
            return Sourced(environment[variable], "environment", variable)
    return Sourced(named.region, "policy", _IN_POLICY) if named else None


_IN_POLICY = "the resources in the policy"
