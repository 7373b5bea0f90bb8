"""Rules about the operators and the values of conditions."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from datetime import datetime

from planner.lint.rule import (
    LintContext,
    LocatedStatement,
    Violation,
    condition_rule,
    rule,
    statement_rule,
)
from planner.policy.arn import is_unfilled
from planner.policy.document import Condition
from planner.policy.spelling import (
    spell_condition_key,
    spell_operator,
)
from planner.text import fold

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_EPOCH = re.compile(r"[0-9]+")
_ACCOUNT_KEYS = (
    "aws:PrincipalAccount",
    "aws:SourceAccount",
    "aws:ResourceAccount",
    "aws:VpceAccount",
)
_ORG_KEYS = ("aws:PrincipalOrgID", "aws:SourceOrgID", "aws:ResourceOrgID", "aws:VpceOrgID")

_VPC_IDS = {
    "aws:SourceVpc": r"vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})",
    "aws:SourceVpce": r"vpce-(?:[0-9a-f]{8}|[0-9a-f]{17})",
}
_OF_PRINCIPAL = (
    "aws:PrincipalAccount aws:PrincipalArn aws:PrincipalOrgID aws:PrincipalOrgPaths"
).split()
_DOCUMENTATION = tuple(
    map(
        ipaddress.ip_network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    )
)
_VARIABLE = re.compile(r"\$\{[^{}\s:]+:[^{}\s,]+(?:\s*,\s*'[^'{}]*')?\}|\$\{[*?$]\}")


def parts(operator: str) -> tuple[str, str, bool]:
    """The set prefix, the bare operator and whether IfExists stands behind it."""
    spelled = spell_operator(operator)
    prefix, colon, bare = spelled.rpartition(":")
    return prefix + colon, bare.removesuffix("IfExists"), bare.endswith("IfExists")


@rule("unknown-operator", "error", "There is no such condition operator")
def unknown_operator(context: LintContext) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    return context.refused("unknown-operator", "Correct the name.")


@condition_rule("null-if-exists", "error", "IfExists behind Null")
def null_if_exists(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IfExists"""
    _, bare, if_exists = parts(condition.operator)
    if bare == "Null" and if_exists:
        message = "Null asks whether a key exists, and IfExists cannot stand behind it"
        yield Violation(located.condition(condition), message, "Write Null.")


@condition_rule("condition-value", "error", "A condition value that its operator can never match")
def condition_value(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    for value in condition.values:
        if why := _misfit(condition, value):
            message = f"'{value}' {why}"
            hint = "Correct the value: this one can never match."
            yield Violation(located.condition(condition), message, hint)


def _misfit(condition: Condition, value: str) -> str:
    _, bare, _ = parts(condition.operator)
    key = spell_condition_key(condition.key)
    if "${" in value and bare.startswith(("String", "Arn")):
        return ""  # IAM fills policy variables under these operators alone
    for prefix, (fits, why) in _VALUES.items():
        if bare.startswith(prefix) and not fits(value):
            return why
    if bare not in ("StringEquals", "StringNotEquals"):
        return ""
    if key in _VPC_IDS and not re.fullmatch(_VPC_IDS[key], value):
        return "is no id of that kind"
    if key in _ACCOUNT_KEYS and not re.fullmatch(r"[0-9]{12}", value):
        return "is no account id: it has 12 digits"
    if key in _ORG_KEYS and not re.fullmatch(r"o-[a-z0-9]{10,32}", value):
        return "is no organization id: it reads o-exampleorgid"
    return ""


def _is_date(value: str) -> bool:
    if _EPOCH.fullmatch(value):
        return True
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_network(value: str) -> bool:
    """Whether the text is an IP address or a CIDR block."""
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _is_boolean(value: str) -> bool:
    return fold(value) in ("true", "false")


def _is_arn(value: str) -> bool:
    return (
        value == "*"
        or bool(re.match(r"(arn|\*|a\*|ar\*|\?{3}):", value))
        or value.startswith("arn*")
    )


_VALUES: dict[str, tuple[Callable[[str], bool], str]] = {
    "Numeric": (lambda value: bool(_NUMBER.fullmatch(value)), "is no number"),
    "Date": (_is_date, "is no date: write one as 2026-01-31T00:00:00Z"),
    "IpAddress": (is_network, "is no IP address or CIDR block"),
    "NotIpAddress": (is_network, "is no IP address or CIDR block"),
    "Bool": (_is_boolean, "is neither true nor false"),
    "Null": (_is_boolean, "is neither true nor false"),
    "Arn": (_is_arn, "is no ARN"),
}


@statement_rule("forallvalues-allow", "warning", "ForAllValues in an Allow")
def forallvalues_allow(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ForAllValues holds where the key is missing, so it allows those it was to keep out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    present = {
        spell_condition_key(each.key)
        for each in located.statement.conditions
        if parts(each.operator)[1] == "Null" and tuple(map(fold, each.values)) == ("false",)
    }
    for condition in located.statement.conditions:
        key = spell_condition_key(condition.key)
        if (
            located.allows
            and parts(condition.operator)[0] == "ForAllValues:"
            and key not in present
        ):
            message = f"without {condition.key} in the request the condition holds"
            hint = f'Use ForAnyValue, or add "Null": {{"{condition.key}": "false"}}.'
            yield Violation(located.condition(condition), message, hint)


@condition_rule("wildcard-in-equals", "warning", "A wildcard in an operator that takes none")
def wildcard_in_equals(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """StringEquals takes `*` for the character.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_String
    """
    _, bare, _ = parts(condition.operator)
    if not bare.startswith(("StringEquals", "StringNotEquals")):
        return
    for value in condition.values:
        if "*" in value.replace("${*}", ""):
            like = bare.replace("Equals", "Like").removesuffix("IgnoreCase")
            message = f"{bare} takes the * of '{value}' for a character"
            yield Violation(located.condition(condition), message, f"Write {like}.")


@condition_rule("bool-values", "warning", "A Bool condition with both values")
def bool_values(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean"""
    if parts(condition.operator)[1] == "Bool" and len(condition.values) > 1:
        message = f"one of several values of {condition.key} is always right"
        yield Violation(located.condition(condition), message, "Keep one of them.")


@statement_rule("variable-syntax", "error", "A policy variable that is not well formed")
def variable_syntax(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    texts = [(pointer, resource.text) for pointer, resource in located.resources()]
    for condition in located.statement.conditions:
        texts += [(located.condition(condition), value) for value in condition.values]
    for pointer, text in texts:
        rest = _VARIABLE.sub("", text)
        if "${" in rest and not is_unfilled(rest):
            message = f"'{text}' has a policy variable that is not well formed"
            hint = "Write ${aws:username}, or ${aws:username, 'default'}."
            yield Violation(pointer, message, hint)


@condition_rule("ip-host-bits", "note", "A CIDR block with bits behind its prefix")
def ip_host_bits(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    for value in condition.values:
        if not parts(condition.operator)[1].endswith("IpAddress") or not is_network(value):
            continue
        network = str(ipaddress.ip_network(value, strict=False))
        if "/" in value and fold(network) != fold(value):
            message = f"'{value}' means {network}"
            yield Violation(located.condition(condition), message, f"Write {network}.")
