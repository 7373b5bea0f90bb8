"""The merge that happens before the diff: what is one's own changes, all else is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from planner.ownership.claims import Holders, holders
from planner.ownership.owned import Owned, OwnerSource
from planner.policy.canonical import in_canonical_order, meant_version
from planner.policy.document import Policy, Statement, serialize


@dataclass(frozen=True, slots=True)
class Share:
    """One owner's part of a plan.

    `wanted` is what the owner's files ask for, canonical, None for nothing. `take` are the Sids
    that are taken over from whoever has them, with `take_all` every one that is in the way.
    `source` is where the files are.
    """

    owner: str
    wanted: Policy | None
    source: OwnerSource = field(default_factory=OwnerSource)
    take: tuple[str, ...] = ()
    take_all: bool = False

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that the owner's files ask for."""
        return self.wanted.statements if self.wanted else ()

    @property
    def sids(self) -> frozenset[str]:
        """Their Sids."""
        return frozenset(each.sid for each in self.statements if each.sid is not None)

    def takes(self, statement: Statement) -> bool:
        """Whether a live statement that is in the way is taken over."""
        return self.take_all or statement.sid in self.take


def claims(
    share: Share, recorded: Policy | None, owners: Mapping[str, Owned], *, exclusive: bool
) -> Mapping[str, Owned]:
    """Who holds what before the plan: with `take_all` the owner has what was owned whole."""
    if exclusive and share.take_all:
        return {share.owner: Owned(recorded.statements if recorded else ())}
    return owners


