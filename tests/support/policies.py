"""Policies for tests: one-line builders, and hypothesis strategies for random ones."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from planner.policy.action import parse_action
from planner.policy.address import StatementPlace
from planner.policy.canonical import canonicalise
from planner.policy.document import (
    Condition,
    Patterns,
    Policy,
    Principal,
    Statement,
    parse_condition,
)
from planner.policy.parse import parse_policy
from planner.policy.principal import parse_principal
from planner.policy.resource import parse_resource

REPOSITORY = "arn:aws:ecr:us-west-2:444455556666:repository/"


def statement(sid: str | None = "S", account: str = "111122223333", **more: Any) -> dict[str, Any]:
    """A replication statement as JSON values; `more` adds or replaces elements."""
    body: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": ["ecr:CreateRepository", "ecr:ReplicateImage"],
        "Resource": [f"{REPOSITORY}*"],
    }
    return {**({"Sid": sid} if sid is not None else {}), **body, **more}


def document(*statements: dict[str, Any], **more: Any) -> str:
    """A policy as JSON text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **more})


def policy(*statements: dict[str, Any], **more: Any) -> Policy:
    """A canonical policy."""
    return canonicalise(parse_policy(document(*statements, **more)).policy)


def parsed(text: str | bytes) -> Policy:
    """A policy as it stands, not canonical."""
    return parse_policy(text).policy


def places_in(policy: Policy | None, file: int = 0) -> tuple[StatementPlace, ...]:
    """Where the statements stand in a file that has one in each line."""
    count = len(policy.statements) if policy else 0
    return tuple(StatementPlace(file, each, each + 1) for each in range(count))


_ACTIONS = ["ecr:ReplicateImage", "ECR:createrepository", "ecr:Batch*", "ecr:*", "s3:GetObject"]
_ACCOUNTS = ["111122223333", "arn:aws:iam::111122223333:root", "*", "222233334444"]
_PRINCIPALS = [*_ACCOUNTS, "arn:aws:iam::111122223333:role/ci", "AIDAABCDEFGHIJKLMNOPQ"]
_RESOURCES = ["*", f"{REPOSITORY}*", f"{REPOSITORY}prod-*", f"{REPOSITORY}${{aws:username}}/*"]
_OPERATORS = ["StringEquals", "stringlike", "ForAnyValue:StringLike", "BoolIfExists", "Madeup"]
_KEYS = ["aws:PrincipalOrgID", "AWS:sourceip", "aws:PrincipalTag/Team", "ecr:ResourceTag/x"]
_sids = st.none() | st.sampled_from(["A", "B", "with space", 'quo"te', "é\u202e"])


def _values(*pool: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(pool), min_size=0, max_size=3).map(tuple)


def _patterns(parse: Any, *pool: str) -> st.SearchStrategy[Patterns[Any]]:
    values = _values(*pool).map(lambda texts: tuple(map(parse, texts)))
    return st.builds(Patterns, values, st.booleans())


def _principals() -> st.SearchStrategy[Principal]:
    ids = st.dictionaries(
        st.sampled_from(["AWS", "Service", "Federated"]), _values(*_PRINCIPALS), max_size=2
    )
    parsed = ids.map(
        lambda each: tuple(
            (kind, tuple(parse_principal(kind, text) for text in texts))
            for kind, texts in each.items()
        )
    )
    return st.builds(Principal, parsed, st.booleans())


def _conditions() -> st.SearchStrategy[tuple[Condition, ...]]:
    keys = st.dictionaries(
        st.sampled_from(_KEYS),
        _values("true", "5", "o-exampleorg1", "*", ""),
        min_size=1,
        max_size=2,
    )
    blocks = st.dictionaries(st.sampled_from(_OPERATORS), keys, max_size=2)
    return blocks.map(
        lambda block: tuple(
            parse_condition(operator, key, values)
            for operator, inner in block.items()
            for key, values in inner.items()
        )
    )


statements = st.builds(
    Statement,
    _sids,
    st.sampled_from(["Allow", "Deny"]),
    _principals(),
    _patterns(parse_action, *_ACTIONS),
    _patterns(parse_resource, *_RESOURCES),
    _conditions(),
)

policies = st.builds(
    Policy,
    st.lists(statements, min_size=1, max_size=5).map(tuple),
    st.sampled_from([None, "2008-10-17", "2012-10-17"]),
    st.sampled_from([None, "an id"]),
)
"""Parsed policies, not canonical; every one of them can be written as JSON."""

canonical_policies = policies.map(canonicalise)
