"""The one place that makes adapters: settings in, ports out."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.machine import SystemClock, save_for_user, user_name
from planner.cli.output import notice, progress
from planner.config.load import ReadFile, load_settings
from planner.config.settings import FILE_NAME, Flags, Settings
from planner.config.target import Target, targets
from planner.registry import Registry
from planner.stores.files import read_bounded

if TYPE_CHECKING:
    from planner.aws.ecr import EcrRegistry
    from planner.aws.session import Connection
    from planner.stores.state import State
    from planner.workflow.context import ApplyContext, Interrupt


class Wiring:
    """The settings of one run, and the adapters that they ask for, made when first used."""

    def __init__(self, flags: Flags) -> None:
        self.settings = load_settings(flags, _read_settings_of(flags))
        self.clock = SystemClock()

    def target(self, named: Registry | None = None, answered: str | None = None) -> Target:
        """The one registry that the command is about, as `config.target.targets` finds it."""
        (target,) = targets(self.settings, os.environ, named=named, answered=answered)
        return target

    def registry_api(self, fallback_region: str | None = None) -> EcrRegistry:
        """The registry that the settings reach. The first that loads boto3."""
        from planner.aws.ecr import EcrRegistry

        return EcrRegistry(self.connection(fallback_region), self.settings.account_id)

    def connection(self, fallback_region: str | None = None) -> Connection:
        """How to reach AWS."""
        from planner.aws.session import Connection

        return Connection(
            self.settings.region,
            self.settings.profile,
            self.settings.endpoint_url,
            fallback_region,
        )

    @cached_property
    def state(self) -> State:
        """The state of all registries."""
        from planner.stores.local import LocalBlobs
        from planner.stores.state import State

        settings = self.settings
        if settings.is_state_local:
            return State(LocalBlobs(Path(settings.state)))
        from planner.aws.session import Connection
        from planner.stores.s3 import S3Blobs, parse_location

        own = settings.toml.s3
        connection = Connection(
            own.get("region") or settings.region,
            own.get("profile") or settings.profile,
            own.get("endpoint_url") or settings.endpoint_url,
            fallback_region="us-east-1",
        )
        return State(S3Blobs(parse_location(settings.state, own.get("kms_key_id")), connection))

    def apply_context(
        self, interrupt: Interrupt, fallback_region: str | None = None
    ) -> ApplyContext:
        """What a changing command works with."""
        import socket

        from planner.workflow.context import ApplyContext, LockSettings

        settings = self.settings
        return ApplyContext(
            api=self.registry_api(fallback_region),
            state=self.state,
            clock=self.clock,
            lock=LockSettings(socket.gethostname(), settings.lock_lease, settings.lock_timeout),
            user=user_name(),
            report=progress,
            notice=notice,
            save=save_for_user,
            interrupt=interrupt,
            guard=settings.toml.guard,
            approved=settings.flags.approve,
        )


def _read_settings_of(flags: Flags) -> ReadFile:
    def read(path: Path) -> bytes | None:
        if flags.config is None and not path.exists() and not path.is_symlink():
            return None
        return read_bounded(path, "settings file")

    return read


def settings_beside(settings: Settings) -> Path | None:
    """The settings that lie beside the policy file and are not read."""
    beside = settings.policy.parent / FILE_NAME
    return beside if settings.file is None and beside.is_file() else None
