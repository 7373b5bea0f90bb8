"""What a plan says of a registry that several owners share, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from planner.policy.document import JsonObject
from planner.render.text.terminal import Line, line
from planner.text import clean

_NOBODY = "nobody"
_NEAR_LIMIT = 0.8
"""The share of the size limit from which a plan says whose statements take how much."""


def joined(owners: Sequence[str]) -> str:
    """The names of owners in words."""
    return " and ".join(owners) or _NOBODY


def sharing_lines(plan: JsonObject, *, every: bool) -> list[Line]:
    """What becomes of statements that are not the owner's, and whose they are.

    With `every` each of those that are kept, else how many are whose.
    """
    told = [line(("warn", each)) for each in _takeovers(plan)]
    own = plan["own"]
    if own is not None:
        told += [
            line(f"{clean(each)} is live and nobody's: it is {plan['owner']}'s from now on.")
            for each in own["adopted"]
        ]
        told += _kept(plan["kept"], every=every)
    return [*told, line()] if told else []


def _takeovers(plan: JsonObject) -> list[str]:
    own, owner = plan["own"], plan["owner"]
    if own is None:
        names = joined(sorted(plan["owners"]))
        return [f"Takes over the whole policy from {names}."] if plan["owners"] else []
    told = [
        f"{clean(each['name'])} is taken over from {joined(each['owners'])}."
        for each in plan["taken"]
    ]
    if own["take_all"] and plan["state"]["exclusive"] and plan["state"]["serial"]:
        told.append(f"{owner} takes over what a project without an owner has recorded.")
    recorded = plan["owners"].get(owner)
    if recorded and recorded["source"] != own["source"]:
        was, now = map(_place, (recorded["source"], own["source"]))
        told.append(f"The files of {owner} move from {was} to {now}.")
    return told


def _place(source: JsonObject) -> str:
    if source["repository"] is None:
        return "an unknown place"
    return clean(f"{source['path']} of {source['repository']}")


def _kept(kept: Sequence[JsonObject], *, every: bool) -> list[Line]:
    """The statements of others: how many are whose, or each of them."""
    if not kept:
        return []
    counts = Counter(joined(each["owners"]) for each in kept)
    nobodys = counts.pop(_NOBODY, 0)
    whose = [(count, f"of {name}") for name, count in sorted(counts.items())]
    whose += [(nobodys, "unmanaged")] if nobodys else []
    (count, first), *rest = whose
    noun = "statement" if count == 1 else "statements"
    told = [f"{count} {noun} {first}", *(f"{number} {each}" for number, each in rest)]
    if whose[0][1] == "unmanaged":
        told = [f"{count} unmanaged {noun}"]
    lines = [line(("dim", f"kept: {', '.join(told)}"))]
    if every:
        for each in kept:
            whom = f"({each['effect']}, {joined(each['owners'])})"
            lines.append(line("  ", ("dim", f"{clean(each['address'])}  {whom}")))
    return lines


def size_lines(plan: JsonObject) -> list[Line]:
    """Whose statements take how many characters, where the policy is near the limit."""
    text = plan["after_text"]
    if not plan["sizes"] or text["size"] <= _NEAR_LIMIT * text["limit"]:
        return []
    whose = (f"{each['owner'] or _NOBODY} {each['size']:,}" for each in plan["sizes"])
    return [line(("warn", f"  of which {', '.join(whose)}"))]
