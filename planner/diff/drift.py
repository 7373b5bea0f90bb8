"""What a plan does about changes that were made outside planner, and what it takes back of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from planner.diff.changes import Change, Create, Delete, statements_of
from planner.policy.document import Policy, Statement

Resolution = Literal["restore", "agree", "replace", "remove", "keep"]
"""`restore`: what was there comes back. `agree`: the file has it as well. `replace`: something
else stands there then. `remove`: what was added goes. `keep`: it is somebody else's and stays."""


def resolutions(
    changes: Sequence[Change], live: Policy | None, desired: Policy | None
) -> tuple[Resolution, ...]:
    """What a plan to `desired` does to each change that led to `live`."""
    counted = (Counter(statements_of(live)), Counter(statements_of(desired)))
    return tuple(_resolution(each, *counted) for each in changes)


def _resolution(
    change: Change, live: Counter[Statement], desired: Counter[Statement]
) -> Resolution:
    """Counted, since a policy may hold the same statement twice."""
    before = None if isinstance(change, Create) else change.before
    after = None if isinstance(change, Delete) else change.after
    if before is not None and desired[before] > live[before]:
        return "restore"
    if after is None or desired[after] >= live[after]:
        return "agree"
    return "replace" if before is not None or _has_namesake(after, live, desired) else "remove"


def _has_namesake(
    statement: Statement, live: Counter[Statement], desired: Counter[Statement]
) -> bool:
    """Whether a statement of the same Sid comes."""
    return statement.sid is not None and any(
        each.sid == statement.sid and count > live[each] for each, count in desired.items()
    )


def without(live: Policy | None, changes: Sequence[Change], heads: Policy | None) -> Policy | None:
    """The `live` policy as it would be without some of the changes that led to it.

    All are canonical but the order of its statements. `heads` is the policy whose version and
    id it has.

    >>> from planner.diff.changes import diff
    >>> from planner.policy.parse import parse_policy
    >>> one, other = (
    ...     parse_policy(f'''{{"Statement": {{"Effect": "Allow", "Principal": "*",
    ...     "Action": "ecr:{name}", "Resource": "*"}}}}''').policy
    ...     for name in ("PutImage", "GetDownloadUrlForLayer")
    ... )
    >>> without(other, diff(one, other), one) == one, without(one, diff(None, one), None)
    (True, None)
    """
    statements = list(statements_of(live))
    for change in changes:
        if not isinstance(change, Delete):
            statements.remove(change.after)
        if not isinstance(change, Create):
            statements.append(change.before)
    if heads is None or not statements:
        return None
    return replace(heads, statements=tuple(statements))
