"""What changed outside planner since a policy was recorded, and its public JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from planner.access.api import Comparison, compare
from planner.access.comparison import Undecided
from planner.diff.authors import Authors, Authorship
from planner.diff.changes import Change, Create, Delete, Update, diff, heads_of
from planner.diff.patch import document_of
from planner.ownership.claims import baseline, holders
from planner.ownership.owned import Owned
from planner.plans.address import Names
from planner.plans.view import moves
from planner.policy.canonical import in_canonical_order
from planner.policy.document import JsonObject, Policy, Statement
from planner.policy.opaque import AnyPolicy, OpaquePolicy, readable
from planner.records.snapshot import Snapshot
from planner.registry import Registry

FORMAT_VERSION = 1


class Whose(NamedTuple):
    """Whose is what changed: this project's own, nobody's, and of which other owners.

    What one project has whole is its own. A version or an id of a shared policy is nobody's.
    """

    own: bool
    nobodys: bool
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drift:
    """A snapshot beside the live policy, canonical.

    `place` is the store of the state, `owner` that of the project where several share the
    registry. `scope` is the registry policy scope and `endpoint` the address that was called
    where it is not AWS's; both as a plan has them, like `origins` and `accounts`. `authorship`
    is None where nobody was asked who made the changes.
    """

    snapshot: Snapshot
    live: AnyPolicy
    place: str
    origins: Mapping[str, str] = field(default_factory=dict)
    endpoint: str | None = None
    accounts: Mapping[str, str] = field(default_factory=dict)
    scope: str | None = None
    owner: str | None = None
    authorship: Authorship | None = None
    notes: tuple[str, ...] = ()

    @property
    def registry(self) -> Registry:
        """The registry."""
        return self.snapshot.registry

    @cached_property
    def recorded(self) -> Policy | None:
        """What ECR would hold if nobody had touched it: of each owner what that one recorded."""
        snapshot = self.snapshot
        if snapshot.exclusive:
            return snapshot.policy
        return baseline(snapshot.policy, snapshot.owners)

    @cached_property
    def is_there(self) -> bool:
        """Whether anything changed."""
        return self.recorded != self.live

    @cached_property
    def heads_drifted(self) -> bool:
        """Whether the version or the id of the policy changed."""
        live = readable(self.live)
        return None not in (self.recorded, live) and heads_of(self.recorded) != heads_of(live)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What happened to single statements; nothing is known of a policy that cannot be read."""
        if isinstance(self.live, OpaquePolicy):
            return ()
        return diff(self.recorded, self.live)

    @property
    def own_changes(self) -> tuple[Change, ...]:
        """Those of what this project owns; all where one project has the policy whole."""
        if self.snapshot.exclusive:
            return self.changes
        return tuple(each for each in self.changes if self.owner in self.owners_of(each))

    @cached_property
    def whose(self) -> Whose:
        """Whose is what changed. Nothing is known of a policy that cannot be read: it is ours."""
        if self.snapshot.exclusive or isinstance(self.live, OpaquePolicy):
            return Whose(own=self.is_there, nobodys=False)
        owners = [set(self.owners_of(each)) for each in self.changes]
        others = set().union(*(each for each in owners if self.owner not in each))
        nobodys = self.heads_drifted or set() in owners
        return Whose(bool(self.own_changes), nobodys, tuple(sorted(others)))

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many statements came, changed and went; version and id count as one that changed."""
        kinds = Counter(map(type, self.changes))
        return kinds[Create], kinds[Update] + self.heads_drifted, kinds[Delete]

    @cached_property
    def access(self) -> Comparison:
        """Who gained and who lost access by it."""
        if isinstance(self.live, OpaquePolicy):
            reason = f"planner cannot read the live policy: {self.live.reason}"
            return Comparison(unknown=(Undecided(reason, may_be_public=True),))
        if not self.is_there:
            return Comparison()
        return compare(self.recorded, self.live, self.registry, self.scope)

    def owners_of(self, change: Change | None) -> list[str]:
        """Who owns the statement that changed, this project first."""
        if change is None:
            return []
        changed = change.after if isinstance(change, Create) else change.before
        (names,) = holders((changed,), self.snapshot.owners)
        return sorted(names, key=lambda name: (name != self.owner, name))


def drift_view(drift: Drift) -> JsonObject:
    """What changed, by whom where that was asked, and what became of access."""
    snapshot = drift.snapshot
    return {
        "kind": "drift",
        "format_version": FORMAT_VERSION,
        "registry": drift.registry.to_json(),
        "origins": dict(drift.origins),
        "endpoint": drift.endpoint,
        "accounts": dict(sorted(drift.accounts.items())),
        "owner": drift.owner,
        "state": {
            "place": drift.place,
            "lineage": snapshot.lineage,
            "serial": snapshot.serial,
            "at": snapshot.current.at,
            "by": snapshot.current.by,
        },
        "drifted": drift.is_there,
        "unreadable": drift.live.reason if isinstance(drift.live, OpaquePolicy) else None,
        "whose": drift.whose._asdict(),
        "summary": dict(zip(("added", "changed", "removed"), drift.counts, strict=True)),
        "changes": _changes(drift),
        "access": drift.access.to_json(),
        "recorded": document_of(drift.recorded),
        "live": document_of(drift.live),
        "notes": list(drift.notes),
    }


def _changes(drift: Drift) -> list[JsonObject]:
    """The changes, those of this project's own statements first."""
    found = drift.authorship
    heads: list[Change | None] = [None] if drift.heads_drifted else []
    told = []
    live = readable(drift.live)
    shown = moves(drift.registry, drift.recorded, live, Names()) if drift.changes or heads else []
    for entry, change in zip(shown, [*heads, *drift.changes], strict=True):
        who: Authors | None = None
        if found is not None:
            who = found.of_heads() if change is None else found.of(change)
        owners = drift.owners_of(change)
        told.append({**entry, "owners": owners, "who": who.to_json() if who else None})
    return sorted(told, key=lambda each: drift.owner not in each["owners"])


def accepted(drift: Drift) -> dict[str, Owned] | None:
    """What the owners hold once the live policy is the baseline; None for a policy of one project.

    What others hold stays as they recorded it: theirs to accept.
    """
    snapshot = drift.snapshot
    if snapshot.exclusive:
        return None
    owners = dict(snapshot.owners)
    if drift.owner in owners:
        mine = owners[drift.owner]
        owners[drift.owner] = replace(
            mine, statements=_followed(mine.statements, drift.own_changes)
        )
    return owners


def _followed(
    statements: tuple[Statement, ...], changes: tuple[Change, ...]
) -> tuple[Statement, ...]:
    """The statements after changes that somebody made to some of them."""
    followed = {
        each.before: [each.after] if isinstance(each, Update) else []
        for each in changes
        if not isinstance(each, Create)
    }
    kept = [after for each in statements for after in followed.get(each, [each])]
    # A second statement of a Sid that is the owner's is the owner's as well.
    added = [each.after for each in changes if isinstance(each, Create)]
    return in_canonical_order([*kept, *added])
