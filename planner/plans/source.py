"""Where a plan comes from: its files, and the snapshot it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from planner.policy.address import StatementPlace, file_labels
from planner.policy.placeholders import Value

SourceKind = Literal["files", "destroy", "rollback"]
ComparedWith = Literal["ecr", "file"]


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that a plan was made from: its name in messages, and the sha256 of its bytes."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where the policy after comes from.

    `places` tells where each statement of the canonical policy stands, None for one that is in
    no file, as others' are in a shared registry; it is empty where there is no file. `vars` are
    the variables that filled placeholders, each with its value, None for one that the policy
    does not show whole. `settings` is the settings file. `serial` is the one that a rollback goes
    back to, None for any other plan. `repository` and `commit` are None where they are not known.
    """

    kind: SourceKind
    files: tuple[SourceFile, ...] = ()
    places: tuple[StatementPlace | None, ...] = ()
    vars: Mapping[str, Value | None] = field(default_factory=dict)
    settings: SourceFile | None = None
    serial: int | None = None
    repository: str | None = None
    commit: str | None = None

    @property
    def name(self) -> str:
        """The files in messages; `the plan` where it comes from none."""
        return ", ".join(each.path for each in self.files) or "the plan"

    @property
    def labels(self) -> tuple[str, ...]:
        """What the files are called in names of statements; empty for a single one."""
        folder = PurePath(self.settings.path).parent if self.settings else PurePath()
        return file_labels([each.path for each in self.files], folder)


@dataclass(frozen=True, slots=True)
class StateRef:
    """The snapshot a plan was made from; serial 0 and no lineage where there was none.

    `place` is the store it was looked for in, None where it was not. `owner_serial` is the
    serial of the owner's statements, None for a policy that is owned whole. `exclusive` says
    that a project without an owner recorded it.
    """

    lineage: str | None = None
    serial: int = 0
    place: str | None = None
    owner_serial: int | None = None
    exclusive: bool = True
