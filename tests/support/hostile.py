"""Texts that a terminal or a CI runner would obey, everywhere that others can write a text."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from planner.access.answer import Words, answer, question_of
from planner.access.compare import compare
from planner.access.query import Filters, granted
from planner.access.view import access_view, comparison_view, decision_view
from planner.cli.output import Output, show
from planner.diff.authors import Authorship, Edit, Step
from planner.errors import PlannerError
from planner.lint.check import check, of_problems
from planner.lint.scope import ScopeReport
from planner.lint.view import findings_view
from planner.ownership.owned import Owned, OwnerSource
from planner.plans.build import Desired, Known, build_plan
from planner.plans.source import Source, SourceFile, StateRef
from planner.plans.view import plan_view
from planner.policy.canonical import canonicalise
from planner.policy.opaque import OpaquePolicy
from planner.policy.parse import ParsedPolicy, find_problems
from planner.records.diff_view import recorded_diff_view
from planner.records.drift import Drift, drift_view
from planner.records.lock import Lock
from planner.records.snapshot import Record, next_snapshot
from planner.records.view import addresses_view, history_view, locks_view, snapshot_view
from planner.registry import Registry, ScopeChange
from planner.render.formats import format_names
from planner.render.interface import View
from tests.support.policies import REPOSITORY, document, statement

HERE = Registry("aws", "444455556666", "us-west-2")
NOW = datetime(2026, 11, 23, 22, 37, 57, tzinfo=UTC)
PIECES = (
    "::error::x",
    "\n::stop-commands::x\n",
    "##[group]x",
    "###[add-mask]x",
    "#",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[x]",
    "\r",
    "\x1b[31m",
    "\x1b[2K",
    "\x9b2K",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u2028",
    "\U000e0041",
    "\0",
    "\t",
    "  ",
    "a",
    "|",
    "`",
    "${",
    '"',
    "\\",
    ",",
    "é",
)
_STYLES = re.compile(r"\x1b\[(?:[0-2]|3[1-3])m")
_ANNOTATION = re.compile(r"::(error|warning|notice) (?:file|title)=[^\n]*")


def a_text(rng: random.Random) -> str:
    """A text of hostile pieces."""
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 5)))


def obeyed(text: str, *, coloured: bool = False, annotations: bool = False) -> list[str]:
    """What in a text a terminal or a runner would obey, or a reader not see; nothing of it is
    wanted.
    """
    plain = _STYLES.sub("", text) if coloured else text
    found = [
        f"U+{ord(char):04X}"
        for char in plain
        if char not in "\n "
        and (unicodedata.category(char)[0] in "CZ" or unicodedata.category(char) == "Mn")
    ]
    found += re.findall(r"##[\w.-]*\[", plain)
    for line in plain.split("\n"):
        if line.lstrip().startswith("::") and not (annotations and _ANNOTATION.fullmatch(line)):
            found.append(line)
    return found


def a_policy(rng: random.Random) -> str:
    """A policy whose every text may be hostile."""

    def some(usual: str) -> str:
        return rng.choice((usual, usual + a_text(rng), a_text(rng)))

    return document(
        *(
            statement(
                some("A"),
                Effect=rng.choice(("Allow", "Deny")),
                Principal={"AWS": [some("111122223333"), "222233334444"]},
                Action=[some("ecr:ReplicateImage"), "ecr:BatchGetImage"],
                Resource=[some(f"{REPOSITORY}a"), f"{REPOSITORY}b*"],
                Condition={some("StringEquals"): {some("aws:PrincipalOrgID"): some("o-1")}},
            )
            for _ in range(rng.randrange(1, 3))
        ),
        Id=some("id"),
        **({a_text(rng): 1} if rng.random() < 0.1 else {}),
    )


def views(rng: random.Random) -> list[View]:
    """A view of every kind that shows others' texts, made as the commands make them."""
    name = rng.choice(("p.json", a_text(rng)))
    before, after = (find_problems(a_policy(rng), name) for _ in range(2))
    if not isinstance(before, ParsedPolicy) or not isinstance(after, ParsedPolicy):
        problems = before if isinstance(before, list) else after
        assert isinstance(problems, list)
        return [View("findings", findings_view(of_problems(problems), 1))]
    accounts = {"111122223333": a_text(rng)}
    findings = check(after, HERE, "V2")
    question = question_of(Words("111122223333", "ecr:ReplicateImage", "aa"), HERE, accounts)
    decision = answer(after.policy, question, HERE, None)
    raising = compare(before.policy, before.policy, HERE, "V1", "V2")
    scope = ScopeReport(HERE, "V1", "V2", rng.random() < 0.5, name, after, raising, accounts)
    grants = granted(after.policy, HERE, Filters())
    old, new = (canonicalise(each.policy) for each in (before, after))
    source = Source("files", (SourceFile(name, "0" * 64),), vars={"x": a_text(rng)})
    known = Known(
        registry=HERE,
        live="ecr",
        now="2026-11-23T22:37:57Z",
        state=StateRef(a_text(rng), 7, a_text(rng)),
        accounts=accounts,
        origins={"region": a_text(rng)},
        endpoint=a_text(rng),
        scope=ScopeChange("V2", "V2"),
    )
    desired = Desired(after.policy, source, tuple(findings), after.places)
    plan = build_plan(desired, before.policy, old, known)
    back = replace(plan, source=Source("rollback", serial=6))
    unread = build_plan(desired, OpaquePolicy(a_text(rng), a_text(rng)), old, known)
    record = Record(new, a_text(rng), a_text(rng), a_text(rng), a_text(rng), 0, a_text(rng))
    record = replace(record, owner=a_text(rng), verdict=a_text(rng))
    first = next_snapshot(None, HERE, replace(record, policy=old), a_text(rng))
    snapshot = next_snapshot(first, HERE, record, "", {"a": Owned((), OwnerSource(a_text(rng)))})
    lock = Lock(a_text(rng), a_text(rng), a_text(rng), a_text(rng), NOW, NOW + timedelta(1))
    damaged = PlannerError(a_text(rng), a_text(rng))
    step = Step(Edit(*(a_text(rng) for _ in range(4))), old, rng.random() < 0.5)
    drift = Drift(snapshot, old, a_text(rng), known.origins, a_text(rng), accounts, "V2")
    drift = replace(
        drift,
        authorship=Authorship(new, old, [step], is_complete=True),
        notes=(a_text(rng),),
    )
    opaque = replace(drift, live=OpaquePolicy(a_text(rng), a_text(rng)), authorship=None)
    return [
        View("findings", findings_view(findings, 1)),
        View("access", access_view(grants, HERE, accounts)),
        View("scope", scope.to_json()),
        View("decision", decision_view(decision, after, HERE, None)),
        View("comparison", comparison_view(compare(old, new, HERE), HERE)),
        View("plan", plan_view(plan)),
        View("plan", plan_view(back)),
        View("plan", plan_view(unread)),
        View("drift", drift_view(drift)),
        View("drift", drift_view(opaque)),
        View("snapshot", snapshot_view(snapshot, "2026-11-25T00:00:00Z")),
        View("history", history_view(HERE, [snapshot, damaged])),
        View("recorded_diff", recorded_diff_view(first, snapshot, accounts, None)),
        View("addresses", addresses_view([(HERE, snapshot), (HERE, damaged)])),
        View("locks", locks_view([(a_text(rng), lock), ("1/a", damaged)], NOW)),
    ]


def assert_inert(view: View, *, coloured: bool) -> None:
    """Prints a view in each of its formats, and finds nothing in it that anybody obeys."""
    for name in format_names(view.kind):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            show(view, Output(name), saved_as="::error::##[x]\r")
        text = printed.getvalue()
        found = obeyed(text, coloured=coloured, annotations=name == "github")
        assert not found, (view.kind, name, found)
        if name == "json":
            assert json.loads(text) == json.loads(json.dumps(view.document))
        elif name == "sarif":
            assert json.loads(text)["version"] == "2.1.0"
