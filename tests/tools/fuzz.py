"""Feeds what others can write to everything that reads it, for a time.

Run it by `python -m tests.tools.fuzz SECONDS [SEED]`. Bytes, JSON and mutated policies go to all
that reads a policy; damaged plans, records and settings to what reads those; hostile names and
values to all that is printed. What is not a planner error is a defect, and so is an output that a
terminal or a CI runner would obey. The input is printed, a policy kept in fuzz-failure.json.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from planner.access.compare import compare
from planner.errors import PlannerError
from planner.lint.check import check, of_problems
from planner.lint.finding import Finding
from planner.lint.view import findings_view
from planner.policy.canonical import canonicalise
from planner.policy.edit import insert_statement
from planner.policy.formatter import format_policy
from planner.policy.parse import ParsedPolicy, find_problems, parse_policy
from planner.registry import Registry
from planner.render.formats import format_names, render
from planner.render.interface import Look, View
from planner.render.text.access import access_lines
from tests.support.damaged import a_damaged, is_taken
from tests.support.hostile import assert_inert, views
from tests.support.policies import REPOSITORY, document, statement

HERE = Registry("aws", "444455556666", "us-west-2")
WORDS = (
    "Statement Version Id Sid Effect Principal NotPrincipal Action NotAction Resource NotResource "
    "Condition AWS Service Allow Deny * ecr:* ecr:Batch* ecr:?utImage 111122223333 StringEquals "
    "StringLike ForAllValues:StringLike ForAnyValue:ArnLike IpAddress Null NumericLessThan "
    "DateLessThan Bool NullIfExists aws:SourceIp aws:PrincipalArn aws:TagKeys 10.0.0.0/8 true "
    "${aws:username} ${ {{account_id}} <x> 2012-10-17 AROAABCDEFGHIJKLMNOPQ [ ( \\ % \u202e \0"
).split(" ")
WORDS += [REPOSITORY + "*", f"{REPOSITORY}a*b*c", "arn:aws:iam::111122223333:role/ci", "", " "]
SEEDS = [
    document(statement("A"), statement("B", "222233334444", Action="ecr:*")),
    document(
        statement("A", Principal="*", Condition={"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        statement(None, Effect="Deny", NotAction="ecr:Get*", Resource=f"{REPOSITORY}a*b*"),
    ),
]

NEW = parse_policy(document(statement("New"))).policy.statements[0]


def value(rng: random.Random, depth: int = 0) -> Any:
    """Any JSON value, of the words of policies."""
    kind = rng.randrange(9 if depth < 5 else 5)
    if kind < 4:
        return rng.choice(WORDS)
    if kind == 4:
        return rng.choice([None, True, False, 0, -1.5, 10**30])
    if kind < 7:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {rng.choice(WORDS): value(rng, depth + 1) for _ in range(rng.randrange(5))}


def mutated(rng: random.Random, node: Any) -> Any:
    """A copy of a JSON value in which some parts are others."""
    if rng.random() < 0.06:
        return value(rng, 3)
    if isinstance(node, dict):
        items = [(key, mutated(rng, each)) for key, each in node.items()]
        if rng.random() < 0.1:
            items.append((rng.choice(WORDS), value(rng, 3)))
        return {key: each for key, each in items if rng.random() > 0.02}
    if isinstance(node, list):
        return [mutated(rng, each) for each in node for _ in range(rng.choice((0, 1, 1, 1, 1, 2)))]
    return node


def an_input(rng: random.Random) -> bytes:
    """Bytes of one of the kinds."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.randbytes(rng.randrange(200))
    if kind == 1:
        return json.dumps({"Statement": value(rng)}).encode()
    text = json.dumps(mutated(rng, json.loads(rng.choice(SEEDS))), indent=rng.choice((None, 2)))
    data = bytearray(text.encode())
    for _ in range(rng.choice((0, 0, 1, 3)) if data else 0):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def draw(findings: list[Finding]) -> None:
    """Findings in every format that draws them."""
    for name in format_names("findings"):
        render(View("findings", findings_view(findings, 1)), name, Look())


def read(data: bytes, other: bytes) -> str:
    """Everything that reads a policy; gives the kind of what became of it."""
    parsed = find_problems(data)
    loose = find_problems(data, dialect="any")
    for read_again in (format_policy, lambda d: insert_statement(d, NEW, "x")):
        expected(read_again, data)
    if not isinstance(parsed, ParsedPolicy):
        draw(of_problems(parsed))
        return "refused" if not isinstance(loose, ParsedPolicy) else "other policy"
    draw(check(parsed, HERE, "V1"))
    check(parsed)
    second = find_problems(other)
    before = canonicalise(second.policy) if isinstance(second, ParsedPolicy) else None
    after = canonicalise(parsed.policy)
    view = compare(before, after, HERE).to_json()
    access_lines(view, HERE)
    if before is not None and before == after and view["verdict"] != "equivalent":
        raise AssertionError(view["verdict"])
    return f"policy, {view['verdict']}"


def expected(work: Callable[[bytes], object], data: bytes) -> None:
    """Runs what may refuse the data."""
    with contextlib.suppress(PlannerError):
        work(data)


def outputs(rng: random.Random) -> str:
    """Prints views with hostile texts in every format."""
    os.environ["FORCE_COLOR"] = rng.choice(("", "1"))
    for view in views(rng):
        assert_inert(view, coloured=bool(os.environ["FORCE_COLOR"]))
    return "printed"


def documents(rng: random.Random) -> str:
    """Reads a damaged plan, record or settings file."""
    kind, text = a_damaged(rng)
    return f"{kind}, {'taken' if is_taken(kind, text) else 'refused'}"


def main() -> None:
    """Runs for the given time and prints how many inputs became what."""
    seconds = float(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    rng = random.Random(seed)
    end, counts, other, slowest = time.monotonic() + seconds, Counter[str](), b"", 0.0
    while time.monotonic() < end:
        part, mine = rng.random(), rng.randrange(2**32)
        data, start = an_input(random.Random(mine)), time.process_time()
        try:
            if part < 0.8:
                counts[read(data, other)] += 1
            else:
                work = outputs if part < 0.83 else documents
                counts[work(random.Random(mine))] += 1
        except Exception:
            Path("fuzz-failure.json").write_bytes(data)
            print(f"seed {seed}, part {part:.2f} by {mine}: {data!r} after {other!r}", flush=True)
            raise
        slowest = max(slowest, time.process_time() - start)
        other = data if rng.random() < 0.5 else other
    print(f"seed {seed}: {counts.total():,} inputs, slowest {slowest:.2f} s: {dict(counts)}")


if __name__ == "__main__":
    main()
