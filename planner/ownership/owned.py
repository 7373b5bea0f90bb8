"""What an owner holds of a registry that several share, and from where it was applied."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.errors import PlannerError
from planner.policy.document import JsonObject, Statement, statement_json

OWNER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What an owner may be called: a name that no file, URL or terminal reads as something else."""


def check_owner_name(name: str, where: str) -> str:
    """The name of an owner, as it was given; `where` says by what, for the message.

    Raises PlannerError for what is none.

    >>> check_owner_name("team-a", "owner in planner.toml")
    'team-a'
    """
    if OWNER_NAME.fullmatch(name):
        return name
    raise PlannerError(
        f"{where} is no name of an owner.",
        "It is 1 to 64 letters, digits, '.', '_' and '-', and begins with a letter or a digit.",
        'For example: owner = "team-a"',
    )


@dataclass(frozen=True, slots=True)
class OwnerSource:
    """Where the files of an owner are, None for what is not known.

    `repository` is host and path of git's remote, without scheme, user and `.git`; `path` is
    that of the settings file inside the repository.
    """

    repository: str | None = None
    path: str | None = None

    def or_known(self, before: Owned | None) -> OwnerSource:
        """The source to record: where no repository is known, the one that was recorded before.

        Otherwise one run outside of a repository would open the name to every other one.
        """
        return before.source if before and self.repository is None else self

    def to_json(self) -> JsonObject:
        """The source as it stands in a snapshot."""
        return {"repository": self.repository, "path": self.path}


@dataclass(frozen=True, slots=True)
class Owned:
    """The statements that one owner holds, canonical and in canonical order.

    `serial` is that of the snapshot in which they or their source last changed, `at` its time.
    """

    statements: tuple[Statement, ...]
    source: OwnerSource = field(default_factory=OwnerSource)
    serial: int = 0
    at: str = ""

    def to_json(self) -> JsonObject:
        """What the owner holds, as it stands in a snapshot."""
        return {
            "statements": [statement_json(each) for each in self.statements],
            "source": self.source.to_json(),
            "serial": self.serial,
            "at": self.at,
        }


def owners_json(owners: Mapping[str, Owned]) -> JsonObject:
    """All owners by their names, in the order of those."""
    return {name: owners[name].to_json() for name in sorted(owners)}
