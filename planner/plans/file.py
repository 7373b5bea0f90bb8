"""Reading a plan file back: nothing in it is believed that does not follow from the rest."""

from __future__ import annotations

import json
import shlex
from typing import Any, TypeVar

from planner.diff.patch import apply_patch, document_of
from planner.errors import InvalidPolicyError, PlannerError
from planner.guard.settings import Guard, guard_from
from planner.lint.finding import Finding, finding_from
from planner.plans.plan import FORMAT_VERSION, Plan, Source, StateRef, checksum
from planner.policy.canonical import canonicalise
from planner.policy.document import JsonObject, Policy
from planner.policy.parse import parse_policy
from planner.registry import Registry
from planner.text import json_value

_T = TypeVar("_T")
MAX_PLAN_BYTES = 16 * 1_048_576
"""The largest plan file read, in bytes: a plan holds its policy many times over."""
_AGAIN = "Make the plan again with `planner plan --out FILE`."


def is_plan(data: bytes) -> bool:
    """Whether the data looks like a plan file, intact or not."""
    try:
        document = _document(data, "")
    except PlannerError:
        return False
    return {"format_version", "checksum"} <= document.keys()


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
        # The patch is judged by what it does: other releases of jsonpatch may write it otherwise.
        rebuilt = {**plan.to_json(), "patch": document.get("patch")}
        rebuilt["checksum"] = document["checksum"]
        wrong = [key for key in {**rebuilt, **document} if _differs(key, rebuilt, document)]
        if not wrong and plan.patch != document["patch"] and not _leads(plan, document["patch"]):
            wrong.append("patch")
    except (_MalformedError, InvalidPolicyError, ValueError) as error:
        raise _damaged(name, str(error)) from error
    if wrong:
        raise _damaged(name, f"`{wrong[0]}` does not follow from the rest")
    return plan


def _differs(key: str, rebuilt: JsonObject, document: JsonObject) -> bool:
    return key not in rebuilt or key not in document or rebuilt[key] != document[key]


def _leads(plan: Plan, patch: Any) -> bool:
    """Whether another patch leads from before to after; `copy` could make it grow at will."""
    operations = _get({"patch": patch}, "patch", list)
    kinds = {each.get("op") if isinstance(each, dict) else None for each in operations}
    if not kinds <= {"test", "add", "remove", "replace", "move"}:
        return False
    return bool(apply_patch(operations, document_of(plan.before)) == document_of(plan.after))


class _MalformedError(Exception):
    """A member of the plan file is missing or has another type."""


def _damaged(name: str, why: str) -> PlannerError:
    detail = f"{why[:1].upper()}{why[1:]}. It was damaged, edited, or written by another version."
    return PlannerError(f"{name} is not an intact plan.", detail, _AGAIN)


def _document(data: bytes, name: str) -> JsonObject:
    if len(data) > MAX_PLAN_BYTES:
        raise _no_plan(name, "It is larger than any plan.")
    try:
        document = json_value(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise _no_plan(name, "It is not UTF-8 text.") from None
    except (ValueError, RecursionError) as error:
        raise _no_plan(name, f"It is not valid JSON: {error}.") from None
    if not isinstance(document, dict) or "plan_id" not in document:
        if isinstance(document, dict) and "Statement" in document:
            command = shlex.join(["planner", "plan", name, "--out", "plan.json"])
            hint = f"Plan it first: {command}, then planner apply plan.json"
            raise PlannerError(f"{name} is a policy, not a saved plan.", "", hint)
        raise _no_plan(name, "It has no `plan_id`.")
    if "lineage" in document:
        raise _no_plan(name, "It is a snapshot of planner's state.")
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
    findings = tuple(map(_finding, _get(document, "findings", list)))
    live = _get(document, "live", str)
    if _get(document, "mode", str) != "exclusive" or document.get("owner") is not None:
        raise _MalformedError("`mode` is not `exclusive`")
    return Plan(
        registry=registry,
        source=None
        if source is None
        else Source(_get(source, "file", str), _get(source, "sha256", str)),
        state=_state(state, document),
        live="ecr" if live == "ecr" else "file",
        recorded=_policy(document, "recorded", registry),
        before=_policy(document, "before", registry),
        after=_policy(document, "after", registry),
        notes=tuple(str(note) for note in notes),
        created_at=_get(document, "created_at", str),
        tool=_get(document, "tool", str),
        findings=findings,
        guard=_guard(_get(document, "guard", dict)),
        accounts=_accounts(_get(document, "accounts", dict)),
    )


def _guard(document: JsonObject) -> Guard:
    try:
        return guard_from(document)
    except (KeyError, TypeError, ValueError) as error:
        raise _MalformedError("`guard` is not of its form") from error


def _accounts(document: JsonObject) -> dict[str, str]:
    return {account: _get(document, account, str) for account in document}


def _finding(document: JsonObject) -> Finding:
    try:
        return finding_from(document)
    except (KeyError, TypeError, ValueError) as error:
        raise _MalformedError("`findings` has something that is none") from error


def _state(state: JsonObject, document: JsonObject) -> StateRef:
    found = StateRef(_optional(state, "lineage", str), _get(state, "serial", int))
    exists = found.serial > 0 and found.lineage is not None
    empty = found == StateRef() and document.get("recorded") is None
    if not exists and not empty:
        raise _MalformedError("`state` and `recorded` do not fit each other")
    return found


def _registry(document: JsonObject) -> Registry:
    try:
        return Registry(
            _get(document, "partition", str),
            _get(document, "account_id", str),
            _get(document, "region", str),
        )
    except PlannerError as error:
        raise _MalformedError(error.summary) from error


def _policy(document: JsonObject, key: str, registry: Registry) -> Policy | None:
    value = document.get(key)
    if value is None:
        return None
    policy = parse_policy(json.dumps(value), key).policy
    return canonicalise(policy, registry.partition)
