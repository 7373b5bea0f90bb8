"""What `planner.toml` says of single statements: whom to ask, why they are there, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from planner.policy.document import JsonObject


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is said of one statement, None for what is not.

    `expires` is the first day on which the statement should be gone, in UTC. `line` is where
    this stands in its settings file.
    """

    contact: str | None = None
    ticket: str | None = None
    expires: date | None = None
    line: int = field(default=1, compare=False)

    def to_json(self) -> JsonObject:
        """The public view, as the plan has it.

        >>> Annotation(ticket="SEC-12", expires=date(2027, 1, 1)).to_json()
        {'contact': None, 'ticket': 'SEC-12', 'expires': '2027-01-01'}
        """
        expires = self.expires and self.expires.isoformat()
        return {"contact": self.contact, "ticket": self.ticket, "expires": expires}


@dataclass(frozen=True, slots=True)
class Annotations:
    """What is said of statements by their Sids, as it is read on a day in UTC."""

    of_sid: Mapping[str, Annotation]
    today: date

    def without(self, sids: Iterable[str | None]) -> dict[str, Annotation]:
        """What is said of statements that are not among those with these Sids."""
        known = set(sids)
        return {sid: each for sid, each in self.of_sid.items() if sid not in known}


def annotation_from(document: JsonObject) -> Annotation:
    """The annotation that `to_json` gave. Raises KeyError, TypeError or ValueError for another."""
    contact, ticket, expires = (document[each] for each in ("contact", "ticket", "expires"))
    for each in (contact, ticket):
        if not isinstance(each, str | None):
            raise TypeError(each)
    return Annotation(contact, ticket, None if expires is None else date.fromisoformat(expires))
