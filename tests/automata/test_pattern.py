"""IAM's patterns against brute force: every text over a small alphabet up to some length."""

from __future__ import annotations

import itertools
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.automata.pattern import intersects, matches, subsumes
from tests.support.effort import tries

LONG = 10_240
TEXTS = [
    "".join(letters) for length in range(7) for letters in itertools.product("abx", repeat=length)
]
patterns = st.text("ab*?", max_size=4)


def regex(pattern: str) -> re.Pattern[str]:
    """Another reading of a pattern, to compare with."""
    parts = [{"*": ".*", "?": "."}.get(char) or re.escape(char) for char in pattern]
    return re.compile("".join(parts), re.DOTALL)


@settings(max_examples=tries(200))
@given(st.text("ab*?", max_size=8))
def test_matches_agrees_with_a_regular_expression(pattern: str) -> None:
    known = regex(pattern)
    for text in TEXTS[:400]:
        assert matches(pattern, text) == bool(known.fullmatch(text)), text


@settings(max_examples=tries(400))
@given(st.lists(patterns, max_size=4), patterns)
def test_includes_agrees_with_brute_force(outer: list[str], inner: str) -> None:
    inside, outside = regex(inner), [regex(each) for each in outer]
    escaped = (
        text
        for text in TEXTS
        if inside.fullmatch(text) and not any(each.fullmatch(text) for each in outside)
    )
    # A shortest text that escapes patterns of at most 4 characters is this short.
    assert subsumes(outer, inner) == (next(escaped, None) is None)


@settings(max_examples=tries(300))
@given(patterns, patterns)
def test_overlap_agrees_with_brute_force(one: str, other: str) -> None:
    first, second = regex(one), regex(other)
    common = any(first.fullmatch(text) and second.fullmatch(text) for text in TEXTS)
    assert intersects(one, other) == intersects(other, one) == common


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        (["a*", "*b"], "a*b", True),
        (["a*", "b*"], "?*", False),
        (["*"], "", True),
        (["?*"], "*", False),
        (["", "?*"], "*", True),
        (["", "?", "??*"], "*", True),
        (["*a*", "*b*"], "*", False),
        (["prod-*"], "prod-*-x", True),
        (["prod-*"], "*-x", False),
        ([], "a", False),
        (["[ab]"], "a", False),
        (["a\n*"], "a\n\nb", True),
        (["A*"], "a", False),
    ],
)
def test_includes(outer: list[str], inner: str, *, expected: bool) -> None:
    assert subsumes(outer, inner) is expected


@pytest.mark.parametrize(
    "inner",
    ["a" * LONG, "*" * LONG, "?" * LONG, "*a" * (LONG // 2), "a*" * (LONG // 2) + "b"],
    ids=["letters", "stars", "marks", "stars and letters", "with an end"],
)
@pytest.mark.parametrize("outer", ["*a" * (LONG // 2), "?" * LONG, "*?" * (LONG // 2) + "b"])
def test_long_patterns_take_bounded_time(outer: str, inner: str) -> None:
    start = time.process_time()
    matches(outer, inner)
    intersects(outer, inner)
    subsumes([outer], inner)
    assert time.process_time() - start < 2


def test_what_would_take_too_long_is_not_included() -> None:
    """Which of 14 places holds the `b`: the automaton of the union is exponential."""
    outer = [f"*b{'?' * count}" for count in range(3, 40)]
    assert not subsumes(outer, "*a*b*a*b*a*b*a*b")
