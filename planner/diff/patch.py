"""The JSON Patch (RFC 6902) that leads from one policy to another, made by jsonpatch."""

from __future__ import annotations

import copy
from typing import Any

from planner.policy.document import JsonObject, Policy, policy_json
from planner.policy.opaque import AnyPolicy, OpaquePolicy

Patch = list[JsonObject]


def document_of(policy: AnyPolicy) -> Any:
    """The JSON document a patch works on: the policy, or null where there is none.

    Of one that cannot be read it is the text, a string.
    """
    if isinstance(policy, OpaquePolicy):
        return policy.text
    return None if policy is None else policy_json(policy)


def make_patch(before: AnyPolicy, after: Policy | None) -> Patch:
    """The patch from one canonical policy to another; empty where they are equal.

    It opens with a `test` of the whole document before, so it applies to that one alone.

    >>> make_patch(None, None)
    []
    >>> from planner.policy.document import Policy
    >>> make_patch(Policy((), "2012-10-17"), None)[1]
    {'op': 'replace', 'path': '', 'value': None}
    """
    if before == after:
        return []
    old, new = document_of(before), document_of(after)
    test: JsonObject = {"op": "test", "path": "", "value": old}
    if not isinstance(old, dict) or new is None:
        return [test, {"op": "replace", "path": "", "value": new}]
    import jsonpatch  # noqa: PLC0415 - loaded only where a patch is made

    return [test, *jsonpatch.make_patch(old, new).patch]


def apply_patch(patch: Patch, document: Any) -> Any:
    """A copy of `document` with the patch applied.

    Raises ValueError where a test fails or the patch does not fit the document.

    >>> operations = [{"op": "test", "path": "/a", "value": 1}, {"op": "remove", "path": "/a"}]
    >>> apply_patch(operations, {"a": 1, "b": 2})
    {'b': 2}
    >>> apply_patch(operations, {"a": 2})
    Traceback (most recent call last):
        ...
    ValueError: 2 (<class 'int'>) is not equal to tested value 1 (<class 'int'>)
    """
    import jsonpatch  # noqa: PLC0415
    import jsonpointer  # noqa: PLC0415

    try:
        return jsonpatch.JsonPatch(patch).apply(copy.deepcopy(document))
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
        raise ValueError(str(error)) from error
