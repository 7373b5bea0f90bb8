"""Access as text for people, from the JSON view of a comparison. Nothing is decided here."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.text.terminal import Line, Style, line
from planner.render.words import actions_text, principal_text, resource_text
from planner.text import clean, word

ACROSS = "Other accounts are allowed here; their own IAM must allow it too."
_COLUMN = 44
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|#&]")
_NONE: Mapping[str, str] = {}


def access_lines(
    view: JsonObject,
    registry: Registry | None = None,
    accounts: Mapping[str, str] = _NONE,
    *,
    every_witness: bool = False,
) -> list[Line]:
    """The tables of what is gained and lost, what is not known, and the verdict.

    `view` is `Comparison.to_json()`. One witness is told, or that of each row.
    """
    lines: list[Line] = []
    for key, title, can, style in (
        ("gained", "Access gained", "Can now", "add"),
        ("lost", "Access lost", "Could", "remove"),
    ):
        rows = view[key]
        if rows:
            table = grants_table(rows, registry, accounts, can=can)
            lines.append(line((_style(style), title)))
            lines.extend(line(f"  {each}") for each in table)
            lines.append(line())
    if any(row["cross_account"] for row in view["gained"]):
        lines += [line(("dim", ACROSS)), line()]
    lines += _unknown(view["unknown"], registry, accounts)
    said = [*_said(view, registry, accounts)]
    first = line(("bold", f"Verdict: {view['verdict']}."), f" For one, {said[0]}." if said else "")
    if not every_witness:
        return [*lines, first]
    lines.append(line(("bold", f"Verdict: {view['verdict']}.")))
    return [*lines, *(line(f"  {each}.") for each in said)]


def _style(style: str) -> Style:
    return "add" if style == "add" else "remove"


def grants_table(
    rows: Sequence[JsonObject],
    registry: Registry | None,
    accounts: Mapping[str, str],
    *,
    can: str = "Can",
    form: str = "simple",
) -> list[str]:
    """Rows as the lines of a table; public ones say so.

    `form` is a format of tabulate's; in `pipe`, which is Markdown, no cell can end a column.
    """
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


def _said(view: JsonObject, registry: Registry | None, accounts: Mapping[str, str]) -> list[str]:
    return [
        witness_text(row, registry, accounts, can=can)
        for key, can in (("gained", "can now"), ("lost", "can no longer"))
        for row in view[key]
    ]


def witness_text(
    row: JsonObject, registry: Registry | None, accounts: Mapping[str, str], *, can: str
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
    return f"{who} {can} {clean(action)} {where} {resource or word('')}{given}"


def _caller(row: JsonObject, principal: str) -> tuple[str, str]:
    """The kind and the name of a witness's principal."""
    if principal == "*":
        return "anonymous", "*"
    kind = row["principal"]["kind"]
    return ("account" if kind in ("everyone", "root") else kind), principal


def _unknown(
    doubts: Sequence[JsonObject], registry: Registry | None, accounts: Mapping[str, str]
) -> list[Line]:
    if not doubts:
        return []
    lines = [line(("warn", "Not known"))]
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
        lines.append(line(f"  {subject}: {reason}" if subject else f"  {reason}"))
    return [*lines, line()]
