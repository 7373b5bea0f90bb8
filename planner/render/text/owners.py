"""Who owns which statements, as text for people."""

from __future__ import annotations

from planner.policy.document import JsonObject
from planner.render.interface import Look, View
from planner.render.text.terminal import Line, line
from planner.text import clean, counted

_HEADERS = ("Owner", "Statements", "Characters", "From", "Since")


def lines(view: View, _look: Look) -> list[Line]:
    """A table of the owners, and under it the statements of each."""
    document = view.document
    registry = document["registry"]
    where = f"{registry['account_id']}/{registry['region']}"
    if document["exclusive"]:
        return [line(f"{where} is owned whole by a project without an owner.")]
    if not document["owners"]:
        return [line(f"Nobody owns anything of {where}.")]
    from tabulate import tabulate  # noqa: PLC0415 - loaded only where a table is shown

    rows = [_row(each) for each in document["owners"]]
    table = tabulate(rows, _HEADERS, tablefmt="simple", disable_numparse=True)
    found = [line(("bold", where), f" · state serial {document['serial']}"), line()]
    found += [line(each) for each in table.splitlines()]
    for each in document["owners"]:
        if not each["statements"]:
            continue
        found += [line(), line(("bold", _name(each)))]
        found += [
            line(f"  {clean(one['name'])}  ", ("dim", counted(one["size"], "character")))
            for one in each["statements"]
        ]
    size = f"{document['size']:,} of {document['limit']:,} characters."
    return [*found, line(), line(f"Policy: {size}")]


def _row(owner: JsonObject) -> tuple[str, ...]:
    count = str(len(owner["statements"]))
    size = f"{owner['size']:,}"
    if owner["owner"] is None:
        return _name(owner), count, size, "-", "-"
    source = owner["source"]
    place = "-" if source["repository"] is None else f"{source['repository']} {source['path']}"
    return _name(owner), count, size, clean(place), f"{owner['at']} (serial {owner['serial']})"


def _name(owner: JsonObject) -> str:
    return clean(owner["owner"]) if owner["owner"] is not None else "unmanaged"
