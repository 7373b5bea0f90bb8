"""For each rule, a policy that breaks it and a near one that does not."""

from __future__ import annotations

from tests.lint.cases import (
    actions,
    conditions,
    document,
    incomplete,
    keys,
    lockout,
    principals,
    resources,
    statements,
)

CASES: list[tuple[str, str, str]] = [
    case
    for module in (
        document,
        principals,
        lockout,
        actions,
        incomplete,
        resources,
        conditions,
        keys,
        statements,
    )
    for case in module.CASES
]
