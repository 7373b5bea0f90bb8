"""Condition operators by the second evaluator, against what IAM's documents say of them.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import pytest

from tests.oracle.conditions import holds
from tests.oracle.generator import OPERATORS
from tests.oracle.patterns import MAYBE, Values


def answer(operator: str, value: Values, *expected: str, **context: Values) -> bool | None:
    """Whether the condition holds for the values of the key `k`."""
    return holds(operator, "k", expected, {**context, "k": value}, variables=True)


def test_there_are_27_operators() -> None:
    assert len(set(OPERATORS)) == 27


@pytest.mark.parametrize(
    ("operator", "value", "expected", "wanted"),
    [
        # "Exact matching, case sensitive"; "Negated matching"; "ignoring case".
        ("StringEquals", "iamuser-admin", "iamuser-admin", True),
        ("StringEquals", "IAMUSER-admin", "iamuser-admin", False),
        ("StringEquals", "iamuser-admin", "iamuser-*", False),
        ("StringNotEquals", "a", "b", True),
        ("StringEqualsIgnoreCase", "Admin", "aDMIN", True),
        ("StringNotEqualsIgnoreCase", "Admin", "aDMIN", False),
        # "multi-character match wildcards (*) and single-character match wildcards (?)".
        ("StringLike", "home/David/", "home/*", True),
        ("StringLike", "prod1", "prod?", True),
        ("StringLike", "prod", "prod?", False),
        ("StringNotLike", "prod1", "prod?", False),
        # "less than or equal to 10".
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericLessThanEquals", "11", "10", False),
        ("NumericEquals", "10.0", "10", True),
        ("NumericNotEquals", "10.0", "10", False),
        ("NumericGreaterThan", "10", "9.5", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", False),
        ("DateGreaterThanEquals", "2020-01-01T00:00:01Z", "1577836801", True),
        ("DateLessThan", "2019-12-31T23:59:59Z", "2020-01-01T01:00:00+01:00", True),
        ("DateNotEquals", "2020-01-01", "2020-01-01T00:00:00Z", False),
        ("Bool", "false", "false", True),
        ("Bool", "true", "false", False),
        ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", True),
        # "the IP range 203.0.113.0 to 203.0.113.255"; "the default prefix value of /32".
        ("IpAddress", "203.0.113.255", "203.0.113.0/24", True),
        ("IpAddress", "203.0.114.0", "203.0.113.0/24", False),
        ("IpAddress", "203.0.113.9", "203.0.113.9", True),
        ("IpAddress", "2001:db8:1234:5678::1", "2001:DB8:1234:5678::/64", True),
        ("NotIpAddress", "203.0.113.255", "203.0.113.0/24", False),
    ],
)
def test_one_value(operator: str, value: str, expected: str, wanted: bool) -> None:
    assert answer(operator, (value,), expected) is wanted


def test_an_arn_is_checked_field_by_field() -> None:
    # The example under Conditions_ARN.
    pattern = "arn:aws:someservice:*:111122223333:finance/*"
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert answer("StringLike", (value,), pattern) is True
    for operator in ("ArnLike", "ArnEquals"):
        assert answer(operator, (value,), pattern) is False
        assert answer(operator, ("arn:aws:someservice::111122223333:finance/x:y",), pattern) is True
    for operator in ("ArnNotLike", "ArnNotEquals"):
        assert answer(operator, (value,), pattern) is True
    assert answer("ArnLike", (value,), "arn:*") is None


def test_a_missing_key() -> None:
    # "If the key ... is not present in the request context, the values do not match and the
    # condition is false. If the policy condition requires that the key is not matched, such as
    # StringNotLike or ArnNotLike, and the right key is not present, the condition is true."
    for operator in OPERATORS:
        if operator != "Null":
            assert answer(operator, (), "1") is ("Not" in operator)
            assert answer(operator + "IfExists", (), "1") is True
    assert answer("Null", (), "true") is True
    assert answer("Null", ("x",), "true") is False
    assert answer("Null", ("x",), "false") is True
    assert answer("NullIfExists", (), "true") is None


def test_sets() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    listed = ("PostDateTime", "Message", "Tags")
    both: Values = ("PostDateTime", "UserName")
    assert answer("ForAllValues:StringEquals", both, *listed) is False
    assert answer("ForAllValues:StringEquals", ("Tags", "Message"), *listed) is True
    assert answer("ForAnyValue:StringEquals", both, *listed) is True
    assert answer("ForAnyValue:StringEquals", ("UserName",), *listed) is False
    # "It also returns true if there are no keys in the request, or if the key values resolve
    # to a null data set"; "For no matching key or a null dataset, the condition returns false."
    for nothing in ((), ("",)):
        assert answer("ForAllValues:StringEquals", nothing, *listed) is True
        assert answer("ForAllValues:StringNotEquals", nothing, *listed) is True
        assert answer("ForAnyValue:StringEquals", nothing, *listed) is False
        assert answer("ForAnyValue:StringNotEquals", nothing, *listed) is False
    assert answer("ForAnyValue:StringNotEquals", both, *listed) is True
    assert answer("ForAllValues:StringNotEquals", both, *listed) is False
    assert answer("StringEquals", both, *listed) is None


def test_several_values_are_alternatives_and_together_where_negated() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
    assert answer("StringEquals", ("hr",), "finance", "hr", "legal") is True
    assert answer("StringNotEquals", ("hr",), "finance", "hr", "legal") is False


def test_variables() -> None:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    name: dict[str, Values] = {"aws:username": ("David",)}
    assert answer("StringLike", ("home/David/x",), "home/${aws:username}/*", **name) is True
    assert answer("StringEquals", ("David",), "${AWS:UserName}", **name) is True
    # "There is no equal or like value"; inverted operators "do match against a null value".
    assert answer("StringEquals", ("x",), "${aws:PrincipalTag/team}") is False
    assert answer("StringNotLike", ("x",), "${aws:PrincipalTag/team}") is True
    default = "bucket-${aws:PrincipalTag/team, 'company-wide'}"
    assert answer("StringEquals", ("bucket-company-wide",), default) is True
    yellow: dict[str, Values] = {"aws:principaltag/team": ("yellow",)}
    assert answer("StringEquals", ("bucket-yellow",), default, **yellow) is True
    assert answer("StringEquals", ("bucket-company-wide",), default, **yellow) is False
    assert answer("StringLike", ("a*?$b",), "a${*}${?}${$}b") is True
    assert answer("StringLike", ("axxxb",), "a${*}${?}${$}b") is False
    # "You can't use a policy variable with other operators, such as Numeric"; "You can't use
    # a multivalued condition key as a variable."
    assert answer("NumericEquals", ("5",), "${aws:username}", **name) is None
    assert answer("StringEquals", ("t",), "${aws:TagKeys}", **{"aws:tagkeys": ("t",)}) is None
    literal = "${aws:username}"
    assert holds("StringEquals", "k", [literal], {"k": (literal,)}, variables=False) is True


def test_what_the_documents_leave_open() -> None:
    assert answer("StringEquals", MAYBE, "x") is None
    assert answer("Null", MAYBE, "true") is None
    assert answer("StringEquals", None, "x") is None
    assert answer("Null", None, "true") is False
    assert answer("NumericEquals", ("many",), "5") is None
    assert answer("StringLike", ("a",), "${aws:username}", **{"aws:username": ("*",)}) is None
