"""Ways to break planner's comparison: each a rule of IAM that it then does not know.

They change what the comparison is given, or what it answers, and so know nothing of how it
works.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.oracle import adapter
from tests.oracle.evaluator import Json, as_list
from tests.oracle.measure import Comparing


def _each_statement(change: Callable[[Json], Json | None]) -> Comparing:
    def broken(policy: Json | None) -> Json | None:
        if policy is None:
            return None
        found = copy.deepcopy(policy)
        changed = [change(each) for each in as_list(found["Statement"])]
        found["Statement"] = [each for each in changed if each is not None]
        return found if found["Statement"] else None

    def comparing(before: Json | None, after: Json | None, *place: str) -> Json:
        account, region, scope = place
        return adapter.compared(broken(before), broken(after), account, region, scope)

    return comparing


def _each_condition(change: Callable[[str, str, Any], tuple[str, str, Any] | None]) -> Comparing:
    def broken(statement: Json) -> Json:
        found: Json = {}
        for operator, block in statement.pop("Condition", {}).items():
            for key, values in block.items():
                if changed := change(operator, key, values):
                    found.setdefault(changed[0], {})[changed[1]] = changed[2]
        return {**statement, "Condition": found} if found else statement

    return _each_statement(broken)


def _operator(old: str, new: str) -> Comparing:
    return _each_condition(lambda operator, *more: (operator.replace(old, new), *more))


def _renamed(old: str, new: str) -> Callable[[Json], Json]:
    return lambda statement: {new if key == old else key: each for key, each in statement.items()}


def _lower(values: Any) -> Any:
    return [str(each) if "$" in str(each) else str(each).lower() for each in as_list(values)]


def _of_current_version(before: Json | None, after: Json | None, *place: str) -> Json:
    account, region, scope = place
    old, new = (policy and {**policy, "Version": "2012-10-17"} for policy in (before, after))
    return adapter.compared(old, new, account, region, scope)


def _always_equivalent(before: Json | None, after: Json | None, *place: str) -> Json:
    rows: Json = {name: [] for name in ("gained", "lost", "denied", "released", "unknown")}
    return {"verdict": "equivalent", **rows}


def _swapped(before: Json | None, after: Json | None, *place: str) -> Json:
    account, region, scope = place
    return adapter.compared(after, before, account, region, scope)


def _without_context(before: Json | None, after: Json | None, *place: str) -> Json:
    account, region, scope = place
    found = adapter.compared(before, after, account, region, scope)
    for row in (row for name in ("gained", "lost", "denied", "released") for row in found[name]):
        row["witness"]["context"] = {}
    return found


SWITCHES: dict[str, Comparing] = {
    "ignores Deny": _each_statement(lambda each: each if each["Effect"] == "Allow" else None),
    "ignores conditions": _each_condition(lambda *_: None),
    "ignores IfExists": _operator("IfExists", ""),
    "ignores the case of values": _each_condition(lambda op, key, each: (op, key, _lower(each))),
    "takes StringLike for StringEquals": _operator("StringLike", "StringEquals"),
    "takes StringNotEquals for StringEquals": _operator("StringNotEquals", "StringEquals"),
    "takes ArnLike for StringLike": _operator("ArnLike", "StringLike"),
    "takes ForAnyValue for ForAllValues": _operator("ForAnyValue", "ForAllValues"),
    "takes NotAction for Action": _each_statement(_renamed("NotAction", "Action")),
    "takes NotResource for Resource": _each_statement(_renamed("NotResource", "Resource")),
    "takes NotPrincipal for Principal": _each_statement(_renamed("NotPrincipal", "Principal")),
    "takes every Version for the current one": _of_current_version,
    "says equivalent": _always_equivalent,
    "takes gained for lost": _swapped,
    "forgets the context of witnesses": _without_context,
}
"""By what the broken comparison does."""
