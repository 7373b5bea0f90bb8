"""Access as text for people, from its view. Nothing is decided here."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, Span, Style, line
from planner.render.words import (
    DENIED_BESIDE,
    OTHERS_TOO,
    SIDES,
    UNDER_V2,
    actions_text,
    for_one,
    own_account_text,
    principal_text,
    recorded_text,
    resource_text,
)
from planner.text import clean, word

_COLUMN = 44
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|#&]")
_STYLES: Mapping[str, Style] = {
    "gained": "add",
    "lost": "remove",
    "denied": "remove",
    "released": "add",
}
_NONE: Mapping[str, str] = {}


def lines(view: View, _look: Look) -> list[Line]:
    """The screen of `planner access`."""
    return grants_lines(view.document)


def grants_lines(document: JsonObject, *, form: str = "simple") -> list[Line]:
    """What one policy allows as a table, and what is not known.

    `form` is a format of tabulate's; `pipe` is Markdown.
    """
    rows, unknown, accounts = document["access"], document["unknown"], document["accounts"]
    denied = document["denied"]
    registry = registry_of(document)
    found: list[Line] = []
    if told := document["recorded"]:
        found = [line(("dim", recorded_text(told, told["as_of"]))), line()]
    if not rows and not unknown:
        found.append(line("Nobody: no statement allows anything that is asked for."))
    if rows:
        found += [line(each) for each in _table(rows, registry, accounts, form=form)]
    if any(row["cross_account"] for row in rows):
        found += [line(), line(("dim", OTHERS_TOO))]
    if own := document["own_account"]:
        found += [line(), line(("dim", own_account_text(own)))]
    if denied:
        found += [line()] if found else []
        found.append(line(("remove", DENIED_BESIDE)))
        table = _table(denied, registry, accounts, can=SIDES["denied"].column, form=form)
        found += list(map(line, table))
    if unknown:
        found += [line(), *_unknown(unknown, registry, accounts)]
    if document["assumes_v2"]:
        found += [line(), line(("dim", UNDER_V2))]
    return found


def registry_of(document: JsonObject) -> Registry | None:
    """The registry that a view is about, None where it is not known."""
    registry = document["registry"]
    return Registry(**registry) if registry else None


def access_lines(
    document: JsonObject,
    registry: Registry | None = None,
    accounts: Mapping[str, str] = _NONE,
    *,
    every_witness: bool = False,
) -> list[Line]:
    """The tables of what is gained and lost, what is not known, and the verdict.

    `document` has what `Comparison.to_json()` gives. One witness is told, or that of each row.
    """
    found: list[Line] = []
    for key, side in SIDES.items():
        if rows := document[key]:
            found.append(line((_STYLES[key], side.title)))
            table = _table(rows, registry, accounts, can=side.column)
            found += [line(f"  {each}") for each in table]
            found.append(line())
    if any(row["cross_account"] for row in document["gained"]):
        found += [line(("dim", OTHERS_TOO)), line()]
    if document["unknown"]:
        found += _unknown(document["unknown"], registry, accounts)
    verdict: Span = ("bold", f"Verdict: {document['verdict']}.")
    said = [
        witness_text(row, registry, accounts, verb=side.verb)
        for key, side in SIDES.items()
        for row in document[key]
    ]
    if every_witness:
        return [*found, line(verdict), *(line(f"  {each}.") for each in said)]
    return [*found, line(verdict, f" {for_one(said[0])}" if said else "")]


def _table(
    rows: Sequence[JsonObject],
    registry: Registry | None,
    accounts: Mapping[str, str],
    *,
    can: str = "Can",
    form: str = "simple",
) -> list[str]:
    """Rows as the lines of a table; public ones say so. In Markdown no cell can end a column."""
    from tabulate import tabulate  # noqa: PLC0415 - loaded only where a table is shown

    cells = [row_cells(row, registry, accounts) for row in rows]
    if form == "pipe":
        cells = [[_MARKDOWN.sub(r"\\\g<0>", each) for each in row] for row in cells]
    else:
        cells = [[who, _wrapped(what), where, _wrapped(when)] for who, what, where, when in cells]
    headers = ("Principal", can, "On", "Condition")
    return tabulate(cells, headers, tablefmt=form, disable_numparse=True).splitlines()


def _wrapped(cell: str) -> str:
    """The text on several lines of a cell, so that no table is wider than it must be."""
    return textwrap.fill(cell, _COLUMN, break_long_words=False, break_on_hyphens=False)


def row_cells(row: JsonObject, registry: Registry | None, accounts: Mapping[str, str]) -> list[str]:
    """Who, what, where, under which condition."""
    principal = principal_text(row["principal"]["kind"], row["principal"]["id"], accounts)
    return [
        f"{principal} (public)" if row["public"] else principal,
        actions_text(row["actions"]),
        resource_text(row["resource"], registry),
        clean("; ".join(row["condition"])) if row["condition"] else "-",
    ]


def witness_text(
    row: JsonObject, registry: Registry | None, accounts: Mapping[str, str], *, verb: str
) -> str:
    """One request in a sentence: who can now do what, into or on which resource."""
    witness = row["witness"]
    kind, name = _caller(row, witness["principal"])
    action = witness["action"]
    where = "into" if action == "ecr:ReplicateImage" else "on"
    resource = resource_text(witness["resource"], registry)
    context = ", ".join(
        f"{clean(key)} {word(value) if isinstance(value, str) else ' and '.join(map(word, value))}"
        for key, value in witness["context"].items()
    )
    given = f", with {context}" if context else ""
    who = principal_text(kind, name, accounts)
    if row["principal"]["kind"] == "everyone" and kind != "anonymous":
        who = f"anyone, such as {who},"
    if row["principal"]["kind"] == "attached":
        who = "whoever has the policy"
    return f"{who} {verb} {clean(action)} {where} {resource or word('')}{given}"


def _caller(row: JsonObject, principal: str) -> tuple[str, str]:
    """The kind and the name of a witness's principal."""
    if principal == "*":
        return "anonymous", "*"
    kind = row["principal"]["kind"]
    return ("account" if kind in ("everyone", "root", "own") else kind), principal


def _unknown(
    doubts: Sequence[JsonObject], registry: Registry | None, accounts: Mapping[str, str]
) -> list[Line]:
    found = [line(("warn", "Not known"))]
    for doubt in doubts:
        parts = []
        if doubt["principal"]:
            named = doubt["principal"]
            parts.append(principal_text(named["kind"], named["id"], accounts))
        if doubt["resource"] is not None:
            parts.append(f"on {resource_text(doubt['resource'], registry)}")
        parts.extend(f"if {clean(each)}" for each in doubt["condition"] or ())
        subject = ", ".join(parts)
        reason = clean(doubt["reason"])
        found.append(line(f"  {subject}: {reason}" if subject else f"  {reason}"))
    return [*found, line()]
