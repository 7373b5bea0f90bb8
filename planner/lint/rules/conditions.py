"""Rules about the operators and the values of conditions."""

from __future__ import annotations

import re
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
from planner.policy.keys import ORGANIZATION_PATH
from planner.policy.operators import ValueType
from planner.policy.tree import pointer_to
from planner.policy.values import ConditionValue
from planner.policy.variables import foreign_escape, malformed_variable, unescaped
from planner.text import fold

_VARIABLE_HINT = "Write ${aws:username}, or ${aws:username, 'default'}."
_SHELL_VARIABLE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
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
    is_variable = value.type in ("String", "Arn") and malformed_variable(value.text)
    return _variable_hint(value.text) if is_variable else _HINTS[value.type]


def _variable_hint(text: str) -> str:
    """What to write in the place of what was meant to be a policy variable."""
    mended = unescaped(text)
    return _VARIABLE_HINT if malformed_variable(mended) else f"Write {mended}."


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
    form, row = condition.key.row.form, condition.operator.row
    if form is None or row.positive not in ("StringEquals", "StringLike"):
        return
    for index, value in enumerate(condition.values):
        if "${" in value.text or form.fits(value.text, is_pattern=row.wildcards):
            continue
        pointer = pointer_to(located.condition(condition), index)
        hint = "Correct the value: this one can never match."
        with_end = f"{value.text.rstrip('/')}{'/*' if row.wildcards else '/'}"
        if form is ORGANIZATION_PATH and form.fits(with_end, is_pattern=row.wildcards):
            hint = f"Write {with_end}."
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
            hint = f'Add "Null": {{"{condition.key}": "false"}}.'
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
    if condition.key.row.form:  # `condition_value` says what the value must be
        return
    for index, text in enumerate(condition.texts):
        if "*" in text.replace("${*}", ""):
            pointer = pointer_to(located.condition(condition), index)
            like = "StringNotLike" if row.negated else "StringLike"
            message = f"{row.name} takes the * of '{text}' for a character"
            hint = f"Write {condition.operator.spelled.replace(row.name, like)}."
            if not text.strip("*?"):
                hint = "Write the value that is meant: a wildcard alone would be every value."
            yield Violation(pointer, message, hint)


@condition_rule("bool-values", "warning", "A Bool condition with both values")
def bool_values(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Boolean"""
    if condition.operator.row.name == "Bool" and len(condition.values) > 1:
        message = f"one of several values of {condition.key} is always right"
        yield Violation(located.condition(condition), message, "Keep the one that is meant.")


@statement_rule("variable-syntax", "error", "A policy variable that is not well formed")
def variable_syntax(_context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    for pointer, resource in located.resources():
        fault = foreign_escape(resource.text) or malformed_variable(resource.text)
        hint = _variable_hint(resource.text)
        name = resource.repository
        if not fault and name and (found := _SHELL_VARIABLE.search(name.text)):
            fault = f"'{found[0]}' in '{resource.text}' is a variable that nobody has filled in"
            hint = "Write the name that it was to become, or a variable of IAM's."
        if fault and not is_unfilled(resource.text):
            yield Violation(pointer, fault, hint)
    for condition in located.statement.conditions:
        for index, value in enumerate(condition.values):
            fault = foreign_escape(value.text) if condition.operator.row.variables else ""
            if fault and not value.malformed:
                pointer = pointer_to(located.condition(condition), index)
                yield Violation(pointer, fault, _variable_hint(value.text))


@condition_rule("ip-host-bits", "note", "A CIDR block with bits behind its prefix")
def ip_host_bits(
    _context: LintContext, located: LocatedStatement, condition: Condition
) -> Iterator[Violation]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"""
    for index, value in enumerate(condition.values):
        if value.network and "/" in value.text and fold(str(value.network)) != fold(value.text):
            pointer = pointer_to(located.condition(condition), index)
            yield Violation(pointer, f"'{value}' means {value.network}", f"Write {value.network}.")
