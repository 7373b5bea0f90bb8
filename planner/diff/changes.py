"""What happens to single statements between two policies."""

from __future__ import annotations

from dataclasses import dataclass

from planner.diff.pairing import pair
from planner.policy.document import Policy, Statement


@dataclass(frozen=True, slots=True)
class Create:
    """A statement that only the policy after has, at `index` in it."""

    after: Statement
    index: int


@dataclass(frozen=True, slots=True)
class Update:
    """A statement that differs; `index` is its place after, `before_index` the one before."""

    before: Statement
    after: Statement
    before_index: int
    index: int


@dataclass(frozen=True, slots=True)
class Delete:
    """A statement that only the policy before has, at `index` in it."""

    before: Statement
    index: int


Change = Create | Update | Delete


def statements_of(policy: Policy | None) -> tuple[Statement, ...]:
    """The statements of a policy; none where there is no policy."""
    return policy.statements if policy is not None else ()


def heads_of(policy: Policy | None) -> tuple[str | None, str | None] | None:
    """What a policy has besides its statements: its version and its id."""
    return None if policy is None else (policy.version, policy.id)


def diff(before: Policy | None, after: Policy | None) -> tuple[Change, ...]:
    """The changes that lead from one canonical policy to the other, None for no policy.

    Ordered by their place after; deletions stand last, by their place before.

    >>> from planner.policy.parse import parse_policy
    >>> text = '''{"Statement": {"Sid": "A", "Effect": "Allow", "Principal": "*",
    ...     "Action": "ecr:PutImage", "Resource": "*"}}'''
    >>> one, other = parse_policy(text).policy, parse_policy(text.replace("Put", "Get")).policy
    >>> [type(change).__name__ for change in diff(one, other)]
    ['Update']
    >>> [type(change).__name__ for change in (*diff(None, one), *diff(one, None), *diff(one, one))]
    ['Create', 'Delete']
    """
    old, new = statements_of(before), statements_of(after)
    pairing = pair(old, new)
    changes: list[Create | Update] = [Create(new[index], index) for index in pairing.after_only]
    changes += [Update(old[i], new[j], i, j) for i, j in pairing.pairs if old[i] != new[j]]
    deletions = [Delete(old[index], index) for index in pairing.before_only]
    return (*sorted(changes, key=lambda change: change.index), *deletions)
