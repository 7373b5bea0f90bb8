"""What an owner holds of a registry that several share, and from where it was applied."""

from __future__ import annotations

from dataclasses import dataclass, field

from planner.policy.document import Statement


@dataclass(frozen=True, slots=True)
class OwnerSource:
    """Where the files of an owner are, None for what is not known.

    `repository` is host and path of git's remote, without scheme, user and `.git`; `path` is
    that of the settings file inside the repository.
    """

    repository: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """The statements that one owner holds, canonical and in canonical order.

    `serial` is that of the snapshot in which they or their source last changed, `at` its time.
    """

    statements: tuple[Statement, ...]
    source: OwnerSource = field(default_factory=OwnerSource)
    serial: int = 0
    at: str = ""
