"""A plan's public JSON as text for people. Nothing is computed here, only worded.

The lines that tools read keep Terraform's grammar: `# ADDRESS will be created`,
`Plan: 1 to add, 0 to change, 0 to destroy.`, `No changes.`
"""

from __future__ import annotations

import json
import shlex
import textwrap
from collections.abc import Sequence

from planner.plans.plan_id import SHORT_ID
from planner.policy.document import JsonObject
from planner.registry import Registry
from planner.render.interface import Look, View
from planner.render.text.access import access_lines
from planner.render.text.assertions import plan_lines
from planner.render.text.findings import finding_lines
from planner.render.text.guard import stop_lines
from planner.render.text.sharing import sharing_lines, size_lines
from planner.render.text.terminal import WIDTH, Line, Span, line
from planner.render.text.wanted import (
    cause_text,
    findings_title,
    matching_text,
    resolution_text,
    title,
)
from planner.render.words import (
    HELD_AGAINST_ALL,
    authors_text,
    origins_text,
    place_text,
    refused_text,
    rolled_back_text,
)
from planner.text import clean, word

_SIGN: dict[str, Span] = {
    "create": ("add", "+"),
    "update": ("change", "~"),
    "delete": ("remove", "-"),
}
_VERB: dict[str, tuple[str, Span]] = {
    "create": ("will be ", ("add", "created")),
    "update": ("will be ", ("change", "updated in-place")),
    "delete": ("will be ", ("remove", "destroyed")),
}
_STEPS = {
    "review": "Compared with a saved policy: to review, not to apply.",
    "nothing": "There is nothing to apply.",
}
_QUOTED = ("Sid", "Effect", "Version", "Id")


def lines(view: View, look: Look) -> list[Line]:
    """The whole screen of a plan."""
    plan = view.document
    found = [*_header(plan), line(), *_opaque(plan), *_drift(plan)]
    if plan["next"]["writes"]:
        found += [*_changes(plan), *_access(plan), _counts(plan)]
    else:
        found += _no_changes(plan)
    found += sharing_lines(plan, every=look.every)
    found += _apart(_guard(plan), found)
    found += _apart(plan_lines(plan), found)
    for note in plan["notes"]:
        first, *rest = textwrap.wrap(clean(note), WIDTH - 6) or [""]
        found += [line(("warn", "Note: "), first), *(line("      ", each) for each in rest)]
    if plan["notes"]:
        found.append(line())
    if plan["source"]["kind"] == "rollback" and plan["next"]["step"] != "nothing":
        left = textwrap.wrap(rolled_back_text(plan["source"]["serial"]), WIDTH)
        found += [*(line(("warn", each)) for each in left), line()]
    if plan["findings"]:
        found += [line(("bold", findings_title(plan))), *finding_lines(plan["findings"]), line()]
    return [*found, *_footer(plan, look)]


def _access(plan: JsonObject) -> list[Line]:
    return [*access_lines(plan["access"], Registry(**plan["registry"]), plan["accounts"]), line()]


def _guard(plan: JsonObject) -> list[Line]:
    stops = plan["guard"]["stops"]
    if not stops:
        return []
    return [*stop_lines(stops, Registry(**plan["registry"]), plan["accounts"]), line()]


def _apart(told: list[Line], found: list[Line]) -> list[Line]:
    """What is told, with an empty line between it and what was found before."""
    return [line(), *told] if told and found[-1] != line() else told


def _header(plan: JsonObject) -> list[Line]:
    registry = plan["registry"]
    serial = plan["state"]["serial"]
    parts = [
        f"{registry['account_id']} / {registry['region']}",
        f"owner {plan['owner']}" if plan["owner"] else "exclusive",
        f"state serial {serial}" if serial else "no state yet",
    ]
    head = line(("bold", title(plan)), "".join(f" · {part}" for part in parts))
    return [head, *reached_lines(plan)]


def reached_lines(view: JsonObject) -> list[Line]:
    """Where account and Region came from, and where ECR was called, if not at AWS."""
    lines: list[Line] = []
    if said := origins_text(view["origins"]):
        lines.append(line("  ", ("dim", f"{said[:1].upper()}{said[1:]}.")))
    if view["endpoint"]:
        where = clean(view["endpoint"])
        lines.append(line("  ", ("warn", "Not AWS:"), f" ECR was called at {where}."))
    return lines


def _opaque(plan: JsonObject) -> list[Line]:
    """That the live policy cannot be read, with its text."""
    text = plan["before"]
    if not isinstance(text, str):
        return []
    serial = plan["state"]["serial"]
    outside = f"changed outside planner since serial {serial}: " if serial else ""
    told = f"{outside}the live policy is one that this planner cannot read."
    return [
        line(("warn", "Warning: "), f"{told[:1].upper()}{told[1:]}"),
        line("  Its grammar may be newer than this planner. It is compared by its text, and apply"),
        line("  replaces the whole of it. What it allows and denies, and so what is lost, is not"),
        line("  known. This is the text:"),
        line(),
        *(
            line("    ", ("remove", f"- {part}"))
            for each in text.rstrip("\n").split("\n")
            for part in _parts(clean(each))
        ),
        line(),
    ]


