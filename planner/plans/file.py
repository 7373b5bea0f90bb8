"""Reading a plan file back: nothing in it is believed that does not follow from the rest."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from planner.diff.authors import Authors, authors_from
from planner.diff.changes import statements_of
from planner.diff.patch import apply_patch, document_of
from planner.errors import InvalidPolicyError, OwnerError, PlannerError
from planner.guard.assertion import MOST_ASSERTIONS, Assertion, assertion_from
from planner.guard.settings import Guard, guard_from
from planner.lint.annotation import Annotation, annotation_from
from planner.lint.finding import Finding, finding_from
from planner.ownership.conflicts import settled_policy
from planner.ownership.documents import owners_from
from planner.ownership.owned import OWNER_NAME, Owned, OwnerSource
from planner.ownership.settle import Share
from planner.plans.plan import Plan
from planner.plans.source import Source, SourceFile, SourceKind, StateRef
from planner.plans.view import FORMAT_VERSION, KIND, checksum, plan_view
from planner.policy.address import StatementPlace
from planner.policy.canonical import canonicalise
from planner.policy.document import JsonObject, Policy
from planner.policy.opaque import AnyPolicy, canonical, read_any
from planner.policy.parse import parse_policy
from planner.policy.placeholders import Value
from planner.policy.wrong_document import TERRAFORM_HINT, is_terraform_state
from planner.registry import Registry, ScopeChange
from planner.text import json_value

_T = TypeVar("_T")
MAX_PLAN_BYTES = 16 * 1_048_576
"""The largest plan file read, in bytes: a plan holds its policy many times over."""
_AGAIN = "Make the plan again with `planner plan --out FILE`."
_KINDS: tuple[SourceKind, ...] = get_args(SourceKind)


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
    _check_format(document, name)
    content = {key: value for key, value in document.items() if key != "checksum"}
    if document.get("checksum") != checksum(content):
        raise _damaged(name, "its checksum does not fit its content")
    try:
        plan = _plan(document)
        # The patch is judged by what it does: other releases of jsonpatch may write it otherwise.
        rebuilt = {**plan_view(plan), "patch": document.get("patch")}
        rebuilt["checksum"] = document["checksum"]
        wrong = [key for key in {**rebuilt, **document} if _differs(key, rebuilt, document)]
        if not wrong and plan.patch != document["patch"] and not _leads(plan, document["patch"]):
            wrong.append("patch")
    except (_MalformedError, InvalidPolicyError, OwnerError, ValueError) as error:
        raise _damaged(name, str(error)) from error
    if wrong:
        raise _damaged(name, f"`{wrong[0]}` does not follow from the rest")
    return plan


def _check_format(document: JsonObject, name: str) -> None:
    """Raises PlannerError unless this planner knows the format of the plan."""
    version = document.get("format_version")
    if version == FORMAT_VERSION:
        return
    age = "another"
    if isinstance(version, int):
        age = "an older" if version < FORMAT_VERSION else "a newer"
    raise PlannerError(
        f"{name} has plan format {version}; this planner reads format {FORMAT_VERSION} alone.",
        f"{age.capitalize()} version of planner has written it, and what it shows may differ "
        "from what\nthis one would write.",
        _AGAIN,
    )


def _differs(key: str, rebuilt: JsonObject, document: JsonObject) -> bool:
    return key not in rebuilt or key not in document or rebuilt[key] != document[key]


def _leads(plan: Plan, patch: Any) -> bool:
    """Whether another patch leads from before to after; `copy` could make it grow at will."""
    operations = _get({"patch": patch}, "patch", list)
    known = ("test", "add", "remove", "replace", "move")
    if not all(isinstance(each, dict) and each.get("op") in known for each in operations):
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
    except ValueError as error:
        raise _no_plan(name, f"It is not valid JSON: {error}.") from None
    if not isinstance(document, dict) or "plan_id" not in document:
        if isinstance(document, dict) and "Statement" in document:
            command = shlex.join(["planner", "plan", name, "--out", "plan.json"])
            hint = f"Plan it first: {command}, then planner apply plan.json"
            raise PlannerError(f"{name} is a policy, not a saved plan.", "", hint)
        if is_terraform_state(document):
            raise PlannerError(f"{name} is Terraform's state, not a plan.", "", TERRAFORM_HINT)
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
    if document.get("kind") != KIND:
        raise _MalformedError(f"`kind` is not `{KIND}`")
    recorded, after = (_policy(document, key, registry) for key in ("recorded", "after"))
    scope = _get(document, "scope", dict)
    plan = Plan(
        registry=registry,
        source=_source(_get(document, "source", dict), after, document.get("owner")),
        state=_state(_get(document, "state", dict), document),
        live="ecr" if _get(document, "live", str) == "ecr" else "file",
        recorded=recorded,
        before=_before(document, registry),
        after=after,
        created_at=_get(document, "created_at", str),
        tool=_get(document, "tool", str),
        notes=tuple(map(str, _get(document, "notes", list))),
        findings=tuple(map(_finding, _get(document, "findings", list))),
        guard=_guard(_get(document, "guard", dict)),
        accounts=_texts(document, "accounts"),
        origins=_texts(document, "origins"),
        endpoint=_optional(document, "endpoint", str),
        scope=ScopeChange(_optional(scope, "before", str), _optional(scope, "after", str)),
        assertions=_assertions(_get(document, "assertions", list)),
        annotations=_annotations(_get(document, "annotations", dict)),
        share=_share(document, registry),
        owners=_owners(document, registry),
        authors=_authors(_get(document, "drift", list)),
    )
    _check_owners(plan)
    if plan.share and plan.settled:
        after = settled_policy(plan.known_before, plan.settled, plan.share, "the plan")
        if after != plan.after:
            raise _MalformedError("`after` is not what the owner asks for and what is kept")
    _check_serial(plan)
    return plan


def _check_serial(plan: Plan) -> None:
    """Raises _MalformedError unless a rollback, and it alone, names a serial to go back to."""
    source = plan.source
    if source.kind != "rollback":
        fits = source.serial is None
    else:
        fits = not source.files and source.serial in range(1, plan.state.serial)
    if not fits:
        raise _MalformedError("the `serial` of `source` does not fit the rest")


def _check_owners(plan: Plan) -> None:
    """Raises _MalformedError where the state that the plan names cannot have its owners."""
    own = plan.owners.get(plan.owner or "") if plan.state.serial else None
    is_nobodys = plan.state.serial > 0 and plan.state.exclusive and plan.owners
    if is_nobodys or plan.state.owner_serial != (own.serial if own else None):
        raise _MalformedError("`state` and `owners` do not fit each other")


def _owners(document: JsonObject, registry: Registry) -> dict[str, Owned]:
    try:
        return owners_from(_get(document, "owners", dict), registry.partition)
    except (KeyError, TypeError, ValueError) as error:
        raise _MalformedError("`owners` are not of their form") from error


def _share(document: JsonObject, registry: Registry) -> Share | None:
    """The owner's part, None where the policy is owned whole."""
    owner, own = _optional(document, "owner", str), _optional(document, "own", dict)
    if owner is None or own is None:
        if owner is not None or own is not None:
            raise _MalformedError("`owner` and `own` do not fit each other")
        return None
    if not OWNER_NAME.fullmatch(owner):
        raise _MalformedError("`owner` is no name of one")
    source = _get(own, "source", dict)
    return Share(
        owner,
        _policy(own, "after", registry),
        OwnerSource(*(_optional(source, key, str) for key in ("repository", "path"))),
        tuple(_get({"take": each}, "take", str) for each in _get(own, "take", list)),
        take_all=_get(own, "take_all", bool),
    )


