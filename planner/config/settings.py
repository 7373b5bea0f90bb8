"""The settings of a run: what flags say, before what `planner.toml` says, before the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from planner.guard.assertion import Assertion
from planner.guard.settings import Guard
from planner.lint.annotation import Annotation
from planner.lint.suppression import Suppression
from planner.policy.placeholders import Placeholders, Value

FILE_NAME = "planner.toml"
DEFAULT_POLICY = "registry_policy.json"
DEFAULT_STATE = ".planner/state"
DEFAULT_LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class TomlSettings:
    """The settings of a `planner.toml`, None for what it leaves out.

    `policy` are the policy files, or patterns of their names. They and `state` are paths from the
    file's own folder; `state` may be an `s3://` URL that `s3` says how to reach. `account_id` is
    the account that the credentials must belong to. `lock_timeout` and `lock_lease` are
    durations. `scope` is the registry's policy scope, `V1` or `V2`, where it is not to be read;
    with `raise_scope` a plan raises it to V2. `owner` is the name under which the project owns its
    statements, None where its files are the whole policy. `suppressions` turn rules off.
    `accounts` names account ids for people. `guard` limits what a plan may do without a word, and
    for an owner of `owner_guards` that one does; `assertions` say what must hold of every policy.
    `statements` has what is said of statements, by their Sids.
    """

    policy: tuple[str, ...] | None = None
    state: str | None = None
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    account_id: str | None = None
    lock_timeout: timedelta | None = None
    lock_lease: timedelta | None = None
    scope: str | None = None
    raise_scope: bool = False
    vars: Mapping[str, Value] = field(default_factory=dict)
    s3: Mapping[str, str] = field(default_factory=dict)
    suppressions: tuple[Suppression, ...] = ()
    accounts: Mapping[str, str] = field(default_factory=dict)
    guard: Guard = field(default_factory=Guard)
    assertions: tuple[Assertion, ...] = ()
    statements: Mapping[str, Annotation] = field(default_factory=dict)
    owner: str | None = None
    owner_guards: Mapping[str, Guard] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line says; None and empty for what it leaves to `planner.toml`.

    `policy` are the policy files, or patterns of their names; `vars` the NAME=VALUE words of
    `--var`. `outside_policy` lets policy files that nobody names here lie outside of their
    repository. `take` are the addresses that are taken over from others, with `take_all` all that
    are in the way; `move_owner` says that the owner has another place now.
    """

    policy: tuple[Path, ...] = ()
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    account_id: str | None = None
    config: Path | None = None
    vars: tuple[str, ...] = ()
    state: str | None = None
    lock_timeout: str | None = None
    scope: str | None = None
    approve: str | None = None
    outside_policy: bool = False
    take: tuple[str, ...] = ()
    take_all: bool = False
    move_owner: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that AWS calls are to go to.

    `setting` names the setting that it is from, None where the command line has it; `service` is
    the one whose addresses at AWS the setting may name.
    """

    url: str
    setting: str | None = None
    service: str = "ecr"


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a run.

    `file` is the settings file that was read and `digest` the sha256 of its bytes, both None
    for none. `flags` and `toml` are the two
    sources where it matters which of them spoke; `assigned` are the values of `--var`, and
    `lock_timeout` is how long to wait for somebody else's lock.
    """

    flags: Flags
    toml: TomlSettings
    file: Path | None
    folder: Path
    assigned: Mapping[str, str]
    lock_timeout: timedelta = timedelta(0)
    digest: str | None = None

    @property
    def policy(self) -> tuple[Path, ...]:
        """The policy files, or patterns of their names; `-` is standard input."""
        return self.flags.policy or tuple(map(Path, self.toml.policy or (DEFAULT_POLICY,)))

    @property
    def policy_folder(self) -> Path:
        """The folder that `policy` is seen from."""
        return Path() if self.flags.policy else self.folder

    @property
    def policy_name(self) -> str:
        """What the policy of the project is called in messages."""
        return ", ".join(name_of(self.policy_folder / each) for each in self.policy)

    @property
    def profile(self) -> str | None:
        """The AWS profile; None leaves it to the AWS configuration."""
        return self.flags.profile or self.toml.profile

    @property
    def endpoint(self) -> Endpoint | None:
        """Where AWS calls go; None leaves it to the AWS configuration."""
        if self.flags.endpoint_url:
            return Endpoint(self.flags.endpoint_url)
        url = self.toml.endpoint_url
        return Endpoint(url, f"{self.file}: endpoint_url") if url else None

    @property
    def s3_endpoint(self) -> Endpoint | None:
        """Where the calls for a state in S3 go."""
        url = self.toml.s3.get("endpoint_url")
        if self.flags.endpoint_url or not url:
            return self.endpoint
        return Endpoint(url, f"{self.file}: s3.endpoint_url", "s3")

    @property
    def account_id(self) -> str | None:
        """The account that the registry must belong to; None for any."""
        return self.flags.account_id or self.toml.account_id

    @property
    def region(self) -> str | None:
        """The Region that flag or file name; None leaves it to the environment."""
        return self.flags.region or self.toml.region

    @property
    def scope(self) -> str | None:
        """The registry policy scope that planner is told, None where it may read it."""
        return self.flags.scope or self.toml.scope

    @property
    def scope_to_be(self) -> str | None:
        """The scope that the policy file is for: V2 where a plan raises it."""
        return "V2" if self.toml.raise_scope else self.scope

    @property
    def state(self) -> str:
        """The place of the state: a folder, or an `s3://` URL."""
        if self.flags.state:
            return self.flags.state
        place = self.toml.state or DEFAULT_STATE
        return place if is_s3(place) else str(self.folder / place)

    @property
    def is_state_local(self) -> bool:
        """Whether the state can be read without AWS."""
        return not is_s3(self.state)

    @property
    def lock_lease(self) -> timedelta:
        """How long a lock outlives a run that has died."""
        return self.toml.lock_lease or DEFAULT_LEASE

    def guard_of(self, owner: str | None) -> Guard:
        """What limits the plans of an owner, or those of a project without one."""
        return self.toml.owner_guards.get(owner or "", self.toml.guard)

    @property
    def vars(self) -> dict[str, Value]:
        """The values of placeholders: `[vars]`, and `--var` before them."""
        return {**self.toml.vars, **self.assigned}

    def placeholders(
        self, built_in: Mapping[str, str], later: tuple[str, ...] = ()
    ) -> Placeholders:
        """What fills policy files: `vars`, and what the registry itself gives; `later` waits."""
        return Placeholders({**self.vars, **built_in}, later)


def is_s3(place: str) -> bool:
    """Whether a place of the state is in S3."""
    return place.lower().startswith("s3://")


def name_of(path: Path) -> str:
    """A file's name in messages; `-` is standard input."""
    if str(path) == "-":
        return "standard input"
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
