"""What an import would do, as text for people."""

from __future__ import annotations

from collections.abc import Sequence

from planner.policy.document import JsonObject
from planner.render.interface import Look, View
from planner.render.text.plan import reached_lines
from planner.render.text.terminal import Line, line
from planner.text import clean, counted


def lines(view: View, _look: Look) -> list[Line]:
    """The statements that are recorded and written, each with its address."""
    told = view.document
    registry = told["registry"]
    where = f"{registry['account_id']} / {registry['region']}"
    whose = f" · owner {told['owner']}" if told["owner"] else ""
    head = line(("bold", "planner import"), f" · {where}{whose}")
    found = [head, *reached_lines(told), line()]
    files = ", ".join(clean(each) for each in told["files"])
    if not told["records"] and not told["written"]:
        found.append(line(("bold", "Nothing to import."), " The state and the files lack nothing."))
    if told["records"]:
        found += [line("The state records, as it is live:"), *_listed(told["recorded"]), line()]
    if told["written"]:
        found += [line(f"Written into {clean(told['into'])}:"), *_listed(told["written"]), line()]
    if told["differing"]:
        found += [
            line(f"{files} has these otherwise, and they stay so; the next plan shows how:"),
            *_listed(told["differing"]),
            line(),
        ]
    if told["kept"]:
        others = counted(told["kept"], "other live statement")
        then = "" if told["owner"] else "; the next plan takes what the files lack away"
        found.append(line(("dim", f"({others} not imported{then})")))
    return found


def _listed(statements: Sequence[JsonObject]) -> list[Line]:
    if not statements:
        return [line("  no statement")]
    return [
        line("  ", ("add", "+"), f" {clean(each['address'])}  ", ("dim", each["effect"]))
        for each in statements
    ]