def _source(source: JsonObject, after: Policy | None, owner: str | None) -> Source:
    kind = _get(source, "kind", str)
    if kind not in _KINDS:
        raise _MalformedError("`source` has no kind that there is")
    files = tuple(map(_file, _get(source, "files", list)))
    places = tuple(map(_place, _get(source, "places", list)))
    if places and not _are_places(places, len(files), after, is_shared=owner is not None):
        raise _MalformedError("`places` are not those of the statements after")
    values = _get(source, "vars", dict)
    settings = _optional(source, "settings", dict)
    return Source(
        kind=_KINDS[_KINDS.index(kind)],
        files=files,
        places=places,
        vars={name: _value(values, name) for name in values},
        settings=None if settings is None else _file(settings),
        serial=_optional(source, "serial", int),
        repository=_optional(source, "repository", str),
        commit=_optional(source, "commit", str),
    )


def _value(values: JsonObject, name: str) -> Value | None:
    if isinstance(values[name], list):
        return tuple(_get({name: each}, name, str) for each in values[name])
    return _optional(values, name, str)


def _place(document: Any) -> StatementPlace | None:
    if document is None:
        return None
    return StatementPlace(*(_get(document, key, int) for key in ("file", "index", "line")))


def _are_places(
    places: Sequence[StatementPlace | None], files: int, after: Policy | None, *, is_shared: bool
) -> bool:
    """Whether the places are one for each statement after, and each file's follow one another."""
    found = sorted((each for each in places if each), key=lambda each: (each.file, each.index))
    counted: Counter[int] = Counter()
    line = 1
    for each in found:
        if not 0 <= each.file < files or each.index != counted[each.file]:
            return False
        if each.line < (line if each.index else 1):
            return False
        counted[each.file], line = each.index + 1, each.line
    is_whole = is_shared or len(found) == len(places)
    return is_whole and len(places) == len(statements_of(after))


