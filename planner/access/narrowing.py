"""Which conditions keep an Allow for `*` from being public."""

from __future__ import annotations

import re
from collections.abc import Iterable

from planner.policy.document import Condition
from planner.policy.values import ConditionValue, parse_value

_NAMING = ("String", "Arn", "IpAddress")
"""The types of values that can name somebody."""
_NARROW_PREFIX = {4: 8, 6: 32}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
_ARN_COLONS = 5
_WILDCARDS = {"*", "?"}
_OF_REGISTRY = re.compile(r"\$\{aws:Resource(?:Account|OrgID|OrgPaths)\}", re.IGNORECASE)
"""Variables whose value follows from the registry, whoever calls."""


def narrows(conditions: Iterable[Condition]) -> bool:
    """Whether the conditions, which must all hold, leave only some of all callers.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
    """
    return any(each.key.row.narrows and _demands(each) for each in conditions)


def names_source(condition: Condition) -> bool:
    """Whether the condition says on whose behalf a service may call.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
    """
    return condition.key.row.names_source and _demands(condition)


def _demands(condition: Condition) -> bool:
    """Whether the key must be there with one of certain values.

    `IfExists` and `ForAllValues:` hold where the key is missing, negated operators for nearly
    everyone, and a value of wildcards alone for all.
    """
    operator = condition.operator
    if operator.malformed or operator.holds_without_key or operator.row.negated:
        return False
    if operator.is_null or operator.row.value_type not in _NAMING:
        return False
    return not any(map(_is_anything, condition.values))


def _is_anything(named: ConditionValue) -> bool:
    """Whether a value leaves out nobody in particular: it is of wildcards, or a variable.

    A range of addresses broader than /8 (/32 in IPv6) is as good as all of them, and so is a
    value of which nothing can be said.
    """
    value = _OF_REGISTRY.sub("known", named.text)
    if "${" in value or named.malformed:  # a variable may be the value of the very key
        return True
    network = parse_value("IpAddress", value).network
    if network is not None:
        return network.prefixlen < _NARROW_PREFIX[network.version]
    fields = value.split(":", _ARN_COLONS)
    if fields[0] != "arn" or len(fields) <= _ARN_COLONS:
        return _is_open(re.split("[:/]", value, maxsplit=1)[0])
    account, resource = fields[-2:]
    return _is_open(account or re.split("[:/]", resource, maxsplit=1)[0])


def _is_open(part: str) -> bool:
    return not part or bool(_WILDCARDS & set(part))
