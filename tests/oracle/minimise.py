"""The smallest pair that still shows a failure."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.oracle import adapter
from tests.oracle.evaluator import Json
from tests.oracle.measure import Comparing, Failure, difference, of_witnesses, place_of
from tests.oracle.mutations import Pair
from tests.oracle.possible import completions


def minimised(
    failure: Failure, *, ranks: bool = True, comparing: Comparing = adapter.compared
) -> Failure:
    """A failure of the same kind and cause with as little of both policies as shows it."""
    found = failure
    progress = True
    while progress:
        progress = False
        for smaller in _smaller(found.pair):
            again = _again(found, smaller, ranks=ranks, comparing=comparing)
            if again is not None:
                found, progress = again, True
                break
    return found


def _again(failure: Failure, pair: Pair, *, ranks: bool, comparing: Comparing) -> Failure | None:
    """The failure of another pair, if it has it too."""
    place = place_of(pair)
    try:
        found = comparing(pair.before, pair.after, place.account, place.region, place.scope)
    except Exception as error:  # noqa: BLE001 (a crash is what may be looked for)
        same = failure.kind == "crash" and type(error).__name__ == failure.why
        return replace(failure, pair=pair) if same else None
    if failure.kind == "wrong verdict" and failure.request is not None:
        said, _, wanted = failure.why.partition(", but ")
        if found["verdict"] != said:
            return None
        calls = completions(failure.request, place, pair.policies)
        answers = {difference(pair, each, ranks=ranks) for each in calls}
        return replace(failure, pair=pair) if answers == {int(wanted)} else None
    for each in of_witnesses(pair, found, ranks=ranks):
        if (each.kind, each.why) == (failure.kind, failure.why):
            return each
    return None


def _smaller(pair: Pair) -> Iterator[Pair]:
    """The pair without one part: first of both policies, then of either."""
    before, after = pair.before, pair.after
    if before and after:
        for path in sorted(set(_paths(before)) & set(_paths(after)), key=len):
            yield replace(pair, before=_without(before, path), after=_without(after, path))
    if before:
        for path in _paths(before):
            yield replace(pair, before=_without(before, path))
        yield replace(pair, before=None)
    if after:
        for path in _paths(after):
            yield replace(pair, after=_without(after, path))


def _paths(policy: Json) -> list[tuple[Any, ...]]:
    """What can be left away: statements, conditions, and values of lists."""
    found: list[tuple[Any, ...]] = []
    statements = policy["Statement"]
    for index, statement in enumerate(statements):
        if len(statements) > 1:
            found.append(("Statement", index))
        for operator, block in statement.get("Condition", {}).items():
            found.extend(("Statement", index, "Condition", operator, key) for key in block)
            for key, values in block.items():
                found.extend(_of_list(values, ("Statement", index, "Condition", operator, key)))
        for element in ("Action", "NotAction", "Resource", "NotResource"):
            found.extend(_of_list(statement.get(element), ("Statement", index, element)))
        for element in ("Principal", "NotPrincipal"):
            if isinstance(block := statement.get(element), dict):
                if len(block) > 1:
                    found.extend(("Statement", index, element, kind) for kind in block)
                for kind, values in block.items():
                    found.extend(_of_list(values, ("Statement", index, element, kind)))
    return found


def _of_list(values: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(values, list) and len(values) > 1:
        yield from ((*path, index) for index in range(len(values)))


def _without(policy: Json, path: tuple[Any, ...]) -> Json:
    found = copy.deepcopy(policy)
    node: Any = found
    for step in path[:-1]:
        node = node[step]
    del node[path[-1]]
    for statement in found["Statement"]:
        conditions = statement.get("Condition", {})
        for operator in [each for each, block in conditions.items() if not block]:
            del conditions[operator]
        if "Condition" in statement and not conditions:
            del statement["Condition"]
    return found
