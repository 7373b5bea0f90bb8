"""A statement as named lists of words, and how two statements differ in them.

This is what people read: one principal, one action, one condition value at a time.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from planner.policy.document import Statement, pattern_element
from planner.text import word

Value = str | None
"""A value of an element; None stands for the values of an element that has none."""


@dataclass(frozen=True, slots=True)
class ElementDelta:
    """How one element differs. `unchanged` counts the values on both sides."""

    name: str
    added: tuple[Value, ...]
    removed: tuple[Value, ...]
    unchanged: int

    @property
    def differs(self) -> bool:
        """Whether anything was added or removed."""
        return bool(self.added or self.removed)


def flatten(statement: Statement) -> dict[str, tuple[Value, ...]]:
    """Each element of the statement with its values, in the order of the policy grammar.

    A principal reads `AWS 111122223333`, and `AWS` alone where its list is empty; a
    condition's element is named after its operator and key:
    `Condition.StringEquals."aws:PrincipalOrgID"`.

    >>> from planner.policy.parse import parse_policy
    >>> parsed = parse_policy('''{"Statement": {"Effect": "Allow", "Resource": "*",
    ...     "Principal": {"AWS": ["111122223333", "222233334444"]}, "Action": "ecr:PutImage",
    ...     "Condition": {"Bool": {"aws:SecureTransport": "true"}}}}''')
    >>> for name, values in flatten(parsed.policy.statements[0]).items():
    ...     print(name, *values)
    Effect Allow
    Principal AWS 111122223333 AWS 222233334444
    Action ecr:PutImage
    Resource *
    Condition.Bool."aws:SecureTransport" true
    """
    elements: dict[str, tuple[Value, ...]] = {}
    if statement.sid is not None:
        elements["Sid"] = (statement.sid,)
    elements["Effect"] = (statement.effect,)
    if statement.principal is not None:
        elements[statement.principal.element] = tuple(
            principal
            for kind, identifiers in statement.principal.ids
            for principal in [f"{kind} {each.text}" for each in identifiers] or [kind]
        ) or (None,)
    elements[pattern_element("Action", statement.action)] = statement.action.texts or (None,)
    if statement.resource is not None:
        name = pattern_element("Resource", statement.resource)
        elements[name] = statement.resource.texts or (None,)
    for condition in statement.conditions:
        name = f"Condition.{word(condition.operator.text)}.{json.dumps(condition.key.text)}"
        elements[name] = condition.texts or (None,)
    return elements


def element_deltas(before: Statement | None, after: Statement | None) -> tuple[ElementDelta, ...]:
    """How every element of either statement differs, unchanged elements included.

    >>> from planner.policy.parse import parse_policy
    >>> first, second = parse_policy('''{"Statement": [
    ...     {"Effect": "Allow", "Principal": "*", "Action": ["ecr:A", "ecr:B"], "Resource": "*"},
    ...     {"Effect": "Allow", "Principal": "*", "Action": ["ecr:B", "ecr:C"], "Resource": "*"}
    ... ]}''').policy.statements
    >>> [delta for delta in element_deltas(first, second) if delta.differs]
    [ElementDelta(name='Action', added=('ecr:C',), removed=('ecr:A',), unchanged=1)]
    """
    old = flatten(before) if before is not None else {}
    new = flatten(after) if after is not None else {}
    names = _order(old, new)
    return tuple(_delta(name, old.get(name, ()), new.get(name, ())) for name in names)


def _order(old: Iterable[str], new: Collection[str]) -> list[str]:
    """The names of both, as `new` orders them, those of `old` alone after their neighbour."""
    order = list(new)
    for position, name in enumerate(old):
        if name not in new:
            order.insert(min(position, len(order)), name)
    return order


def _delta(name: str, old: tuple[Value, ...], new: tuple[Value, ...]) -> ElementDelta:
    before, after = frozenset(old), frozenset(new)
    added = tuple(value for value in new if value not in before)
    removed = tuple(value for value in old if value not in after)
    return ElementDelta(name, added, removed, len(new) - len(added))
