"""Which conditions keep an Allow for `*` from being public."""

from __future__ import annotations

import re
from collections.abc import Iterable

from planner.access.conditions import parse_network
from planner.policy.document import Condition
from planner.policy.spelling import spell_condition_key, spell_operator

SOURCE_KEYS = frozenset(
    "aws:SourceAccount aws:SourceArn aws:SourceOrgID aws:SourceOrgPaths".split()
)
"""Keys that say on whose behalf a service calls.
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""

NARROWING_KEYS = SOURCE_KEYS | frozenset(
    "aws:PrincipalAccount aws:PrincipalArn aws:PrincipalOrgID aws:PrincipalOrgPaths "
    "aws:PrincipalServiceName aws:SourceIp aws:SourceVpc aws:SourceVpcArn aws:SourceVpce "
    "aws:UserId aws:VpceAccount aws:VpceOrgID aws:VpceOrgPaths".split()
)
"""Keys whose value only those have whom one means.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status"""

_POSITIVE = frozenset(
    "StringEquals StringEqualsIgnoreCase StringLike ArnEquals ArnLike IpAddress".split()
)
_NARROW_PREFIX = {4: 8, 6: 32}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
_ARN_COLONS = 5
_WILDCARDS = {"*", "?"}


def narrows(conditions: Iterable[Condition]) -> bool:
    """Whether the conditions, which must all hold, leave only some of all callers."""
    return any(_demands(each, NARROWING_KEYS) for each in conditions)


def names_source(condition: Condition) -> bool:
    """Whether the condition says on whose behalf a service may call."""
    return _demands(condition, SOURCE_KEYS)


def _demands(condition: Condition, keys: frozenset[str]) -> bool:
    """Whether the key must be there with one of certain values.

    `IfExists` and `ForAllValues:` hold where the key is missing, negated operators for nearly
    everyone, and a value of wildcards alone for all.
    """
    operator = spell_operator(condition.operator).removeprefix("ForAnyValue:")
    if operator not in _POSITIVE or spell_condition_key(condition.key) not in keys:
        return False
    return all(not _is_anything(value) for value in condition.values)


def _is_anything(value: str) -> bool:
    """Whether a value leaves out nobody in particular: it is of wildcards, or a variable.

    A range of addresses broader than /8 (/32 in IPv6) is as good as all of them.
    """
    if "${" in value:  # it may be the value of the very key
        return True
    network = parse_network(value)
    if network is not None:
        return network.prefixlen < _NARROW_PREFIX[network.version]
    fields = value.split(":", _ARN_COLONS)
    if fields[0] != "arn" or len(fields) <= _ARN_COLONS:
        return _is_open(re.split("[:/]", value, maxsplit=1)[0])
    account, resource = fields[-2:]
    return _is_open(account or re.split("[:/]", resource, maxsplit=1)[0])


def _is_open(part: str) -> bool:
    return not part or bool(_WILDCARDS & set(part))
