"""Which statement before became which statement after.

Pairing decides only what people see. What is written is the policy after, whole, so a poor
pair can mislead a reader but never corrupt a policy. Sids may be missing, empty or repeated,
so they are a strong hint and never a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from planner.diff.elements import Value, flatten
from planner.policy.canonical import body
from planner.policy.document import Statement

SIMILAR = 0.5
"""The share of common elements from which two statements without a common Sid are a pair."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairs of indices (before, after), and the indices left alone on either side."""

    pairs: tuple[tuple[int, int], ...]
    before_only: tuple[int, ...]
    after_only: tuple[int, ...]


def pair(before: Sequence[Statement], after: Sequence[Statement]) -> Pairing:
    """Pairs canonical statements: the same one, the same body, the same Sid, then alike ones.

    >>> from dataclasses import replace
    >>> from planner.policy.parse import parse_policy
    >>> get, put, deny = parse_policy('''{"Statement": [
    ...     {"Sid": "A", "Effect": "Allow", "Principal": "*", "Action": "ecr:Get", "Resource": "*"},
    ...     {"Sid": "B", "Effect": "Allow", "Principal": "*", "Action": "ecr:Put", "Resource": "*"},
    ...     {"Sid": "C", "Effect": "Deny", "Principal": {"AWS": "111122223333"},
    ...      "Action": "ecr:Delete*", "Resource": "*"}]}''').policy.statements
    >>> pair([get, put], [replace(put, sid="New"), deny])
    Pairing(pairs=((1, 0),), before_only=(0,), after_only=(1,))
    """
    pairing = _Pairing(before, after)
    pairing.match_equal(lambda statement: statement)
    pairing.match_equal(body)
    pairing.match_alike(lambda one, other: one.sid is not None and one.sid == other.sid, 0)
    pairing.match_alike(lambda _one, _other: True, SIMILAR)
    return Pairing(tuple(sorted(pairing.pairs)), tuple(pairing.left), tuple(pairing.right))


class _Pairing:
    """The pairs found so far, and the indices still to be paired, in order, on either side."""

    def __init__(self, before: Sequence[Statement], after: Sequence[Statement]) -> None:
        self._before = before
        self._after = after
        self.left = dict.fromkeys(range(len(before)))
        self.right = dict.fromkeys(range(len(after)))
        self.pairs: list[tuple[int, int]] = []

    def _take(self, i: int, j: int) -> None:
        self.pairs.append((i, j))
        del self.left[i], self.right[j]

    def match_equal(self, key: Callable[[Statement], Statement]) -> None:
        """Pairs statements of the same key, the earlier ones first."""
        waiting: dict[Statement, list[int]] = {}
        for i in reversed(self.left):
            waiting.setdefault(key(self._before[i]), []).append(i)
        for j in list(self.right):
            if indices := waiting.get(key(self._after[j])):
                self._take(indices.pop(), j)

    def match_alike(self, may: Callable[[Statement, Statement], bool], least: float) -> None:
        """Pairs the most alike first, of those that `may`; ties go to the earlier statements."""
        ours = {i: _atoms(self._before[i]) for i in self.left}
        theirs = {j: _atoms(self._after[j]) for j in self.right}
        scored = [
            (-likeness, i, j)
            for i in self.left
            for j in self.right
            if may(self._before[i], self._after[j])
            and (likeness := len(ours[i] & theirs[j]) / len(ours[i] | theirs[j])) >= least
        ]
        for _, i, j in sorted(scored):
            if i in self.left and j in self.right:
                self._take(i, j)


def _atoms(statement: Statement) -> frozenset[tuple[str, Value]]:
    elements = flatten(body(statement)).items()
    return frozenset((name, value) for name, values in elements for value in values)
