"""The settings of a project, as `planner.toml` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.guard.settings import Guard
from planner.lint.suppression import Suppression

FILE_NAME = "planner.toml"


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a `planner.toml`, None for what it leaves out.

    `policy` and `state` are paths from the file's own folder, `state` may be an `s3://` URL
    that `s3` says how to reach. `account_id` is the account that the credentials must belong
    to. `lock_timeout` and `lock_lease` are durations such as `30s`. `scope` is the registry's
    policy scope, `V1` or `V2`, where it is not to be read. `lint` turns rules off. `accounts`
    names account ids for people. `guard` limits what a plan may do without a word.
    """

    policy: str | None = None
    state: str | None = None
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    account_id: str | None = None
    lock_timeout: str | None = None
    lock_lease: str | None = None
    scope: str | None = None
    vars: Mapping[str, str] = field(default_factory=dict)
    s3: Mapping[str, str] = field(default_factory=dict)
    lint: tuple[Suppression, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    guard: Guard = field(default_factory=Guard)
