"""The canonical form: the one spelling that all equal policies share.

Every rule of the kind "is this really a change?" stands here, but for the few that the
values in `document` cannot even express. Equality is `==` on the canonical form, and the
digest is taken from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from planner.policy.action import ActionPattern, parse_action
from planner.policy.document import (
    Condition,
    Patterns,
    Policy,
    Principal,
    Statement,
    compact,
    parse_condition,
    serialize,
    statement_json,
)
from planner.policy.principal import PrincipalId, parse_principal
from planner.policy.resource import ResourcePattern

Value = TypeVar("Value", PrincipalId, ActionPattern, ResourcePattern)

CURRENT_VERSION = "2012-10-17"
_FIRST_VERSION = "2008-10-17"


def canonicalise(policy: Policy, partition: str = "aws") -> Policy:
    """The canonical form of a policy whose registry is in `partition`. Idempotent.

    >>> from planner.policy.document import policy_json
    >>> from planner.policy.parse import parse_policy
    >>> statement = '{"Effect": "Allow", "Principal": "*", "Action": "ECR:get*", "Resource": "*"}'
    >>> one = parse_policy(f'{{"Statement": {statement}}}').policy
    >>> other = parse_policy(f'{{"Version": "2012-10-17", "Statement": [{statement}]}}').policy
    >>> canonicalise(one) == canonicalise(other)
    True
    >>> policy_json(canonicalise(one))["Statement"][0]["Action"]
    'ecr:Get*'
    """
    statements = [canonical_statement(each, partition) for each in policy.statements]
    return Policy(in_canonical_order(statements), meant_version(policy), policy.id or None)


def in_canonical_order(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Canonical statements in the order in which a canonical policy has them."""
    return tuple(sorted(statements, key=_order))


def canonical_statement(statement: Statement, partition: str = "aws") -> Statement:
    """The canonical form of one statement.

    >>> from planner.policy.document import statement_json
    >>> from planner.policy.parse import parse_policy
    >>> parsed = parse_policy('''{"Statement": {"Effect": "Deny", "Resource": "*",
    ...     "Principal": {"AWS": ["222233334444", "arn:aws:iam::111122223333:root"]},
    ...     "Action": ["ecr:putimage", "ecr:PutImage"]}}''')
    >>> spelled = statement_json(canonical_statement(parsed.policy.statements[0]))
    >>> spelled["Principal"], spelled["Action"]
    ({'AWS': ['111122223333', '222233334444']}, 'ecr:PutImage')
    """
    action, principal, resource = statement.action, statement.principal, statement.resource
    return Statement(
        sid=statement.sid or None,
        effect=statement.effect,
        principal=_principal(principal, partition) if principal else None,
        action=Patterns(_in_order(each.spelled() for each in action.values), action.negated),
        resource=resource and Patterns(_in_order(resource.values), resource.negated),
        conditions=_conditions(statement.conditions),
    )


def body(statement: Statement) -> Statement:
    """The statement without its Sid: what it allows or denies."""
    return replace(statement, sid=None)


def digest(policy: Policy | None, partition: str = "aws") -> str:
    """The sha256 of the canonical form in hexadecimal; of an empty text for no policy.

    Action names go in as lower case, so that a digest outlives the table of their spelling.

    >>> digest(None)[:12]
    'e3b0c44298fc'
    """
    if policy is None:
        return hashlib.sha256(b"").hexdigest()
    canonical = canonicalise(policy, partition)
    lowered = [replace(each, action=_lowered(each.action)) for each in canonical.statements]
    text = serialize(replace(canonical, statements=tuple(sorted(lowered, key=_order))))
    return hashlib.sha256(text.encode()).hexdigest()


def _lowered(action: Patterns[ActionPattern]) -> Patterns[ActionPattern]:
    values = _in_order(parse_action(each.folded) for each in action.values)
    return Patterns(values, action.negated)


def _set(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _in_order(values: Iterable[Value]) -> tuple[Value, ...]:
    """The values by their texts, each once."""
    by_text = {each.text: each for each in values}
    return tuple(by_text[text] for text in sorted(by_text))


def _order(statement: Statement) -> tuple[str, str]:
    return statement.sid or "", compact(statement_json(statement))


def _principal(principal: Principal, partition: str) -> Principal:
    def account(each: PrincipalId) -> PrincipalId:
        is_root = each.kind == "account" and each.partition == partition
        return parse_principal("AWS", each.account) if is_root else each

    ids = [(kind, _in_order(map(account, values))) for kind, values in principal.ids]
    return Principal(tuple(sorted(ids)), principal.negated)


def canonical_condition(condition: Condition) -> Condition:
    """The condition in its documented spelling, its values sorted and each of them once."""
    spelled = condition.operator.spelled, condition.key.spelled
    return parse_condition(*spelled, _set(condition.texts))


def _conditions(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    spelled = map(canonical_condition, conditions)
    return tuple(sorted(spelled, key=lambda e: (e.operator.text, e.key.text, e.texts)))


def meant_version(policy: Policy) -> str:
    """2012-10-17 wherever the version makes no difference.

    The older version knows no policy variables (`${...}`), and a missing version means the
    older one: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    if "${" in serialize(policy):
        return policy.version or _FIRST_VERSION
    return CURRENT_VERSION
