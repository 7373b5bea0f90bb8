"""Accounts that a condition lists are rows of their own, named as accounts."""

from __future__ import annotations

from typing import Any

import pytest

from planner.access.evaluate import outcome_of
from planner.access.query import Filters, granted
from planner.registry import Registry
from tests.support.policies import policy, statement

HERE = Registry("aws", "444455556666", "us-west-2")
ONE, TWO = "111122223333", "222233334444"
ROLE = f"arn:aws:iam::{ONE}:role/ci"
ACCOUNT = "aws:PrincipalAccount"
ARN = "aws:PrincipalArn"
ACCOUNTS = [("account", ONE), ("account", TWO)]


@pytest.mark.parametrize(
    ("condition", "rows"),
    [
        ({"StringEquals": {ACCOUNT: [ONE, TWO]}}, ACCOUNTS),
        ({"StringEquals": {ACCOUNT: ONE}}, ACCOUNTS[:1]),
        ({"ArnLike": {ARN: [f"arn:aws:iam::{ONE}:*", f"arn:aws:iam::{TWO}:*"]}}, ACCOUNTS),
        ({"ArnLike": {ARN: [ROLE, f"arn:aws:iam::{TWO}:role/*"]}}, [("role", ROLE), ACCOUNTS[1]]),
        ({"ArnEquals": {ARN: [ROLE]}}, [("role", ROLE)]),
        # These let others in as well, so they are no lists of accounts.
        ({"StringLike": {ACCOUNT: [ONE, "2*"]}}, None),
        ({"StringLike": {ARN: f"arn:*:{ONE}:role/ci"}}, ACCOUNTS[:1]),
        ({"StringNotEquals": {ACCOUNT: [ONE, TWO]}}, None),
        ({"StringEqualsIfExists": {ACCOUNT: [ONE, TWO]}}, None),
    ],
)
def test_a_list_of_accounts(condition: dict[str, Any], rows: list[tuple[str, str]] | None) -> None:
    rule = policy(statement("A", Principal="*", Condition=condition))
    found = granted(rule, HERE, Filters()).gained
    named = [(each.principal.kind, each.principal.id) for each in found]
    if rows is None:
        assert "*" in [identifier for _, identifier in named]
        return
    assert sorted(named) == sorted(rows)
    assert all(outcome_of(rule, each.witness, HERE) == "allowed" for each in found)
    assert len({each.witness.principal.account for each in found}) == len(rows)


def test_the_root_alone_is_not_the_account() -> None:
    root = {"ArnEquals": {ARN: f"arn:aws:iam::{ONE}:root"}}
    rule = policy(statement("A", Principal="*", Condition=root))
    (row,) = granted(rule, HERE, Filters()).gained
    assert row.principal.kind == "root"
