"""What a plan's JSON says of a registry that several owners share."""

from __future__ import annotations

from collections.abc import Iterable

from planner.diff.changes import statements_of
from planner.diff.patch import document_of
from planner.ownership.claims import holders
from planner.ownership.owned import owners_json
from planner.ownership.settle import Held
from planner.plans.plan import Plan
from planner.policy.address import address
from planner.policy.document import JsonObject, compact, statement_json


def sharing_json(plan: Plan) -> JsonObject:
    """Who owns what before the plan, what is the owner's own in it, and what is kept and taken."""
    return {
        "owners": owners_json(plan.owners),
        "own": _own(plan),
        "taken": _named(plan, plan.taken),
        "kept": _named(plan, plan.settled.kept if plan.settled else ()),
        "sizes": sizes_of(plan),
    }


def _own(plan: Plan) -> JsonObject | None:
    share, settled = plan.share, plan.settled
    if share is None or settled is None:
        return None
    return {
        "before": [statement_json(each) for each in settled.own],
        "after": document_of(share.wanted),
        "adopted": [plan.name_before(each) for each in settled.adopted],
        "source": share.source.to_json(),
        "take": list(share.take),
        "take_all": share.take_all,
    }


def _named(plan: Plan, held: Iterable[Held]) -> list[JsonObject]:
    found = [(plan.name_before(each.statement), each) for each in held]
    return [
        {
            "address": address(plan.registry, name),
            "name": name,
            "owners": sorted(each.by),
            "effect": each.statement.effect,
        }
        for name, each in found
    ]


def sizes_of(plan: Plan) -> list[JsonObject] | None:
    """How many characters of the policy after are whose, the most first; nobody's as null."""
    if plan.share is None:
        return None
    sizes: dict[str | None, int] = {}
    after = statements_of(plan.after)
    for statement, by in zip(after, holders(after, plan.owners_after or {}), strict=True):
        whose = " and ".join(sorted(by)) or None
        sizes[whose] = sizes.get(whose, 0) + len(compact(statement_json(statement)))
    order = sorted(sizes, key=lambda each: (-sizes[each], each or ""))
    return [{"owner": each, "size": sizes[each]} for each in order]
