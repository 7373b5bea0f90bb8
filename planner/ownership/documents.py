"""Owners out of stored documents: those of a snapshot and those of a plan."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from planner.ownership.owned import OWNER_NAME, Owned, OwnerSource
from planner.policy.canonical import CURRENT_VERSION, canonicalise
from planner.policy.document import Statement
from planner.policy.parse import parse_policy

_T = TypeVar("_T")
_MAX_SERIAL = 2**53


def owners_from(document: Any, partition: str) -> dict[str, Owned]:
    """What each owner holds, by name, as `owners_json` gave it.

    Raises ValueError, KeyError, TypeError or InvalidPolicyError for another document.
    """
    owners = {}
    for name, each in _of(dict, document).items():
        if not OWNER_NAME.fullmatch(name):
            raise ValueError("no name of an owner")
        serial = _of(int, each["serial"])
        if not 0 <= serial <= _MAX_SERIAL:
            raise ValueError("no serial")
        source = OwnerSource(*(_text(each["source"][key]) for key in ("repository", "path")))
        statements = _statements(_of(list, each["statements"]), partition)
        owners[name] = Owned(statements, source, serial, _of(str, each["at"]))
    return owners


def _statements(documents: list[Any], partition: str) -> tuple[Statement, ...]:
    if not documents:
        return ()
    text = json.dumps({"Version": CURRENT_VERSION, "Statement": documents})
    return canonicalise(parse_policy(text).policy, partition).statements


def _text(value: Any) -> str | None:
    return None if value is None else _of(str, value)


def _of(kind: type[_T], value: Any) -> _T:
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise TypeError(f"no {kind.__name__}")
