"""Documents with one member of another kind each: what a damaged or hostile file may hold."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    0.5,
    "",
    "x",
    "\ud800",
    [],
    [{}],
    [[]],
    {},
    {"op": {}},
    {"": []},
)
"""A value of each kind, and some of a right kind that mean nothing."""


def mutants(document: Any) -> Iterator[tuple[str, Any]]:
    """The document with each of its members replaced by each wrong value, left out, or joined.

    Each comes with the path of what was changed.
    """
    for path in _paths(document):
        for wrong in WRONG:
            yield f"{path} = {wrong!r}", _changed(document, path, wrong)
        if path:
            yield f"{path} left out", _changed(document, path)
    for path in _paths(document):
        changed = copy.deepcopy(document)
        at = _at(changed, path)
        if isinstance(at, dict):
            at["unknown"] = 1
            yield f"{path} + unknown", changed
        elif isinstance(at, list):
            at.append(copy.deepcopy(at[0]) if at else {})
            yield f"{path} + 1", changed


def a_mutant(rng: random.Random, document: Any) -> Any:
    """The document with a few of its members, one after the other, wrong or left out."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        path = rng.choice(list(_paths(document)))
        wrong = [] if path and rng.random() < 0.2 else [rng.choice(WRONG)]
        document = _changed(document, path, *wrong)
    return document


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    # Of a list the first and the last tell what all would.
    if isinstance(value, list) and value:
        pairs = {0: value[0], len(value) - 1: value[-1]}.items()
    for key, inner in pairs:
        yield from _paths(inner, (*path, key))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def _changed(document: Any, path: tuple[Any, ...], *wrong: Any) -> Any:
    if not path:
        return copy.deepcopy(wrong[0])
    changed = copy.deepcopy(document)
    holder, key = _at(changed, path[:-1]), path[-1]
    if wrong:
        holder[key] = copy.deepcopy(wrong[0])
    else:
        del holder[key]
    return changed