def _parts(text: str) -> list[str]:
    """A line of text, cut where it is too long for the screen."""
    width = WIDTH - 6
    return [text[at : at + width] for at in range(0, len(text), width)] or [""]


def _drift(plan: JsonObject) -> list[Line]:
    if not plan["drift"]:
        return []
    serial = plan["state"]["serial"]
    lines = [line(("warn", f"Changed outside planner since serial {serial}:"))]
    for change in plan["drift"]:
        lines += moved_line(change, f"  ({resolution_text(plan, change)})")
        lines += author_lines(change)
    return [*lines, line()]


def moved_line(change: JsonObject, remark: str = "") -> list[Line]:
    """A change that somebody else made, with a remark; of an update what differs as well."""
    address = clean(change["address"])
    lines = [line("  ", _SIGN[change["action"]], f" {address}", ("dim", remark))]
    if change["action"] == "update":
        for element in change["elements"]:
            lines += _element_update(element, "      ")
    return lines


def author_lines(change: JsonObject) -> list[Line]:
    """Who made a change outside planner, where that was asked."""
    told = authors_text(change["who"]) if change["who"] else []
    return [line("      ", ("dim", each)) for each in told]


def moved_lines(changes: Sequence[JsonObject]) -> list[Line]:
    """Changes that somebody else made."""
    return [each for change in changes for each in moved_line(change)]


def _no_changes(plan: JsonObject) -> list[Line]:
    message = matching_text(plan)
    if plan["next"]["records"]:
        records = line("Apply records the live policy in the state.")
        return [_counts(plan), line(message), records, line()]
    return [line(("bold", "No changes."), f" {message}"), line()]


def _changes(plan: JsonObject) -> list[Line]:
    lines = [line("planner will perform the following actions:"), line(), *_scope(plan)]
    for change in plan["changes"]:
        lines += [*_change(change, cause_text(plan, change)), line()]
    if plan["after"] is None:
        lines += [line("  No statement is left: the registry policy itself is deleted."), line()]
    if plan["unchanged"]:
        noun = "statement" if plan["unchanged"] == 1 else "statements"
        lines += [line(("dim", f"  ({plan['unchanged']} unchanged {noun} hidden)")), line()]
    if len(plan["changes"]) > 1:
        lines += [*_table(plan), line()]
    return lines


def _scope(plan: JsonObject) -> list[Line]:
    """The raise of the scope, as what it is, and what it does until the policy is written."""
    scope, between = plan["scope"], plan["access_between"]
    if scope["before"] == scope["after"]:
        return []
    step = f" Registry policy scope: {scope['before']} -> {scope['after']}"
    told = textwrap.wrap(HELD_AGAINST_ALL, WIDTH - 4)
    return [
        line("  ", _SIGN["update"], ("bold", step)),
        *(line("    ", each) for each in told),
        line(),
        *(_between(plan, between) if between and between["verdict"] != "equivalent" else []),
    ]


def _between(plan: JsonObject, access: JsonObject) -> list[Line]:
    words = "Until the policy is written, the live one counts in full:"
    told = access_lines(access, Registry(**plan["registry"]), plan["accounts"])
    return [
        line("  ", ("warn", words)),
        line(),
        *(line("  ", *each) if each else each for each in told),
        line(),
    ]


def _counts(plan: JsonObject) -> Line:
    count = plan["summary"]
    counts = f" {count['add']} to add, {count['change']} to change, {count['destroy']} to destroy."
    return line(("bold", "Plan:"), counts)


def _change(change: JsonObject, cause: str) -> list[Line]:
    to_be, verb = _VERB[change["action"]]
    place = f"{place_text(change['place'])} " if change["place"] else ""
    return [
        line("  ", ("bold", f"# {clean(change['address'])} {to_be}"), verb),
        line("  ", ("dim", f"# {place}({cause})")),
        *_annotation_lines(change),
        *change_lines(change),
    ]


def _annotation_lines(change: JsonObject) -> list[Line]:
    if not change["annotation"]:
        return []
    return [line("  ", ("dim", f"# {_annotation(change['annotation'])}"))]


def change_lines(change: JsonObject) -> list[Line]:
    """The elements of a statement that comes or goes, or those of it that differ."""
    lines: list[Line] = []
    action = change["action"]
    if action == "update":
        for element in change["elements"]:
            lines += _element_update(element, "  ")
        count = change["unchanged_elements"]
        if count:
            noun = "element" if count == 1 else "elements"
            lines.append(line("    ", ("dim", f"({count} unchanged {noun} hidden)")))
        return lines
    return [*lines, *whole_lines(change)]


def whole_lines(change: JsonObject, indent: str = "  ") -> list[Line]:
    """The elements of a statement that comes or goes."""
    width = max(len(element["name"]) for element in change["elements"])
    found: list[Line] = []
    for element in change["elements"]:
        found += _element_whole(element, change["action"], width, indent)
    return found


