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
    some,
    statement_rule,
)
from planner.policy.document import Condition
from planner.policy.keys import KEYS, TAG_KEYS, ConditionKey
from planner.policy.values import parse_value

_DOCUMENTATION = [
    ipaddress.ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


_REAL_KEY = "Name a key that requests have: without any condition it would hold for all of them."


@condition_rule("unknown-condition-key", "warning", "A condition key that neither AWS nor ECR has")
def unknown_condition_key(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """No request has the key: an Allow never holds, a negated condition always does.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    if not condition.key.is_known:
        message = f"no request to ECR has the key '{condition.key}'"
        yield Violation(located.condition(condition), message, _nearest(condition.key))


def _nearest(key: ConditionKey) -> str:
    if key.folded == "aws:arn":
        return "AWS has it no longer; write aws:PrincipalArn."
    if key.row in TAG_KEYS:
        return "Write the name of the tag behind the slash."
    known = {each.folded: each.name for each in KEYS}
    near = difflib.get_close_matches(key.folded, known, n=1)
    return f"Did you mean {known[near[0]]}?" if near else _REAL_KEY


@statement_rule(
    "source-key-replication",
    "warning",
    "Replication with a condition on aws:SourceAccount or aws:SourceArn",
)
def source_key_replication(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ECR replication sends neither key: an Allow on it stops all replication, without a word.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
    """
    if located.statement.action.negated:
        return
    for condition in located.statement.conditions:
        row = condition.key.row
        if row.names_source and any(each in row.not_from for each in located.action_names):
            effect = _effect_of_missing(condition, allows=located.allows)
            message = f"replication never has {condition.key}, so {effect}"
            hint = (
                "Say by Principal which accounts replicate into here, and keep what needs the "
                "condition in a statement of its own."
            )
            yield Violation(located.condition(condition), message, hint)


def _effect_of_missing(condition: Condition, *, allows: bool) -> str:
    """What becomes of a request that never has the key of the condition."""
    holds = condition.holds_without_key
    if holds is None:
        return "what is said of it is not known"
    if allows:
        return "the condition keeps nobody out" if holds else "it is never allowed"
    return "it is always denied" if holds else "it is never denied"


@condition_rule("key-of-action", "warning", "A condition key that an action does not have")
def key_of_action(
    context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """Where requests for an action never have a key, its condition always or never holds.

    Of an Allow only actions that are named are looked at; of a Deny that holds without the key
    all that it reaches.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
    """
    row = condition.key.row
    if row.names_source or not condition.key.is_known or condition.operator.malformed:
        return
    if not context.gives(located):
        return
    reached = located.named_actions
    if not located.allows and condition.holds_without_key:
        reached = located.reached_actions
    lacking = [each.name for each in reached if not row.filled_by(each)]
    if lacking:
        effect = _effect_of_missing(condition, allows=located.allows)
        message = f"a request for {some(lacking)} never has {condition.key}, so {effect}"
        hint = "Give these actions a statement of their own, with a condition that they have."
        if row.of_repository and "ecr:CreateRepository" in lacking:
            hint = (
                "Give ecr:CreateRepository a statement of its own, with names in Resource: what "
                "is yet to be made has no tags, and aws:RequestTag has those it shall get."
            )
        yield Violation(located.condition(condition), message, hint)


@condition_rule(
    "set-operator", "warning", "ForAnyValue or ForAllValues missing, or on a key of one value"
)
def set_operator(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"""
    operator, key = condition.operator, condition.key
    if operator.malformed or operator.is_null:
        return
    if key.row.multivalued and not operator.set_prefix:
        message = f"{key} has several values, and the operator takes one"
        prefix = "ForAllValues" if operator.row.negated else "ForAnyValue"
        hint = f"Write {prefix}:{operator.spelled}."
        yield Violation(located.condition(condition), message, hint)
    elif operator.set_prefix and key.row in KEYS and not key.row.multivalued:
        message = f"{key} has one value, and {operator.set_prefix}: is for several"
        hint = _without_prefix(condition, allows=located.allows)
        yield Violation(located.condition(condition), message, hint)


def _without_prefix(condition: Condition, *, allows: bool) -> str:
    """The operator for one value that says the same where the key is missing.

    Only an Allow that holds without the key is not taken at its word: it lets in all those
    whom it was to keep out.
    """
    operator, key = condition.operator, condition.key
    bare = operator.row.name
    keeps = operator.holds_without_key
    if keeps and not operator.row.negated and not allows:
        return f"Write {bare}IfExists."
    if not keeps and operator.row.negated:
        return f'Write {bare}, and beside it "Null": {{"{key}": "false"}}.'
    return f"Write {bare}."


@condition_rule("key-type", "warning", "An operator of another type than the key's values")
def key_type(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    operator, wanted = condition.operator, condition.key.row.types
    if operator.malformed or operator.is_null:
        return
    if "String" in wanted or operator.row.value_type in wanted:
        return
    message = (
        f"{operator.row.name} does not compare values as those of {condition.key} are compared"
    )
    hint = f"Use an operator of {' or '.join(wanted)}."
    yield Violation(located.condition(condition), message, hint)


@condition_rule("forged-key", "warning", "A condition on what any caller can claim")
def forged_key(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """A caller writes these headers as they like.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if condition.key.row.forgeable:
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
    networks = [parse_value("IpAddress", each).network for each in condition.texts]
    if condition.key.spelled != "aws:SourceIp" or not networks:
        return
    if all(each is not None and _is_private(each) for each in networks):
        message = "aws:SourceIp is never a private address"
        hint = "Use aws:VpcSourceIp beside aws:SourceVpc: every VPC can have these addresses."
        yield Violation(located.condition(condition), message, hint)


def _is_private(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    return network.is_private and not any(map(network.overlaps, _DOCUMENTATION))


@statement_rule(
    "service-keys", "error", "A condition on the caller's account, and a service as the caller"
)
def service_keys(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """A service principal is in no account and no organization.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
    """
    kinds = {each.type for _, each in located.principals()}
    if not located.allows or kinds != {"Service"}:
        return
    for condition in located.statement.conditions:
        key, operator = condition.key, condition.operator
        if operator.malformed or operator.if_exists or operator.is_null or operator.row.negated:
            continue
        if key.row.of_account:
            message = f"a service principal has no {key}, so it is never allowed"
            hint = "Use aws:SourceAccount or aws:SourceOrgID."
            yield Violation(located.condition(condition), message, hint)
