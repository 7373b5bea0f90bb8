"""Assertions, and whether they hold, as text for people, from their view."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.access import registry_of, witness_text
from planner.render.text.terminal import WIDTH, Line, Span, line
from planner.render.words import assertion_text, for_one, place_text
from planner.text import clean, counted

ASSERTION = "assertion"
"""The rule, in formats for tools, of what planner.toml asserts and does not hold."""
_LABELS: Mapping[str, Span] = {
    "holds": ("add", "ok"),
    "broken": ("remove", "FAILED"),
    "undecided": ("warn", "undecided"),
}
_COUNTED = {"holds": "ok", "broken": "failed", "undecided": "undecided"}
_CHANGES = {"breaks": "this plan breaks it", "repairs": "this plan repairs it"}
_VERBS = {
    "allowed": "may",
    "denied": "is denied",
    "not said": "is not allowed",
    "unknown": "may or may not",
}
_COLUMN = max(len(text) for _, text in _LABELS.values()) + 2
_NONE: Mapping[str, str] = {}


def lines(view: View, _look: Look) -> list[Line]:
    """The screen of `planner test`: every assertion, and how many hold."""
    document = view.document
    registry = registry_of(document)
    name = f"{registry.account_id} / {registry.region} · " if registry else ""
    head = line(("bold", "planner test"), f" · {name}{clean(document['policy'])}")
    return [head, line(), *_judged(document, document["assertions"]), line(), _counts(document)]


def test_lines(document: JsonObject) -> list[Line]:
    """What does not hold of a policy that was validated; nothing where all of it holds."""
    failed = [each for each in document["assertions"] if each["result"] != "holds"]
    if not failed:
        return []
    title = f"What {clean(document['settings'])} asserts of {clean(document['policy'])}:"
    return [line(), line(("bold", title)), *_judged(document, failed), line(), _counts(document)]


def _judged(document: JsonObject, judged: Sequence[JsonObject]) -> list[Line]:
    registry, accounts = registry_of(document), document["accounts"]
    return judged_lines(judged, registry, accounts, document["settings"])


def _counts(document: JsonObject) -> Line:
    counts = (
        f"{number:,} {_COUNTED[result]}"
        for result, number in document["summary"].items()
        if number or result == "holds"
    )
    return line(("bold", f"{', '.join(counts)}."))


def judged_lines(
    judged: Sequence[JsonObject],
    registry: Registry | None = None,
    accounts: Mapping[str, str] = _NONE,
    settings: str | None = None,
    *,
    indent: str = "",
) -> list[Line]:
    """Assertions with their outcomes and reasons, and a request as proof where one is broken.

    `settings` is the file that they stand in, where it is known.
    """
    found: list[Line] = []
    for each in judged:
        style, label = _LABELS[each["result"]]
        said = [assertion_text(each["assertion"], accounts), *_changed(each)]
        head = _wrapped(" ".join(said), len(indent) + _COLUMN)
        found.append(line(indent, (style, f"{label:<{_COLUMN}}"), head[0]))
        rest = [*head[1:]]
        for sentence in _told(each, registry, accounts, settings):
            rest += _wrapped(sentence, len(indent) + _COLUMN)
        found += [line(indent, " " * _COLUMN, part) for part in rest]
    return found


def plan_lines(plan: JsonObject) -> list[Line]:
    """Those of a plan that do not hold or that it repairs, and how many hold besides."""
    told = [each for each in plan["assertions"] if each["result"] != "holds" or each["change"]]
    rest = counted(len(plan["assertions"]) - len(told), "assertion")
    holding = f"{rest} {'holds' if rest.startswith('1 ') else 'hold'}."
    if not told:
        return [line(holding), line()] if plan["assertions"] else []
    settings = plan["source"]["settings"]
    found = judged_lines(
        told,
        Registry(**plan["registry"]),
        plan["accounts"],
        settings["path"] if settings else None,
        indent="  ",
    )
    more = [line("  ", ("dim", f"({holding[:-1]})"))] if len(told) < len(plan["assertions"]) else []
    return [line(("bold", "Assertions")), *found, *more, line()]


def as_findings(document: JsonObject) -> list[JsonObject]:
    """What does not hold, each as a finding at its place in the settings, for tools."""
    failed = (each for each in document["assertions"] if each["result"] != "holds")
    return [_as_finding(document, each) for each in failed]


def _as_finding(document: JsonObject, judged: JsonObject) -> JsonObject:
    assertion, accounts = judged["assertion"], document["accounts"]
    _, label = _LABELS[judged["result"]]
    return {
        "rule": ASSERTION,
        "severity": "error",
        "message": f"{label}: {assertion_text(assertion, accounts)}",
        "hint": " ".join(_told(judged, registry_of(document), accounts, None)),
        "file": document["settings"],
        "line": assertion["line"],
        "end_line": assertion["line"],
        "column": 1,
        "end_column": 1,
        "pointer": "/assert",
        "statement": "",
    }


def _changed(judged: JsonObject) -> Iterator[str]:
    if change := judged.get("change"):
        yield f"({_CHANGES[change]})"
    elif judged.get("before") == judged["result"]:
        yield "(as before this plan)"


def _told(
    judged: JsonObject,
    registry: Registry | None,
    accounts: Mapping[str, str],
    settings: str | None,
) -> Iterator[str]:
    assertion = judged["assertion"]
    place = place_text({"file": settings, "line": assertion["line"]}) if settings else ""
    reason = clean(assertion["reason"])
    yield f"{reason} ({place})" if place else f"{reason.rstrip('.')}."
    yield from _proof(judged, registry, accounts)


def _proof(
    judged: JsonObject, registry: Registry | None, accounts: Mapping[str, str]
) -> Iterator[str]:
    """The request that breaks it, and what is easily overlooked or why it is undecided."""
    if judged["witness"]:
        said = witness_text(judged, registry, accounts, verb=_VERBS[judged["says"]])
        by = f", by {clean(judged['statement'])}" if judged["statement"] else ""
        yield for_one(said + by)
    if reason := judged["reason"]:
        yield f"{clean(reason[:1].upper() + reason[1:])}."


def _wrapped(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, WIDTH - indent, break_long_words=False, break_on_hyphens=False) or [
        ""
    ]
