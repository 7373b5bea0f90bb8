"""planner's comparison of two policies, held against the second evaluator's answers."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.oracle import adapter
from tests.oracle.candidates import asked_of
from tests.oracle.evaluator import Call, Json, rank
from tests.oracle.generator import ACCOUNT, REGION
from tests.oracle.impossible import impossibilities
from tests.oracle.keys import KEYS
from tests.oracle.mutations import Pair
from tests.oracle.possible import Place, completions
from tests.oracle.sampler import Sampler

Comparing = Callable[[Json | None, Json | None, str, str, str], Json]
_TOLD = {"equivalent": (), "broadens": (1,), "narrows": (-1,), "both": (1, -1)}
"""The directions of differences that a verdict tells of; the others it excludes."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer of planner's that the evaluator contradicts.

    `kind` is `wrong verdict`, `wrong witness`, `impossible witness`, `open witness` or `crash`;
    `why` tells the cases of one kind apart.
    """

    kind: str
    why: str
    pair: Pair
    request: Json | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether it is false, and not only a request that nobody can send."""
        return self.kind in ("wrong verdict", "wrong witness", "crash")

    def to_json(self) -> Json:
        """The failure as a file holds it."""
        return {"kind": self.kind, "why": self.why, **self.pair.to_json(), "request": self.request}


@dataclass(slots=True)
class Tally:
    """What became of some pairs.

    Of the directions that verdicts `told` of, the random requests `met` so many: that is how
    much they can find.
    """

    pairs: int = 0
    samples: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    doubts: Counter[str] = field(default_factory=Counter)
    told: int = 0
    met: int = 0
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Counts the other too."""
        self.pairs += other.pairs
        self.samples += other.samples
        self.told += other.told
        self.met += other.met
        self.verdicts += other.verdicts
        self.doubts += other.doubts
        self.failures += other.failures

    def count(self, kind: str) -> int:
        """How many failures of a kind."""
        return sum(each.kind == kind for each in self.failures)

    @property
    def wrong(self) -> int:
        """How many answers are false."""
        return sum(each.is_wrong for each in self.failures)


def place_of(pair: Pair) -> Place:
    """The registry of the pair, of scope V2 as long as planner is not told of scopes."""
    return Place("aws", ACCOUNT, REGION, pair.scope if adapter.KNOWS_SCOPE else "V2")


def check(
    pair: Pair,
    rng: random.Random,
    *,
    samples: int = 60,
    ranks: bool = True,
    comparing: Comparing = adapter.compared,
) -> Tally:
    """Compares a pair by planner, and each of its answers by the evaluator.

    `samples` are the random requests that are tried against the verdict; with `ranks` a
    request that is denied and one of which nothing is said are different.
    """
    tally = Tally(pairs=1)
    place = place_of(pair)
    try:
        found = comparing(pair.before, pair.after, place.account, place.region, place.scope)
    except Exception as error:  # noqa: BLE001 (whatever it raises is a failure)
        tally.failures.append(Failure("crash", type(error).__name__, pair))
        tally.verdicts["crash"] += 1
        return tally
    verdict = found["verdict"]
    tally.verdicts[verdict] += 1
    tally.doubts.update({each["reason"] for each in found["unknown"]})
    tally.failures += of_witnesses(pair, found, ranks=ranks)
    sampler = Sampler(rng, pair.policies, place)
    tally.failures += _of_verdict(pair, verdict, sampler, samples, tally, ranks=ranks)
    return tally


def of_witnesses(pair: Pair, found: Json, *, ranks: bool) -> list[Failure]:
    """What is wrong with the witnesses of a comparison, once for each cause."""
    failures: dict[tuple[str, str], Failure] = {}
    directions = {"gained": 1, "lost": -1, "released": 1, "denied": -1}
    for name, direction in directions.items():
        for row in found[name]:
            for kind, why in _of_witness(pair, row["witness"], direction, ranks=ranks):
                failures.setdefault((kind, why), Failure(kind, why, pair, row["witness"]))
    return list(failures.values())


def _of_witness(
    pair: Pair, witness: Json, direction: int, *, ranks: bool
) -> Iterator[tuple[str, str]]:
    place = place_of(pair)
    calls = completions(witness, place, pair.policies)
    if not calls:
        yield "impossible witness", "no such caller"
        return
    whys = [list(impossibilities(each, place, adapter.known_actions())) for each in calls]
    possible = [call for call, why in zip(calls, whys, strict=True) if not why]
    for why in sorted(set(whys[0])) if not possible else ():
        yield "impossible witness", why
    answers = [difference(pair, each, ranks=ranks) for each in possible or calls]
    if direction in answers:
        return
    if None not in answers:
        yield "wrong witness", f"the difference is {answers[0]}, not {direction}"
    elif why := _what_is_lacking(pair, possible or calls, ranks=ranks):
        yield "impossible witness", why
    else:
        yield "open witness", "IAM's documents do not say what is decided"


def _what_is_lacking(pair: Pair, calls: list[Call], *, ranks: bool) -> str:
    """The keys that are always there, not given, and matter."""
    kind = calls[0].caller.kind
    lacking = [
        name
        for name, key in KEYS.items()
        if kind in key.always and calls[0].context.get(name, ()) is None
    ]
    for name in lacking:
        without = replace(calls[0], context={**calls[0].context, name: ()})
        if difference(pair, without, ranks=ranks) is not None:
            return f"without {name}, which is always there"
    without = replace(calls[0], context={**calls[0].context, "aws:sourceip": ()})
    if len(calls) > 1 and difference(pair, without, ranks=ranks) is not None:
        return "without an address and without a VPC"
    asked = asked_of(pair.policies)
    found = [name for name in lacking if name in asked]
    context = {**calls[0].context, **dict.fromkeys(found, ())}
    decides = difference(pair, replace(calls[0], context=context), ranks=ranks) is not None
    return f"without {', '.join(found)}, which are always there" if decides else ""


def difference(pair: Pair, call: Call, *, ranks: bool) -> int | None:
    """1 where the second policy gives the request more, -1 where less; None where left open."""
    old, new = (rank(policy, call, ranks=ranks) for policy in pair.policies)
    if old is None or new is None:
        return None
    return (new > old) - (new < old)


def _of_verdict(
    pair: Pair, verdict: str, sampler: Sampler, samples: int, tally: Tally, *, ranks: bool
) -> Iterator[Failure]:
    """A request that the verdict excludes, once for each direction."""
    seen: set[int] = set()
    for _ in range(samples):
        call = sampler.sample()
        if any(impossibilities(call, sampler.place, adapter.known_actions())):
            continue
        tally.samples += 1
        found = difference(pair, call, ranks=ranks)
        if not found or found in seen:
            continue
        seen.add(found)
        if found not in _TOLD.get(verdict, (1, -1)):
            yield Failure("wrong verdict", f"{verdict}, but {found:+d}", pair, call.to_json())
    told = _TOLD.get(verdict, ())
    tally.told += len(told)
    tally.met += len(seen & set(told))