def _file(document: Any) -> SourceFile:
    return SourceFile(_get(document, "path", str), _get(document, "sha256", str))


def _texts(document: JsonObject, key: str) -> dict[str, str]:
    table = _get(document, key, dict)
    return {name: _get(table, name, str) for name in table}


def _guard(document: JsonObject) -> Guard:
    try:
        return guard_from(document)
    except (KeyError, TypeError, ValueError) as error:
        raise _MalformedError("`guard` is not of its form") from error


def _assertions(documents: list[Any]) -> tuple[Assertion, ...]:
    if len(documents) > MOST_ASSERTIONS:
        raise _MalformedError("`assertions` are more than are checked")
    try:
        return tuple(assertion_from(_get(each, "assertion", dict), "it") for each in documents)
    except PlannerError as error:
        raise _MalformedError(f"`assertions` has something that is none: {error}") from error


def _annotations(documents: JsonObject) -> dict[str, Annotation]:
    try:
        return {sid: annotation_from(each) for sid, each in documents.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise _MalformedError("`annotations` has something that is none") from error


def _authors(drift: list[Any]) -> tuple[Authors, ...] | None:
    if all(each.get("who") is None for each in drift if isinstance(each, dict)):
        return None
    try:
        return tuple(authors_from(each["who"]) for each in drift)
    except (KeyError, TypeError, ValueError) as error:
        raise _MalformedError("`who` is not of its form") from error


def _finding(document: JsonObject) -> Finding:
    try:
        return finding_from(document)
    except (KeyError, TypeError, ValueError) as error:
        raise _MalformedError("`findings` has something that is none") from error


def _state(state: JsonObject, document: JsonObject) -> StateRef:
    found = StateRef(
        _optional(state, "lineage", str),
        _get(state, "serial", int),
        _optional(state, "place", str),
        _optional(state, "owner_serial", int),
        exclusive=_get(state, "exclusive", bool),
    )
    exists = found.serial > 0 and found.lineage is not None
    nothing = (found.serial, found.lineage) == (0, None)
    empty = nothing and document.get("recorded") is None
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


def _before(document: JsonObject, registry: Registry) -> AnyPolicy:
    """The policy before: a text stands for one that could not be read, and still cannot."""
    text = document.get("before")
    if isinstance(text, str):
        return canonical(read_any(text, "before"), registry.partition)
    return _policy(document, "before", registry)