@dataclass(frozen=True, slots=True)
class Held:
    """A live statement that is not the owner's, and who holds it; nobody where `by` is empty."""

    statement: Statement
    by: Holders


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of each statement of a live policy where one owner plans.

    `own` are the live statements of the owner. `kept` are those that stay because they are
    somebody else's or nobody's, `adopted` those that nobody owned and that are as the owner
    asks, `taken` those that the owner takes over. `conflicts` are in the way of what the owner
    asks for: where there are any, nothing is settled. Of these two some may not be live: what
    another owner has recorded is that owner's, though somebody has taken it away outside.
    """

    own: tuple[Statement, ...]
    kept: tuple[Held, ...]
    adopted: tuple[Statement, ...]
    taken: tuple[Held, ...]
    conflicts: tuple[Held, ...]
    after: tuple[Statement, ...]


Fate = Literal["own", "kept", "adopted", "taken", "conflict"]


def settle(live: Policy | None, owners: Mapping[str, Owned], share: Share) -> Settlement:
    """What becomes of each statement of the live policy, and all statements after; canonical.

    >>> from planner.policy.parse import parse_policy
    >>> def policy(**sids):
    ...     statements = [f'{{"Sid": "{sid}", "Effect": "Deny", "Principal": "*", "Action": '
    ...         f'"ecr:{action}", "Resource": "*"}}' for sid, action in sids.items()]
    ...     return parse_policy(f'{{"Statement": [{", ".join(statements)}]}}').policy
    >>> live = policy(Mine="PutImage", Theirs="GetImage", Console="DeleteImage")
    >>> owners = {"a": Owned(policy(Mine="PutImage").statements),
    ...     "b": Owned(policy(Theirs="GetImage").statements)}
    >>> settled = settle(live, owners, Share("a", policy(New="PutImage")))
    >>> [each.sid for each in settled.after], [sorted(each.by) for each in settled.kept]
    (['Console', 'New', 'Theirs'], [['b'], []])
    >>> settled = settle(live, owners, Share("a", policy(Theirs="PutImage")))
    >>> [each.statement.sid for each in settled.conflicts]
    ['Theirs']
    """
    found: dict[Fate, list[Held]] = {
        fate: [] for fate in ("own", "kept", "adopted", "taken", "conflict")
    }
    statements = live.statements if live else ()
    held = zip(statements, holders(statements, owners), strict=True)
    for statement, by in (*held, *_missing(statements, owners, share)):
        for fate in _fates(statement, by, share):
            found[fate].append(Held(statement, by))
    kept = tuple(found["kept"])
    return Settlement(
        own=tuple(each.statement for each in found["own"]),
        kept=kept,
        adopted=tuple(each.statement for each in found["adopted"]),
        taken=tuple(found["taken"]),
        conflicts=tuple(found["conflict"]),
        after=_together(kept, share),
    )


def _missing(
    live: tuple[Statement, ...], owners: Mapping[str, Owned], share: Share
) -> Iterator[tuple[Statement, Holders]]:
    """What others have recorded by a Sid that the owner asks for, and somebody took away outside.

    It is still theirs to put back: a Sid belongs to one owner.
    """
    free = share.sids - {each.sid for each in live}
    free -= {each.sid for each in owners.get(share.owner, Owned(())).statements}
    for name, owned in owners.items():
        for statement in owned.statements:
            if statement.sid in free:
                yield statement, frozenset((name,))


def _fates(statement: Statement, by: Holders, share: Share) -> Iterator[Fate]:
    """What a live statement is to the owner; one that several hold is own and kept."""
    others = by - {share.owner}
    if share.owner in by:
        yield "own"
        if others and statement.sid is None:
            yield "kept"
    elif statement.sid is None:
        yield "adopted" if not others and statement in share.statements else "kept"
    elif statement.sid not in share.sids:
        yield "kept"
    elif not others and statement in share.statements:
        yield "adopted"
    else:
        yield "taken" if share.takes(statement) else "conflict"


def _together(kept: tuple[Held, ...], share: Share) -> tuple[Statement, ...]:
    """Kept and wanted statements; what both have, without a Sid, is there once."""
    stays = Counter(each.statement for each in kept)
    wanted = Counter(share.statements)
    return in_canonical_order((stays | wanted).elements())


def whole(live: Policy | None, settled: Settlement, share: Share) -> Policy | None:
    """The policy after, of the kept and the wanted statements; None where none is left.

    Version and Id are nobody's: they stay as they are where anything is kept.
    Raises ValueError where the owner's statements have policy variables by another Version than
    the kept ones.
    """
    if not settled.after:
        return None
    wanted = share.wanted
    if not settled.kept or live is None:
        own = wanted or Policy(())
        id_ = own.id or (live.id if live else None)
        return Policy(settled.after, meant_version(_of(settled.after, own)), id_)
    kept = _of(tuple(each.statement for each in settled.kept), live)
    if wanted and _has_variables(wanted):
        if _has_variables(kept) and meant_version(wanted) != meant_version(kept):
            raise ValueError(f"{meant_version(kept)} and {meant_version(wanted)}")
        if not _has_variables(kept):
            return Policy(settled.after, meant_version(wanted), live.id)
    return Policy(settled.after, meant_version(kept), live.id)


def owners_after(
    owners: Mapping[str, Owned], share: Share, settled: Settlement
) -> dict[str, Owned]:
    """The owners once the plan is applied; what differs has yet to get its serial and time.

    What was taken over is no longer its former owner's. An owner whose own plan leaves nothing
    is forgotten.
    """
    taken = {each.statement.sid for each in settled.taken}
    found = {}
    for name, owned in owners.items():
        left = tuple(each for each in owned.statements if each.sid is None or each.sid not in taken)
        found[name] = owned if left == owned.statements else Owned(left, owned.source)
    now, before = share.statements, owners.get(share.owner)
    source = share.source.or_known(before)
    if before is None or (before.statements, before.source) != (now, source):
        found[share.owner] = Owned(now, source)
    if not now:
        found.pop(share.owner, None)
    return dict(sorted(found.items()))


def _of(statements: tuple[Statement, ...], policy: Policy) -> Policy:
    return Policy(statements, policy.version, policy.id)


def _has_variables(policy: Policy) -> bool:
    return "${" in serialize(policy)
