"""JSON text: what is refused, where it stands, and that nothing takes long."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.policy.json_text import MAX_DEPTH, read_json
from planner.policy.source_text import decode
from tests.support.trees import value_of

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(PLAIN, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_reads_what_the_standard_library_writes(
    value: object, indent: str | int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    tree = read_json(text, "p.json")
    assert tree.root is not None
    assert not tree.problems
    assert value_of(tree.root) == value


@given(st.text(alphabet='{}[]",:\\u0123abc \n-.e+/*#tfn'))
def test_agrees_with_the_standard_library_on_what_is_json(text: str) -> None:
    try:
        json.loads(text, parse_constant=lambda _: 1 / 0)
        valid = True
    except (ValueError, ZeroDivisionError):
        valid = False
    tree = read_json(text, "p.json")
    strange = any("twice" in problem.message for problem in tree.problems)
    if not strange and "\\ud" not in text:
        assert (tree.root is not None and not tree.problems) == valid


@pytest.mark.parametrize(
    ("text", "line", "column", "pointer", "words"),
    [
        ('{"a": [1, 2,]}', 1, 12, "/a", "trailing comma"),
        ('{"a": 1,\n}', 1, 8, "", "trailing comma"),
        ('{"a": 1, // why\n "b": 2}', 1, 10, "", "no comments"),
        ('{"a": /* why */ 1}', 1, 7, "/a", "no comments"),
        ('# why\n{"a": 1}', 1, 1, "", "no comments"),
        ('{"a": 1, "b": {"x": 1,\n "x": 2}}', 2, 2, "/b/x", "twice"),
        ('{"a": "x', 1, 9, "/a", "not closed"),
        ('{"a": "x\ny"}', 1, 9, "/a", "not closed"),
        ('{"a": "\\x"}', 1, 8, "/a", "no such escape"),
        ('{"a": "\t"}', 1, 8, "/a", "control character"),
        ('{"a": "\\ud800"}', 1, 7, "/a", "surrogate"),
        ('{"a": [1, 2', 1, 12, "/a", "the file ends"),
        ('{"a"', 1, 5, "/a", "expected ':'"),
        ("{'a': 1}", 1, 2, "", "double quotes"),
        ('{"a": NaN}', 1, 7, "/a", '"NaN"'),
        ('{"a": 012}', 1, 7, "/a", '"012"'),
        ('{"a": 1} x', 1, 10, "", "more text"),
        ('{"a": {{name}}}', 1, 8, "/a", "double quotes"),
        ('{"a": 1 "b": 2}', 1, 9, "", "expected ','"),
        ("", 1, 1, "", "empty"),
        (" \n ", 2, 2, "", "empty"),
        ('{"a/b~": [tru]}', 1, 11, "/a~1b~0/0", '"tru"'),
    ],
)
def test_names_the_place(text: str, line: int, column: int, pointer: str, words: str) -> None:
    first = read_json(text, "p.json").problems[0]
    assert words in first.message
    place = (first.location.file, first.location.line, first.location.column)
    assert (*place, first.pointer) == ("p.json", line, column, pointer)


def test_steps_over_what_it_can_and_reports_all_of_it() -> None:
    tree = read_json('{\n "a": [1,], // one\n "a": {"b": 1,},\n}', "p.json")
    assert tree.root is not None
    assert [problem.location.line for problem in tree.problems] == [2, 2, 3, 3, 3]


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_a_nesting_bomb_is_a_problem_and_no_crash(opening: str) -> None:
    tree = read_json(opening * 100_000, "p.json")
    assert tree.root is None
    assert str(MAX_DEPTH) in tree.problems[0].message


@pytest.mark.parametrize(
    "text", ['"' + "a" * 900_000, '"' + "\\\\" * 450_000, "[" + "1," * 400_000]
)
def test_long_broken_texts_end_soon(text: str) -> None:
    assert read_json(text, "p.json").problems


def test_decoding() -> None:
    assert decode(b"\xef\xbb\xbf{}") == ("{}", None)
    text, problem = decode(b'{\n "a": "\xc3\xa9\xff"}')
    assert not text
    assert problem is not None
    assert (problem.location.line, problem.location.column) == (2, 9)
    assert "0xff" in problem.message
    assert "0xff" in str(decode(b'\xef\xbb\xbf{"a":\xff')[1])
    assert "UTF-16" in str(decode("{}".encode("utf-16"))[1])


def test_positions_count_every_kind_of_line_end() -> None:
    tree = read_json('{\r\n"a": 1,\r"b": 2,\n"c": }', "p.json")
    location = tree.problems[0].location
    assert (location.line, location.column) == (4, 6)