def _annotation(said: JsonObject) -> str:
    """`contact: build@example.com, ticket: SEC-12, expires 2027-01-01`."""
    parts = [f"{name}: {clean(said[name])}" for name in ("contact", "ticket") if said[name]]
    return ", ".join([*parts, *([f"expires {said['expires']}"] if said["expires"] else [])])


def _value(element: str, value: str | None) -> str:
    """A value as a reader sees it; what is not written as JSON cannot hold a space."""
    if value is None:
        return "(empty list)"
    if element in _QUOTED or element.startswith("Condition"):
        return json.dumps(value)
    if element in ("Principal", "NotPrincipal"):
        kind, space, identifier = value.partition(" ")
        return f"{kind} {word(identifier) if space else '(empty list)'}"
    return word(value)


def _element_whole(element: JsonObject, action: str, width: int, indent: str) -> list[Line]:
    """An element of a statement that comes or goes: `+ Action = ecr:A, ecr:B`."""
    name, (style, sign) = clean(element["name"]), _SIGN[action]
    values = [_value(element["name"], each) for each in element["added"] or element["removed"]]
    head = f"{sign} {name:<{width}} = "
    if len(indent) + len(head) + len(", ".join(values)) <= WIDTH:
        return [line(indent, (style, head + ", ".join(values)))]
    space = " " * len(head)
    return [
        line(indent, (style, (space if index else head) + value))
        for index, value in enumerate(values)
    ]


def _element_update(element: JsonObject, indent: str) -> list[Line]:
    """An element that differs: its values one by one, the unchanged ones counted."""
    name, action = clean(element["name"]), element["action"]
    added = [_value(element["name"], value) for value in element["added"]]
    removed = [_value(element["name"], value) for value in element["removed"]]
    if action == "replace":
        return _replaced(name, removed[0], added[0], indent)
    style, sign = _SIGN[action]
    if action != "update" and len(values := added or removed) == 1:
        return [line(indent, (style, f"{sign} {name} = {values[0]}"))]
    lines = [line(indent, (style, sign), f" {name}")]
    lines += [line(indent, "    ", ("add", f"+ {value}")) for value in added]
    lines += [line(indent, "    ", ("remove", f"- {value}")) for value in removed]
    if element["unchanged"]:
        hidden = f"({element['unchanged']} unchanged hidden)"
        lines.append(line(indent, "      ", ("dim", hidden)))
    return lines


def _replaced(name: str, old: str, new: str, indent: str) -> list[Line]:
    if len(indent) + len(name) + len(old) + len(new) + 9 <= WIDTH:
        head = line(indent, _SIGN["update"], f" {name} = ")
        return [(*head, ("remove", old), ("plain", " -> "), ("add", new))]
    return [
        line(indent, _SIGN["update"], f" {name}"),
        line(indent, "    ", ("remove", f"- {old}")),
        line(indent, "    ", ("add", f"+ {new}")),
    ]


def _table(plan: JsonObject) -> list[Line]:
    """All changes once more, one row each."""
    from tabulate import tabulate  # noqa: PLC0415 - loaded only where a table is shown

    rows = []
    for change in plan["changes"]:
        name, effect = clean(change["name"]), change["effect"] or "-"
        rows.append((_SIGN[change["action"]][1], name, effect, change["cause"]))
    headers = ("", "Statement", "Effect", "Cause")
    table = tabulate(rows, headers, tablefmt="simple", disable_numparse=True)
    return [line("  ", row) for row in table.splitlines()]


def _footer(plan: JsonObject, look: Look) -> list[Line]:
    text = plan["after_text"]
    size = f"{text['size']:,} of {text['limit']:,} characters"
    policy = "none" if plan["after"] is None else size
    saved = f" Saved to {clean(look.saved_as)}" if look.saved_as else ""
    return [
        line(f"Policy: {policy}.{saved}"),
        *size_lines(plan),
        line(f"Plan id: {plan['plan_id'][:SHORT_ID]}. {_next_step(plan, look)}"),
    ]


def _next_step(plan: JsonObject, look: Look) -> str:
    step, source = plan["next"]["step"], plan["source"]
    if step == "refused":
        return refused_text(plan["next"]["refused_by"], "it")
    if step != "apply":
        return _STEPS[step]
    if not look.saved_as and source["kind"] == "rollback":
        words = shlex.join([str(source["serial"]), *look.again, "--out"])
        return f"To apply it, save it: planner rollback {clean(words)} FILE"
    destroy = ["--destroy"] if source["kind"] == "destroy" else []
    made_again = [*look.again, *destroy, "--expect", plan["plan_id"][:SHORT_ID]]
    target = clean(shlex.join([look.saved_as] if look.saved_as else made_again))
    approve = ' --approve "REASON"' if plan["next"]["wants_reason"] else ""
    return f"To apply exactly this: planner apply {target}{approve}"
