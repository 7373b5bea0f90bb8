"""Changes to JSON text: the one value that was meant, and no other character."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from planner.policy.json_text import read_json
from planner.policy.json_writer import append_json, remove_json, replace_json, write_json
from planner.policy.source_text import Lines
from planner.policy.tree import Node, node_of, pointer_to

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
INDENTS = st.sampled_from([None, 0, 1, 4, "\t"])
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")])


def written(value: object, indent: int | str | None, separators: tuple[str, str], end: str) -> str:
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False)
    return text.replace("\n", end)


def root_of(text: str) -> Node:
    root = read_json(text, "p.json").root
    assert root is not None
    return root


def a_pointer(value: Any, data: st.DataObject) -> str:
    """The pointer of a value in `value`."""
    pointer = ""
    while value and isinstance(value, (dict, list)) and data.draw(st.booleans()):
        keys = range(len(value)) if isinstance(value, list) else list(value)
        key = data.draw(st.sampled_from(keys))
        pointer, value = pointer_to(pointer, key), value[key]
    return pointer


@given(PLAIN)
def test_planners_style_is_that_of_the_standard_library(value: object) -> None:
    assert write_json(node_of(value)) == json.dumps(value, indent=2, ensure_ascii=False) + "\n"


@given(PLAIN, PLAIN, INDENTS, SEPARATORS, st.sampled_from(["\n", "\r\n"]), st.data())
def test_a_value_is_replaced_and_nothing_else(  # noqa: PLR0917 - a text and its layout
    value: object,
    new: object,
    indent: int | str | None,
    separators: tuple[str, str],
    end: str,
    data: st.DataObject,
) -> None:
    text = written(value, indent, separators, end)
    root, pointer = root_of(text), a_pointer(value, data)
    after = replace_json(text, root, pointer, node_of(new))
    start, stop = Lines(text).span(root.at(pointer).location)
    assert after.startswith(text[:start])
    assert after.endswith(text[stop:])
    middle = after[start : len(after) - (len(text) - stop)]
    assert json.loads(middle) == new
    json.loads(after)


@given(st.lists(PLAIN, min_size=1, max_size=3), PLAIN, INDENTS, SEPARATORS)
def test_a_value_is_appended_and_nothing_else(
    items: list[object], new: object, indent: int | str | None, separators: tuple[str, str]
) -> None:
    text = written({"a": items}, indent, separators, "\n")
    after = append_json(text, root_of(text), "/a", node_of(new))
    assert json.loads(after) == {"a": [*items, new]}
    _, end_of_last = Lines(text).span(root_of(text).at(f"/a/{len(items) - 1}").location)
    assert after.startswith(text[:end_of_last])
    assert after.endswith(text[end_of_last:])


@given(PLAIN, PLAIN)
def test_a_single_value_becomes_a_list(value: object, new: object) -> None:
    assume(not isinstance(value, list))
    text = json.dumps({"a": value})
    after = append_json(text, root_of(text), "/a", node_of(new))
    assert json.loads(after) == {"a": [value, new]}


@given(st.lists(PLAIN, min_size=2, max_size=4), INDENTS, SEPARATORS, st.data())
def test_an_item_is_removed_and_nothing_else(
    items: list[object], indent: int | str | None, separators: tuple[str, str], data: st.DataObject
) -> None:
    text = written({"a": items, "b": [1]}, indent, separators, "\n")
    at = data.draw(st.sampled_from(range(len(items))))
    after = remove_json(text, root_of(text), f"/a/{at}")
    left = [*items[:at], *items[at + 1 :]]
    assert after == written({"a": left, "b": [1]}, indent, separators, "\n")
