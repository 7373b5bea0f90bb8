"""Holds planner's comparison of random policies against a second evaluator of requests.

Run it by `python -m tests.tools.random_pairs --pairs 100000 --seed 1 --jobs 2`. It prints a
report and ends with 1 where an answer was wrong or a witness impossible. A smallest pair for
each cause is written to random-pairs.json.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.oracle.evaluator import Json, as_list
from tests.oracle.measure import Failure, Tally, check
from tests.oracle.minimise import minimised
from tests.oracle.mutations import Pair, numbered_pair
from tests.oracle.principals import entries, parse_caller

KEPT = 60
"""So many failures of one kind and cause are made small in a run."""


def has_variables(pair: Pair) -> bool:
    """Whether a Resource of the pair has a variable."""
    return any(
        policy and policy.get("Version") == "2012-10-17" and "${" in str(_resources(policy))
        for policy in pair.policies
    )


def _resources(policy: Json) -> list[object]:
    return [each.get("Resource", each.get("NotResource")) for each in policy["Statement"]]


def features(pair: Pair) -> str:
    """What a pair is made of, to tell causes apart: principals, operators, keys, Versions."""
    found: set[str] = set()
    versions = {(policy or {}).get("Version") == "2012-10-17" for policy in pair.policies if policy}
    found |= {"two Versions"} if len(versions) > 1 else set()
    found |= {"${} in Resource"} if has_variables(pair) else set()
    for policy in pair.policies:
        for statement in as_list(policy["Statement"]) if policy else ():
            found |= (
                {f"{statement['Effect']} NotPrincipal"} if "NotPrincipal" in statement else set()
            )
            for kind, each in entries(statement.get("Principal") or statement["NotPrincipal"]):
                found.add(_kind(kind, each))
            for operator, block in statement.get("Condition", {}).items():
                for key, values in block.items():
                    variable = " ${}" if "${" in str(values) else ""
                    found.add(f"{operator} {key}{variable}")
    return "; ".join(sorted(found - {""}))


def _kind(kind: str, identifier: str) -> str:
    if kind != "AWS":
        return kind
    if identifier.startswith(("AIDA", "AROA")):
        return "unique id"
    caller = parse_caller(identifier)
    return "" if caller is None or caller.kind in ("anonymous", "root") else caller.kind


def _run(job: tuple[int, int, int, int, bool]) -> tuple[Tally, Tally]:
    """The pairs of one part: those without variables in Resource, and those with."""
    seed, start, end, samples, ranks = job
    plain, variables = Tally(), Tally()
    for number in range(start, end):
        pair, rng = numbered_pair(seed, number)
        found = check(pair, rng, samples=samples, ranks=ranks)
        (variables if has_variables(pair) else plain).add(found)
    return plain, variables


def _jobs(options: argparse.Namespace) -> Iterator[tuple[int, int, int, int, bool]]:
    size = max(1, min(250, options.pairs // options.jobs))
    for start in range(0, options.pairs, size):
        end = min(start + size, options.pairs)
        yield options.seed, start, end, options.samples, options.ranks


def measured(options: argparse.Namespace) -> tuple[Tally, Tally]:
    """All pairs, in several processes."""
    plain, variables = Tally(), Tally()
    with multiprocessing.get_context("spawn").Pool(options.jobs) as workers:
        for one, other in workers.imap(_run, _jobs(options)):
            plain.add(one)
            variables.add(other)
            done = plain.pairs + variables.pairs
            print(f"\r{done:,} pairs", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return plain, variables


def _small(work: tuple[Failure, bool]) -> Failure:
    failure, ranks = work
    return minimised(failure, ranks=ranks)


def smallest(failures: list[Failure], options: argparse.Namespace) -> list[tuple[Failure, int]]:
    """A smallest pair for each cause, and how many failures had that cause; the usual first.

    A wrong answer's cause is what its smallest pair is made of.
    """
    kept: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    for each in failures:
        limit = KEPT if each.is_wrong else 1
        if len(kept[each.kind, each.why]) < limit:
            kept[each.kind, each.why].append(each)
    with multiprocessing.get_context("spawn").Pool(options.jobs) as workers:
        work = [(each, options.ranks) for group in kept.values() for each in group]
        found = workers.map(_small, work, chunksize=4)
    causes: dict[tuple[str, str], list[Failure]] = defaultdict(list)
    counts = Counter((each.kind, each.why) for each in failures)
    for each in found:
        cause = features(each.pair) if each.is_wrong else each.why
        causes[each.kind, cause].append(each)
    rows = []
    for (kind, cause), group in causes.items():
        count = len(group) if group[0].is_wrong else counts[kind, cause]
        rows.append((min(group, key=lambda each: len(str(each.pair.to_json()))), count))
    return sorted(rows, key=lambda row: (row[0].kind, -row[1]))


def report(plain: Tally, variables: Tally) -> Iterator[str]:
    """The numbers of a run as lines."""
    both = Tally()
    both.add(plain)
    both.add(variables)
    yield f"{both.pairs:,} pairs, {both.samples:,} requests: {dict(both.verdicts.most_common())}"
    for kind in ("wrong verdict", "wrong witness", "crash", "impossible witness", "open witness"):
        pairs = len({id(each.pair) for each in both.failures if each.kind == kind})
        yield f"{kind}: {both.count(kind):,} in {pairs:,} pairs"
    yield f"the requests met {both.met:,} of the {both.told:,} directions that verdicts told of"
    for name, each in (("all", both), ("without ${} in Resource", plain), ("with", variables)):
        share = each.verdicts["unknown"] / max(1, each.pairs)
        yield f"unknown, {name}: {each.verdicts['unknown']:,} of {each.pairs:,}, {share:.2%}"
        for reason, count in each.doubts.most_common():
            yield f"    {count:6,} {reason}"


def main() -> int:
    """Runs, prints the report, and writes the smallest pairs."""
    parser = argparse.ArgumentParser(prog="random_pairs", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--samples", type=int, default=40, help="random requests for a pair")
    parser.add_argument(
        "--without-ranks", dest="ranks", action="store_false", help="take denied for not said here"
    )
    parser.add_argument("--out", type=Path, default=Path("random-pairs.json"))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    plain, variables = measured(options)
    print("\n".join(report(plain, variables)), flush=True)
    failures = [*plain.failures, *variables.failures]
    if not failures:
        return 0
    rows = smallest(failures, options)
    for failure, count in rows:
        cause = features(failure.pair) if failure.is_wrong else failure.why
        print(f"{count:6,} {failure.kind}: {failure.why if failure.is_wrong else ''} {cause}")
    found = [{"count": count, **failure.to_json()} for failure, count in rows]
    options.out.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"The smallest pairs are in {options.out}.")
    return int(any(each.kind != "open witness" for each in failures))


if __name__ == "__main__":
    sys.exit(main())
