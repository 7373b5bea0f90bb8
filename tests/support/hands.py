"""Many hands on one registry, in simple words: what must be live, recorded and shown.

A statement is a pair of its Sid, or None, and whom it lets in: an account, a ROLE, or what ECR
shows of that once the role is GONE. The model knows of each
owner the pairs that it has recorded, and decides by nothing else; it shares no code with planner.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

ROLE, GONE = "role", "gone"
Pair = tuple[str | None, str]
Owners = dict[str, frozenset[Pair]]


class RefusedError(Exception):
    """The plan must be refused: something of somebody else's is in its way."""


@dataclass(frozen=True)
class Wish:
    """What an owner asks for: the statements of its files, and what it takes over."""

    owner: str
    wanted: frozenset[Pair]
    take: frozenset[str] = frozenset()
    take_all: bool = False

    @property
    def sids(self) -> set[str]:
        return {sid for sid, _ in self.wanted if sid is not None}

    def takes(self, sid: str) -> bool:
        return self.take_all or sid in self.take


@dataclass(frozen=True)
class Effect:
    """What must follow of a wish: the live policy, who holds what, and what was taken of whom."""

    before: Counter[Pair]
    after: Counter[Pair]
    mine: Counter[Pair]
    taken: frozenset[tuple[Pair, frozenset[str]]]
    owners: Owners

    @property
    def turned(self) -> tuple[set[str], set[str]]:
        """The accounts that are let in by it, and those that are no longer."""
        old, new = ({account for _, account in each} for each in (self.before, self.after))
        return new - old, old - new


@dataclass
class Model:
    """What is live, and what the state holds of it: a serial of 0 stands for no state."""

    live: Counter[Pair] = field(default_factory=Counter)
    recorded: Counter[Pair] = field(default_factory=Counter)
    owners: Owners = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)
    serial: int = 0
    is_exclusive: bool = False

    def copy(self) -> Model:
        return replace(
            self,
            live=Counter(self.live),
            recorded=Counter(self.recorded),
            owners=dict(self.owners),
            since=dict(self.since),
        )

    def claims(self, wish: Wish) -> Owners:
        """Who has recorded what; who takes all has what was one project's alone."""
        if self.is_exclusive and wish.take_all:
            return {wish.owner: frozenset(self.recorded)}
        return self.owners

    def untouched(self, wish: Wish) -> Counter[Pair]:
        """What would be live if nobody had touched it outside."""
        claims, recorded = self.claims(wish), self.recorded
        nobodys = {each: n for each, n in recorded.items() if not whose(each, claims, recorded)}
        return Counter(nobodys) + Counter(set[Pair]().union(*claims.values()))

    def effect(self, wish: Wish) -> Effect:
        """What must follow of a wish. Raises RefusedError."""
        if self.is_exclusive and self.recorded and not wish.take_all:
            raise RefusedError
        claims = self.claims(wish)
        mine, stays = Counter[Pair](), Counter[Pair]()
        taken = set[tuple[Pair, frozenset[str]]]()
        away = {(sid, body) for own in claims.values() for sid, body in own}
        away = {each for each in away if each[0] not in {sid for sid, _ in self.live}}
        for pair, count in [*self.live.items(), *((each, 0) for each in away)]:
            sid, by = pair[0], whose(pair, claims, self.live)
            if wish.owner in by:
                mine[pair] += count
                if sid is None and by != {wish.owner}:
                    stays[pair] += count
            elif sid is None or sid not in wish.sids:
                stays[pair] += count
            elif by or pair not in wish.wanted:
                if not wish.takes(sid):
                    raise RefusedError
                taken.add((pair, frozenset(by)))
        after = +stays | Counter(wish.wanted)
        gone = {pair[0] for pair, _ in taken}
        owners = {
            name: frozenset(each for each in own if each[0] is None or each[0] not in gone)
            for name, own in claims.items()
        }
        owners[wish.owner] = wish.wanted
        if not wish.wanted:
            del owners[wish.owner]
        return Effect(Counter(self.live), after, +mine, frozenset(taken), owners)

    def record(self, owners: Owners, recorded: Counter[Pair], *, whole: bool = False) -> None:
        """The state is written; `whole` by a project without an owner."""
        self.serial += 1
        before = {} if self.is_exclusive else self.owners
        self.since = {
            name: self.since[name] if before.get(name) == own else self.serial
            for name, own in owners.items()
        }
        self.owners, self.recorded, self.is_exclusive = dict(owners), Counter(recorded), whole

    def in_the_way(self, wish: Wish) -> frozenset[str]:
        """The Sids that the owner asks for, and somebody else has."""
        claims = self.claims(wish)
        theirs = {each for own in claims.values() for each in own}
        return frozenset(
            sid
            for sid, body in [*self.live, *theirs]
            if sid in wish.sids
            and wish.owner not in (by := whose((sid, body), claims, self.live))
            and (by or (sid, body) not in wish.wanted)
        )


def whose(pair: Pair, owners: Owners, live: Counter[Pair]) -> set[str]:
    """Who has a statement: by its Sid whoever has that, without one whoever has the same."""
    sid, _ = pair
    found = {
        name
        for name, own in owners.items()
        if (pair in own if sid is None else any(sid == each for each, _ in own))
    }
    if not found and pair == (None, GONE) and (None, ROLE) not in live:
        return whose((None, ROLE), owners, live)
    return found
