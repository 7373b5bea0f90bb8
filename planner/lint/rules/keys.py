"""Rules about the keys of conditions."""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Iterator

from planner.lint.rule import (
    LintContext,
    LocatedStatement,
    Violation,
    condition_rule,
    statement_rule,
)
from planner.lint.rules.conditions import is_network, parts
from planner.policy.document import Condition
from planner.policy.spelling import GLOBAL_CONDITION_KEYS, TAG_KEY_PREFIXES, spell_condition_key
from planner.text import fold

MULTIVALUED_KEYS = frozenset(
    "aws:CalledVia aws:PrincipalOrgPaths aws:PrincipalServiceNamesList aws:ResourceOrgPaths "
    "aws:SourceOrgPaths aws:TagKeys aws:VpceOrgPaths".split()
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

_UNFILLED_BY_REPLICATION = ("aws:SourceAccount", "aws:SourceArn")
_REPLICATE = "ecr:replicateimage"
_OF_PRINCIPAL = "aws:PrincipalAccount aws:PrincipalArn aws:PrincipalOrgID".split()
_DOCUMENTATION = [
    ipaddress.ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
_TYPE_OF_KEY = {
    **dict.fromkeys("aws:PrincipalArn aws:SourceArn aws:SourceVpcArn".split(), "Arn"),
    **dict.fromkeys("aws:SourceIp aws:VpcSourceIp".split(), "IpAddress"),
    **dict.fromkeys("aws:CurrentTime aws:TokenIssueTime".split(), "Date"),
    **dict.fromkeys(
        "aws:MultiFactorAuthPresent aws:PrincipalIsAWSService aws:SecureTransport "
        "aws:ViaAWSService".split(),
        "Bool",
    ),
    "aws:MultiFactorAuthAge": "Numeric",
}
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
_KINDS = ("String", "Numeric", "Date", "Bool", "Binary", "IpAddress", "NotIpAddress", "Arn")


@condition_rule("unknown-condition-key", "warning", "A condition key that neither AWS nor ECR has")
def unknown_condition_key(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """No request has the key: an Allow never holds, a negated condition always does.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    if not _is_known(condition.key):
        message = f"no request to ECR has the key '{condition.key}'"
        yield Violation(located.condition(condition), message, _nearest(condition.key))


def _is_known(key: str) -> bool:
    """Whether it is a global key, one of ECR's, or one of a tag that has a name."""
    lower = fold(key)
    is_tag = any(lower.startswith(tag) and lower != tag for tag in map(fold, TAG_KEY_PREFIXES))
    return is_tag or lower in map(fold, GLOBAL_CONDITION_KEYS)


def _nearest(key: str) -> str:
    lower = fold(key)
    if lower == "aws:arn":
        return "AWS has it no longer; write aws:PrincipalArn."
    if lower in map(fold, TAG_KEY_PREFIXES):
        return "Write the name of the tag behind the slash."
    known = {fold(name): name for name in GLOBAL_CONDITION_KEYS}
    near = difflib.get_close_matches(lower, known, n=1)
    return f"Did you mean {known[near[0]]}?" if near else "Remove the condition."


@statement_rule(
    "source-key-replication",
    "warning",
    "Replication with a condition on aws:SourceAccount or aws:SourceArn",
)
def source_key_replication(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ECR replication sends neither key: an Allow on it stops all replication, without a word.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    if located.statement.action.negated or not any(
        action.matches(_REPLICATE) for _, action in located.actions()
    ):
        return
    for condition in located.statement.conditions:
        if spell_condition_key(condition.key) in _UNFILLED_BY_REPLICATION:
            message = f"replication does not send {condition.key}"
            effect = _effect_of_missing(condition, allows=located.allows)
            hint = f"Remove the condition: {effect}"
            yield Violation(located.condition(condition), message, hint)


def _effect_of_missing(condition: Condition, *, allows: bool) -> str:
    prefix, bare, if_exists = parts(condition.operator)
    holds = if_exists or "Not" in bare or prefix == "ForAllValues:"
    if holds:
        return "without the key it always holds." if allows else "it stops all replication."
    return "it stops all replication." if allows else "without the key it never holds."


@condition_rule(
    "set-operator", "warning", "ForAnyValue or ForAllValues missing, or on a key of one value"
)
def set_operator(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"""
    prefix, bare, _ = parts(condition.operator)
    key = spell_condition_key(condition.key)
    multivalued = key in MULTIVALUED_KEYS
    if prefix and bare == "Null":
        message = f"Null asks whether {condition.key} is there, not for its values"
        yield Violation(located.condition(condition), message, "Write Null.")
    elif multivalued and not prefix and bare != "Null":
        message = f"{condition.key} has several values, and the operator takes one"
        yield Violation(located.condition(condition), message, f"Write ForAnyValue:{bare}.")
    elif prefix and not multivalued and key in GLOBAL_CONDITION_KEYS:
        message = f"{condition.key} has one value, and {prefix} is for several"
        yield Violation(located.condition(condition), message, f"Write {bare}.")


@condition_rule("key-type", "warning", "An operator of another type than the key's values")
def key_type(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    wanted = _TYPE_OF_KEY.get(spell_condition_key(condition.key))
    _, bare, _ = parts(condition.operator)
    used = next((kind for kind in _KINDS if bare.startswith(kind)), None)
    if not wanted or not used or used.removeprefix("Not") == wanted:
        return
    message = f"{bare} does not compare values as those of {condition.key} are compared"
    yield Violation(located.condition(condition), message, f"Use an operator of {wanted}.")


@condition_rule("forged-key", "warning", "A condition on what any caller can claim")
def forged_key(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """A caller writes these headers as they like.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if spell_condition_key(condition.key) in ("aws:Referer", "aws:UserAgent"):
        message = f"any caller can claim any {condition.key}"
        hint = "Use a condition on who or where the caller is."
        yield Violation(located.condition(condition), message, hint)


@condition_rule("private-ip", "warning", "aws:SourceIp with private addresses alone")
def private_ip(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """AWS sees the public address; inside a VPC the key is aws:VpcSourceIp.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourceip
    """
    if spell_condition_key(condition.key) != "aws:SourceIp" or not condition.values:
        return
    if all(is_network(each) and _is_private(each) for each in condition.values):
        message = "aws:SourceIp is never a private address"
        yield Violation(located.condition(condition), message, "Use aws:VpcSourceIp.")


def _is_private(value: str) -> bool:
    network = ipaddress.ip_network(value, strict=False)
    return network.is_private and not any(map(network.overlaps, _DOCUMENTATION))


@statement_rule(
    "service-keys", "warning", "A condition on the caller's account, and a service as the caller"
)
def service_keys(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """A service principal is in no account and no organization.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """
    kinds = {each.type for _, each in located.principals()}
    if not located.allows or kinds != {"Service"}:
        return
    for condition in located.statement.conditions:
        key = spell_condition_key(condition.key)
        _, bare, if_exists = parts(condition.operator)
        if key in _OF_PRINCIPAL and "Not" not in bare and bare != "Null" and not if_exists:
            message = f"a service principal has no {condition.key}, so it is never allowed"
            hint = "Use aws:SourceAccount or aws:SourceOrgID."
            yield Violation(located.condition(condition), message, hint)
