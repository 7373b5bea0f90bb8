"""The one place that makes adapters: settings in, ports out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planner.cli.machine import Signals, SystemClock, save_for_user, user_name
from planner.cli.output import notice, progress
from planner.config.load import ReadFile, load_settings
from planner.config.settings import DEFAULT_POLICY, FILE_NAME, Flags, Settings, is_s3, name_of
from planner.config.target import Target, targets
from planner.errors import UsageError
from planner.ownership.owned import OwnerSource
from planner.ports import OpenRegistry, PolicyAnalyzer, RegistryApi, Trail
from planner.registry import Registry
from planner.stores.files import read_bounded
from planner.stores.globs import NoMatchError, expand, place_for
from planner.stores.inside import (
    ALLOW,
    check_inside,
    check_is_policy,
    is_inside,
    read_given,
    read_inside,
)
from planner.stores.repository import source_of

if TYPE_CHECKING:
    from planner.aws.session import Connection
    from planner.plans.plan import Plan
    from planner.stores.state import State
    from planner.workflow.context import ApplyContext, Interrupt
    from planner.workflow.live import LiveSource
    from planner.workflow.planning import Inputs
    from planner.workflow.reading import PolicyFile

_IF_MEANT = f"Move it, name it on the command line, or give {ALLOW} if that is meant."


class Wiring:
    """The settings of one run, and the adapters that they ask for, made when first used."""

    def __init__(self, flags: Flags, folder: Path = Path()) -> None:
        """With `folder` the settings in that one count, and not those of the current folder."""
        self.settings = load_settings(flags, _read_settings_of(flags), folder)
        self.clock = SystemClock()

    @cached_property
    def policy(self) -> tuple[Path, ...]:
        """The policy files. Raises PlannerError where nobody named one and it lies outside."""
        settings = self.settings
        found = expand(
            settings.policy,
            settings.policy_folder,
            self._check_folder,
            prefers_names=bool(settings.flags.policy),
        )
        if not (settings.flags.policy or settings.flags.outside_policy):
            for each in found:
                check_inside(each, settings.folder, "policy file", _IF_MEANT)
        return found

    @property
    def standing(self) -> tuple[Path, ...]:
        """Those of the policy files that are there."""
        try:
            return tuple(each for each in self.policy if os.path.lexists(each))
        except NoMatchError:
            return ()

    @property
    def first_policy(self) -> Path:
        """The first policy file, or where it is to be made. Raises PlannerError as `policy`."""
        try:
            return self.policy[0]
        except NoMatchError:
            place = place_for(self.settings.policy[0], DEFAULT_POLICY)
            if place is None:
                raise
            found = self.settings.policy_folder / place
            self._check_folder(found.parent)
            return found

    def _check_folder(self, folder: Path) -> None:
        settings = self.settings
        if not (settings.flags.policy or settings.flags.outside_policy):
            check_inside(folder, settings.folder, "folder of policy files", _IF_MEANT)

    def read_policy(self, path: Path) -> bytes:
        """The bytes of a policy file; a pipe or a device is one only where the user names it."""
        if self.settings.flags.policy:
            return read_given(path, "policy file")
        data = read_inside(path, "policy file")
        if not is_inside(path, self.settings.folder):
            check_is_policy(data, path)
        return data

    def read_policies(self) -> tuple[PolicyFile, ...]:
        """The policy files, each read once, since one may be a pipe."""
        from planner.workflow.reading import PolicyFile

        return tuple(PolicyFile(name_of(each), self.read_policy(each)) for each in self.policy)

    def target(self, named: Registry | None = None, answered: str | None = None) -> Target:
        """The one registry that the command is about, as `config.target.targets` finds it."""
        (target,) = targets(self.settings, os.environ, named=named, answered=answered)
        return target

    @property
    def open_registry(self) -> OpenRegistry:
        """Opens the registry of any target. The first that loads boto3."""
        from planner.aws.ecr import open_registry

        return open_registry

    def registry_api(self, fallback_region: str | None = None) -> RegistryApi:
        """The registry that the settings reach."""
        return self.open_registry(self.target(), fallback_region)

    def inputs(self, *, destroy: bool) -> Inputs:
        """What a plan is made from."""
        if destroy and self.settings.flags.policy:
            raise UsageError(
                "--destroy takes no policy file.",
                "It plans to delete the policy.",
                "Leave one out.",
            )
        files = () if destroy else self.read_policies()
        return replace(self.inputs_without_files(), files=files)

    def inputs_without_files(self) -> Inputs:
        """The settings, and where the owner's files are to be."""
        from planner.workflow.planning import Inputs

        settings = self.settings
        source = source_of(settings.file) if settings.toml.owner else OwnerSource()
        return Inputs(settings, source=source)

    def live_source(self) -> LiveSource:
        """The live policy in ECR."""
        from planner.workflow.live import EcrSource

        return EcrSource(self.registry_api(), self.target())

    def access_analyzer(self) -> PolicyAnalyzer:
        """IAM Access Analyzer in the Region that the settings name."""
        from planner.aws.access_analyzer import AccessAnalyzer

        return AccessAnalyzer(self.connection())

    def trail(self) -> Trail:
        """What CloudTrail tells of the registry that the settings reach."""
        from planner.aws.cloudtrail import CloudTrail

        return CloudTrail(self.connection(), self.clock)

    def connection(self, fallback_region: str | None = None) -> Connection:
        """How to reach AWS."""
        from planner.aws.session import Connection

        return Connection(
            self.settings.region,
            self.settings.profile,
            self.settings.endpoint,
            fallback_region,
        )

    @cached_property
    def state(self) -> State:
        """The state of all registries."""
        return self.state_in(self.settings.state)

    def state_in(self, place: str) -> State:
        """The state in a folder, or under an `s3://` URL that is reached as `[s3]` says."""
        from planner.stores.local import LocalBlobs
        from planner.stores.state import State

        settings = self.settings
        if not is_s3(place):
            return State(LocalBlobs(Path(place)))
        from planner.aws.session import Connection
        from planner.stores.s3 import S3Blobs, parse_location

        own = settings.toml.s3
        connection = Connection(
            own.get("region") or settings.region,
            own.get("profile") or settings.profile,
            settings.s3_endpoint,
            fallback_region="us-east-1",
        )
        location = parse_location(place, own.get("kms_key_id"), own.get("expected_bucket_owner"))
        return State(S3Blobs(location, connection))

    def apply_context(
        self,
        interrupt: Interrupt,
        fallback_region: str | None = None,
        owner: str | None = None,
    ) -> ApplyContext:
        """What a changing command works with, in the name of an owner or of none."""
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
            guard=settings.guard_of(owner),
            assertions=settings.toml.assertions,
            approved=settings.flags.approve,
        )

    @contextmanager
    def open_run(self, plan: Plan) -> Iterator[ApplyContext]:
        """What applying a plan works with, while its signals are listened to.

        The plan's own Region serves where none is set.
        """
        with Signals() as signals:
            yield self.apply_context(signals, plan.registry.region, plan.owner)


def _read_settings_of(flags: Flags) -> ReadFile:
    def read(path: Path) -> bytes | None:
        if flags.config is not None:
            return read_bounded(path, "settings file")
        if not os.path.lexists(path):
            return None
        check_inside(path, path.parent, "settings file", "Give it by --config if that is meant.")
        return read_inside(path, "settings file")

    return read


def settings_beside(settings: Settings) -> Path | None:
    """The settings that lie beside a policy file and are not read."""
    besides = {settings.policy_folder / each.parent / FILE_NAME for each in settings.policy}
    found = (each for each in sorted(besides) if each.is_file())
    return next(found, None) if settings.file is None else None
