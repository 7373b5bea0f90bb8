"""Texts that this planner cannot read: what makes two of them the same."""

from __future__ import annotations

import json

import pytest

from planner.policy.document import Policy
from planner.policy.opaque import OpaquePolicy, read_any
from tests.support.policies import document, statement

TWO = {"AWS": ["111122223333", "222233334444"], "Grade": {"AWS": ["b", "a"]}}
TEXT = document(statement("A", Principal=TWO, Action=["ecr:PutImage", "ecr:*"]), Grade=5)


def _opaque(text: str) -> OpaquePolicy:
    found = read_any(text, "it")
    assert isinstance(found, OpaquePolicy)
    return found


def test_what_can_be_read_is_a_policy() -> None:
    assert isinstance(read_any(document(statement()), "it"), Policy)


def test_layout_and_the_order_of_principals_are_no_difference() -> None:
    turned = TEXT.replace('["111122223333", "222233334444"]', '["222233334444", "111122223333"]')
    assert turned != TEXT
    assert _opaque(turned) == _opaque(TEXT) == _opaque(json.dumps(json.loads(TEXT), indent=8))
    again = _opaque(_opaque(TEXT).text)
    assert (again, again.digest) == (_opaque(TEXT), _opaque(TEXT).digest)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('["ecr:PutImage", "ecr:*"]', '["ecr:*", "ecr:PutImage"]'),
        ('"Grade": 5', '"Grade": 5.0'),
        ('"Grade": 5', '"Grade": "5"'),
        ('"Grade": 5', '"Grade": 5, "Grade": 6'),
        ('"Sid": "A", "Effect": "Allow"', '"Effect": "Allow", "Sid": "A"'),
        ("222233334444", "222233334445"),
    ],
)
def test_everything_else_is(old: str, new: str) -> None:
    assert old in TEXT
    assert _opaque(TEXT.replace(old, new)) != _opaque(TEXT)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "true", '{"a": 1, "a": 2}', "\ufeff{", '"\\ud800"']
)
def test_any_text_is_kept_and_has_a_digest(text: str) -> None:
    found = _opaque(text)
    assert found.text.strip() == text
    assert (len(found.digest), found.reason != "") == (64, True)


def test_the_reason_is_harmless() -> None:
    reason = _opaque(document(**{"a\n::error::b\x1b[2K": 1})).reason
    assert "\n" not in reason
    assert "\x1b" not in reason
