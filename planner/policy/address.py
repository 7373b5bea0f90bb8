"""What a statement is called: the same in lint, plan, guard, state and errors."""

from __future__ import annotations

import hashlib
import json

from planner.policy.document import Statement, compact, statement_json
from planner.registry import Registry

_DIGITS = 12
"""So many digits of its digest name a statement that stands in no file."""


def statement_name(statement: Statement, place: int | None) -> str:
    r"""`statement["Sid"]`; for one without a Sid its place in the file, counted from 0.

    A statement without a Sid that stands in no file is named by its digest, which is that of
    its canonical form where it is canonical.

    >>> from planner.policy.action import parse_action
    >>> from planner.policy.document import EVERYONE, Patterns, Principal
    >>> everything = Principal(EVERYONE), Patterns((parse_action("ecr:*"),)), None
    >>> named, nameless = (Statement(sid, "Allow", *everything) for sid in ("A", None))
    >>> statement_name(named, 2), statement_name(nameless, 2), statement_name(nameless, None)
    ('statement["A"]', 'statement[2]', 'statement["#a3700f2a486b"]')
    """
    if statement.sid:
        return f"statement[{json.dumps(statement.sid)}]"
    if place is not None:
        return f"statement[{place}]"
    digest = hashlib.sha256(compact(statement_json(statement)).encode()).hexdigest()
    return f'statement["#{digest[:_DIGITS]}"]'


def address(registry: Registry, name: str) -> str:
    """The address of something in a registry, as Terraform would print it.

    >>> address(Registry("aws", "444455556666", "us-west-2"), 'statement["A"]')
    'registry["444455556666/us-west-2"].statement["A"]'
    """
    return f'registry["{registry}"].{name}'
