"""Everything that planner reads back, damaged in every member: an answer, or a planner error."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from planner.config.parse import parse_settings
from planner.errors import PlannerError
from planner.lint.check import check
from planner.ownership.owned import Owned, OwnerSource
from planner.plans.build import Desired, Known, build_plan
from planner.plans.file import load_plan
from planner.plans.source import Source, SourceFile, StateRef
from planner.plans.view import checksum, plan_text, plan_view
from planner.policy.parse import parse_policy
from planner.records.journal import Journal, PolicyWrite, load_journal
from planner.records.lock import Lock, load_lock, locked_error
from planner.records.snapshot import Record, load_snapshot, next_snapshot
from planner.records.view import addresses_view, locks_view, snapshot_view
from planner.registry import RAISED
from planner.render.formats import format_names, render
from planner.render.interface import Look, View
from tests.support.hostile import HERE, NOW
from tests.support.mutants import a_mutant, mutants
from tests.support.policies import document, parsed, policy, statement

BAD_TEXTS = (
    "",
    "[]",
    "1",
    '{"a": 1, "a": 2}',
    "[" * 600 + "]" * 600,
    "[" * 100_000,
    '{"version": Infinity}',
    '{"version": NaN}',
    '{"version": 1e999}',
    '{"version": ' + "9" * 5000 + "}",
    "\ufeff{}",
    '{"version": 2',
)


class Kind(NamedTuple):
    """A document: one that is sound, and what reads it and then uses what it has read."""

    sound: dict[str, Any]
    write: Callable[[Any], str]
    use: Callable[[str], object]


def _draw(view: View) -> None:
    for name in format_names(view.kind):
        render(view, name, Look())


def _plan() -> Kind:
    text = document(
        statement("A", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}),
        statement("B", "222233334444", Action="ecr:*"),
    )
    after = parse_policy(text)
    source = Source(
        "files",
        (SourceFile("a.json", "0" * 64),),
        vars={"x": "111122223333"},
        settings=SourceFile("planner.toml", "1" * 64),
    )
    known = Known(
        registry=HERE,
        live="ecr",
        now="2026-11-23T22:37:57Z",
        state=StateRef("a-lineage", 7, "s3://bucket/"),
        accounts={"111122223333": "build"},
        origins={"region": "AWS_REGION"},
        endpoint="http://127.0.0.1:5566",
        scope=RAISED,
    )
    desired = Desired(after.policy, source, tuple(check(after, HERE, "V1")), after.places)
    before, recorded = parsed(document(statement("A"))), policy(statement("C"))
    sound = plan_view(build_plan(desired, before, recorded, known))
    sound.pop("checksum")

    def write(value: Any) -> str:
        if isinstance(value, dict):
            value = {**value, "checksum": checksum(value)}
        return json.dumps(value)

    def use(text: str) -> None:
        plan = load_plan(text.encode(), "plan.json")
        plan_text(plan).encode()
        _draw(View("plan", plan_view(plan)))

    return Kind(sound, write, use)


def _records() -> dict[str, Kind]:
    record = Record(policy(statement("A")), "a" * 64, "an ARN", "then", "planner 1", 0, "why")
    first = next_snapshot(None, HERE, record, "a-lineage")
    record = replace(
        record, owner="a", verdict="both", summary={"add": 1, "change": 2, "destroy": 3}
    )
    owned = Owned(policy(statement("A")).statements, OwnerSource("example.com/a", "planner.toml"))
    snapshot = next_snapshot(first, HERE, record, "", {"a": owned})
    write = PolicyWrite(policy(statement("B")), snapshot.policy, "{}")
    journal = Journal((write,), snapshot)
    lock = Lock("0123456789", "an ARN", "a host", "apply", NOW, NOW + timedelta(seconds=60))

    def use_snapshot(text: str) -> None:
        found = load_snapshot(text, "a place")
        found.to_text().encode()
        _draw(View("snapshot", snapshot_view(found)))
        _draw(View("addresses", addresses_view([(HERE, found)])))

    def use_journal(text: str) -> None:
        found = load_journal(text, "a place", HERE)
        found.describe().encode()
        found.to_text().encode()

    def use_lock(text: str) -> None:
        found = load_lock(text, "a place")
        found.to_text().encode()
        _draw(View("locks", locks_view([("1/a", found)], NOW)))
        locked_error(HERE, found)

    return {
        "snapshot": Kind(snapshot.to_json(), json.dumps, use_snapshot),
        "journal": Kind(json.loads(journal.to_text()), json.dumps, use_journal),
        "lock": Kind(json.loads(lock.to_text()), json.dumps, use_lock),
    }


def toml_text(value: Any) -> str:
    """A TOML text of plain values, tables in braces; null is written as it is, and is no TOML."""
    if not isinstance(value, dict):
        return _toml(value)
    return "".join(f"{json.dumps(key)} = {_toml(each)}\n" for key, each in value.items())


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


SETTINGS: dict[str, Any] = {
    "policy": "registry_policy.json",
    "state": "s3://bucket/",
    "region": "us-west-2",
    "profile": "p",
    "endpoint_url": "http://127.0.0.1:5566",
    "account_id": "444455556666",
    "lock_timeout": "30s",
    "lock_lease": "60s",
    "scope": "V2",
    "vars": {"x": "y"},
    "s3": {"region": "us-west-2", "kms_key_id": "k"},
    "accounts": {"111122223333": "build"},
    "guard": {"public": "refuse", "removal-limit": 5},
    "lint": {"disable": ["old-version"], "allow": [{"rule": "r", "statement": "s", "reason": "w"}]},
}

KINDS: dict[str, Kind] = {
    "plan": _plan(),
    **_records(),
    "settings": Kind(SETTINGS, toml_text, lambda text: parse_settings(text.encode())),
}


def damaged(kind: str) -> Iterator[tuple[str, str]]:
    """All damaged texts of a kind, each with what was done to it."""
    found = KINDS[kind]
    yield from ((f"the text {text[:20]!r}", text) for text in BAD_TEXTS)
    for name, value in mutants(found.sound):
        yield name, found.write(value)


def a_damaged(rng: random.Random) -> tuple[str, str]:
    """A kind, and a damaged text of it."""
    kind = rng.choice(list(KINDS))
    found = KINDS[kind]
    return kind, found.write(a_mutant(rng, found.sound))


def is_taken(kind: str, text: str) -> bool:
    """Whether a text is read and used, and not refused with an error for people."""
    try:
        KINDS[kind].use(text)
    except PlannerError:
        return False
    return True
