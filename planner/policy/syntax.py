"""The ways to write a policy down: each is a reader and a writer, and a row of the table here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from planner.policy.document import POLICY_SIZE_LIMIT
from planner.policy.ecr_rules import SIZE_HINT
from planner.policy.json_text import read_json
from planner.policy.json_writer import append_json, remove_json, replace_json, write_json
from planner.policy.source_text import MAX_BYTES, MAX_DENSE, decode, dense_size
from planner.policy.tree import Node, Problem, Tree, beginning_of


@dataclass(frozen=True, slots=True)
class Syntax:
    """One syntax, for files whose names have one of the `suffixes`.

    `read` makes a tree of the text of a file. `write` gives the text of a tree in planner's
    style. `append`, `replace` and `remove` change a text and give it back with all else as it was:
    the first puts a value behind the last one of the list at a JSON Pointer, where a single value
    becomes the first of a list; the second puts it in the place of the value there; the third
    takes away an item of a list that has more. The tree they take is what `read` makes of that
    text.
    """

    suffixes: tuple[str, ...]
    read: Callable[[str, str], Tree]
    write: Callable[[Node], str]
    append: Callable[[str, Node, str, Node], str]
    replace: Callable[[str, Node, str, Node], str]
    remove: Callable[[str, Node, str], str]


JSON = Syntax((".json",), read_json, write_json, append_json, replace_json, remove_json)
SYNTAXES = (JSON,)


def syntax_of(file: str) -> Syntax:
    """The syntax of a file by its name; JSON for a name that tells of none."""
    return next((each for each in SYNTAXES if file.endswith(each.suffixes)), JSON)


def read_source(data: bytes | str, file: str = "policy") -> Tree:
    """The tree of a policy file, with all that is wrong in the way it is written.

    There is none of a text that is larger than any policy: to take it apart would take long.
    """
    if len(data) > MAX_BYTES:
        return _too_large(file, f"the file has more than {MAX_BYTES:,} bytes")
    if isinstance(data, str):
        text, undecodable = data.removeprefix("\ufeff"), None
    else:
        text, undecodable = decode(data, file)
    if undecodable is not None:
        return Tree(file, None, (undecodable,))
    if len(text) > MAX_DENSE and (size := dense_size(text)) > MAX_DENSE:
        return _too_large(file, f"the policy has {size:,} characters without white space")
    return syntax_of(file).read(text, file)


def _too_large(file: str, what: str) -> Tree:
    message = f"{what}: ECR takes {POLICY_SIZE_LIMIT:,} characters, and no AWS service so many"
    problem = Problem("policy-size", message, SIZE_HINT, "", beginning_of(file))
    return Tree(file, None, (problem,))
