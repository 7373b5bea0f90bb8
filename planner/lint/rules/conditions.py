"""Rules about the operators and the values of conditions."""

from __future__ import annotations

from collections.abc import Iterator

from planner.lint.rule import (
    LintContext,
    LocatedStatement,
    Violation,
    condition_rule,
    statement_rule,
)
from planner.policy.arn import is_unfilled
from planner.policy.document import Condition
from planner.policy.operators import ValueType
from planner.policy.tree import pointer_to
from planner.policy.values import ConditionValue
from planner.policy.variables import malformed_variable
from planner.text import fold

_VARIABLE_HINT = "Write ${aws:username}, or ${aws:username, 'default'}."
_HINTS: dict[ValueType, str] = {
    "String": _VARIABLE_HINT,
    "Numeric": "Write a number, such as 3600 or 0.5.",
    "Date": "Write a date of ISO 8601, or the seconds since 1970.",
    "Bool": "Write true or false.",
    "Binary": "Write the bytes as Base64.",
    "IpAddress": "Write an address or a range, such as 203.0.113.0/24.",
    "Arn": "Write an ARN, or a pattern of one such as arn:aws:iam::*:role/ci.",
}


@statement_rule("malformed-operator", "error", "There is no such condition operator")
def malformed_operator(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    for operator in dict.fromkeys(each.operator for each in located.statement.conditions):
        if operator.malformed:
            pointer = pointer_to(located.element("Condition"), operator.text)
            hint = "Write Null." if operator.is_null else "Correct the name."
            yield Violation(pointer, operator.malformed, hint)


def _malformed(
    located: LocatedStatement, condition: Condition, *, undocumented: bool
) -> Iterator[Violation]:
    for index, value in enumerate(condition.values):
        if value.malformed and value.undocumented == undocumented:
            pointer = pointer_to(located.condition(condition), index)
            yield Violation(pointer, value.malformed, _hint(value))


def _hint(value: ConditionValue) -> str:
    is_filled = value.type in ("String", "Arn") and malformed_variable(value.text)
    return _VARIABLE_HINT if is_filled else _HINTS[value.type]


@condition_rule("malformed-value", "error", "A condition value that its operator cannot read")
def malformed_value(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    return _malformed(located, condition, undocumented=False)


@condition_rule(
    "malformed-arn-pattern", "warning", "A pattern of ARNs with fewer parts than an ARN has"
)
def malformed_arn_pattern(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """Each of the six parts is compared by itself; of fewer AWS does not say what they match.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    return _malformed(located, condition, undocumented=True)


@condition_rule("condition-value", "error", "A condition value that its key never has")
def condition_value(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
    form = condition.key.row.form
    if form is None or condition.operator.row.positive != "StringEquals":
        return
    for index, value in enumerate(condition.values):
        if "${" not in value.text and not form.fits(value.text):
            pointer = pointer_to(located.condition(condition), index)
            hint = "Correct the value: this one can never match."
            yield Violation(pointer, f"'{value}' {form.fault}", hint)


@statement_rule("forallvalues-allow", "warning", "ForAllValues in an Allow")
def forallvalues_allow(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """ForAllValues holds where the key is missing, so it allows those it was to keep out.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    present = {
        each.key.spelled
        for each in located.statement.conditions
        if each.operator.is_null and each.holds_without_key is False
    }
    for condition in located.statement.conditions:
        if (
            located.allows
            and condition.operator.set_prefix == "ForAllValues"
            and not condition.operator.malformed
            and condition.key.spelled not in present
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
    row = condition.operator.row
    if condition.operator.malformed or row.value_type != "String" or row.wildcards:
        return
    for index, text in enumerate(condition.texts):
        if "*" in text.replace("${*}", ""):
            pointer = pointer_to(located.condition(condition), index)
            like = "StringNotLike" if row.negated else "StringLike"
            message = f"{row.name} takes the * of '{text}' for a character"
            yield Violation(pointer, message, f"Write {like}.")


@condition_rule("bool-values", "warning", "A Bool condition with both values")
def bool_values(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean"""
    if condition.operator.row.name == "Bool" and len(condition.values) > 1:
        message = f"one of several values of {condition.key} is always right"
        yield Violation(located.condition(condition), message, "Keep one of them.")


@statement_rule("variable-syntax", "error", "A policy variable that is not well formed")
def variable_syntax(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    for pointer, resource in located.resources():
        fault = malformed_variable(resource.text)
        if fault and not is_unfilled(resource.text):
            yield Violation(pointer, fault, _VARIABLE_HINT)


@condition_rule("ip-host-bits", "note", "A CIDR block with bits behind its prefix")
def ip_host_bits(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    for index, value in enumerate(condition.values):
        if value.network and "/" in value.text and fold(str(value.network)) != fold(value.text):
            pointer = pointer_to(located.condition(condition), index)
            yield Violation(pointer, f"'{value}' means {value.network}", f"Write {value.network}.")
