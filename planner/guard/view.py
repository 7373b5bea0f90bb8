"""The public JSON of assertions that were held against a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import get_args

from planner.guard.assertion_checks import Result, Tested
from planner.policy.document import JsonObject

FORMAT_VERSION = 1


def assertions_view(tested: Tested, accounts: Mapping[str, str], settings: str) -> JsonObject:
    """Whether each assertion holds of a policy, and how many do.

    `accounts` names account ids for people, `settings` is the file that the assertions are in.
    """
    counts = Counter(each.result for each in tested.judged)
    return {
        "kind": "assertions",
        "format_version": FORMAT_VERSION,
        "registry": tested.registry.to_json() if tested.registry else None,
        "accounts": dict(accounts),
        "policy": tested.policy,
        "settings": settings,
        "assertions": [each.to_json() for each in tested.judged],
        "summary": {result: counts[result] for result in get_args(Result)},
    }
