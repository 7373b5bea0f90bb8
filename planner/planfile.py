"""Reading a plan file back: nothing in it is believed that does not follow from the rest."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from planner.diff.patch import apply_patch
from planner.errors import InvalidPolicyError, PlannerError
from planner.plan import FORMAT_VERSION, Plan, Source, StateRef, checksum
from planner.policy.canonical import canonicalise
from planner.policy.document import JsonObject, Policy
from planner.policy.json_text import MAX_BYTES, parse_json
from planner.policy.parse import parse_policy
from planner.registry import ACCOUNT_ID, REGION, Registry

_T = TypeVar("_T")
_AGAIN = "Make the plan again with `planner plan --out FILE`."


def load_plan(data: bytes, name: str) -> Plan:
    """The plan in `data`, the content of the file `name`.

    Raises PlannerError where it is no plan, is damaged, was edited or is of another format.
    """
    document = _document(data, name)
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        raise PlannerError(
            f"{name} has plan format {version}; this planner reads format {FORMAT_VERSION}.",
            "It was written by another version of planner.",
            _AGAIN,
        )
    content = {key: value for key, value in document.items() if key != "checksum"}
    if document.get("checksum") != checksum(content):
        raise _damaged(name, "its checksum does not fit its content")
    try:
        plan = _plan(document)
        patched = apply_patch(_get(document, "patch", list), document.get("before"))
    except (_MalformedError, InvalidPolicyError, ValueError) as error:
        raise _damaged(name, str(error)) from error
    # The patch is judged by what it does: other releases of jsonpatch may write it otherwise.
    rebuilt = {**plan.to_json(), "patch": document["patch"], "checksum": document["checksum"]}
    wrong = [key for key in {**rebuilt, **document} if rebuilt.get(key) != document.get(key)]
    if patched != document["after"]:
        wrong.append("patch")
    if wrong:
        raise _damaged(name, f"`{wrong[0]}` does not follow from the rest")
    return plan


class _MalformedError(Exception):
    """A member of the plan file is missing or has another type."""


def _damaged(name: str, why: str) -> PlannerError:
    detail = f"{why[:1].upper()}{why[1:]}. It was damaged, edited, or written by another version."
    return PlannerError(f"{name} is not an intact plan.", detail, _AGAIN)


def _document(data: bytes, name: str) -> JsonObject:
    if len(data) > MAX_BYTES:
        raise _no_plan(name, "It is larger than any plan.")
    try:
        tree, problems, _ = parse_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise _no_plan(name, "It is not UTF-8 text.") from None
    if tree is None or problems:
        first = problems[0]
        where = f"line {first.line}, column {first.column}"
        raise _no_plan(name, f"It is not valid JSON: {first.message} at {where}.")
    keys = tree.keys()
    if "plan_id" not in keys:
        if "Statement" in keys:
            hint = (
                f"Plan it first: planner plan {name} --out plan.json, then planner apply plan.json"
            )
            raise PlannerError(f"{name} is a policy, not a saved plan.", "", hint)
        raise _no_plan(name, "It has no `plan_id`.")
    try:
        document: JsonObject = json.loads(data)
    except ValueError as error:
        raise _no_plan(name, f"{error}.") from None
    return document


def _no_plan(name: str, why: str) -> PlannerError:
    hint = "Name a file that `planner plan --out FILE` has written."
    return PlannerError(f"{name} is not a saved plan.", why, hint)


def _get(document: Any, key: str, kind: type[_T]) -> _T:
    value = document.get(key) if isinstance(document, dict) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _MalformedError(f"`{key}` is missing or of the wrong type")
    return value


def _optional(document: Any, key: str, kind: type[_T]) -> _T | None:
    return None if document.get(key) is None else _get(document, key, kind)


def _plan(document: JsonObject) -> Plan:
    registry = _registry(_get(document, "registry", dict))
    source = _optional(document, "source", dict)
    state = _get(document, "state", dict)
    notes = _get(document, "notes", list)
    live = _get(document, "live", str)
    if _get(document, "mode", str) != "exclusive" or document.get("owner") is not None:
        raise _MalformedError("`mode` is not `exclusive`")
    return Plan(
        registry=registry,
        source=None
        if source is None
        else Source(_get(source, "file", str), _get(source, "sha256", str)),
        state=StateRef(_optional(state, "lineage", str), _get(state, "serial", int)),
        live="ecr" if live == "ecr" else "file",
        recorded=_policy(document, "recorded", registry),
        before=_policy(document, "before", registry),
        after=_policy(document, "after", registry),
        notes=tuple(str(note) for note in notes),
        created_at=_get(document, "created_at", str),
        tool=_get(document, "tool", str),
    )


def _registry(document: JsonObject) -> Registry:
    registry = Registry(
        _get(document, "partition", str),
        _get(document, "account_id", str),
        _get(document, "region", str),
    )
    if not ACCOUNT_ID.fullmatch(registry.account_id) or not REGION.fullmatch(registry.region):
        raise _MalformedError("`registry` names no account and Region")
    return registry


def _policy(document: JsonObject, key: str, registry: Registry) -> Policy | None:
    value = document.get(key)
    if value is None:
        return None
    policy = parse_policy(json.dumps(value), key).policy
    return canonicalise(policy, registry.partition)
