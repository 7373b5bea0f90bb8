"""The ways to write a policy down: each is a reader and a writer, and a row of the table here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from planner.policy.document import POLICY_SIZE_LIMIT
from planner.policy.ecr_rules import SIZE_HINT
from planner.policy.json_text import read_json
from planner.policy.json_writer import append_json, remove_json, replace_json, write_json
from planner.policy.source_text import MAX_BYTES, MAX_DENSE, decode, dense_size
from planner.policy.tree import Node, Problem, Tree, beginning_of
from planner.policy.yaml_text import read_yaml
from planner.policy.yaml_writer import (
    append_yaml,
    remove_yaml,
    replace_yaml,
    rewrite_yaml,
    write_yaml,
)

_BEGINS_YAML = re.compile(r"\s*(?:#|---\s|%YAML|- |[A-Za-z][A-Za-z0-9]*:(?:\s|\Z))")

_HCL_FILES = (".tf", ".tofu", ".hcl")
_HCL = re.compile(
    r"(?:\s*#[^\n]*\n)*\s*(?:resource|data|module|terraform|provider|locals)\b[^:\n]*\{"
)
TERRAFORM_SHOW = "`terraform show -json > state.json` gives what planner reads."


@dataclass(frozen=True, slots=True)
class Syntax:
    """One syntax, for files whose names have one of the `suffixes`.

    `read` makes a tree of the text of a file. `write` gives the text of a tree in planner's
    style, and `rewrite` that of a tree made of the nodes of another one, whose text gives its
    comments. `append`, `replace` and `remove` change a text and give it back with all else as
    it was: the first puts a value behind the last one of the list at a JSON Pointer, where a
    single value becomes the first of a list; the second puts it in the place of the value there;
    the third takes away an item of a list that has more. The tree they take is what `read` makes
    of that text.
    """

    suffixes: tuple[str, ...]
    read: Callable[[str, str], Tree]
    write: Callable[[Node], str]
    rewrite: Callable[[str, Node, Node], str]
    append: Callable[[str, Node, str, Node], str]
    replace: Callable[[str, Node, str, Node], str]
    remove: Callable[[str, Node, str], str]


def _rewrite_json(_text: str, _root: Node, changed: Node) -> str:
    return write_json(changed)


JSON = Syntax(
    (".json",), read_json, write_json, _rewrite_json, append_json, replace_json, remove_json
)
YAML = Syntax(
    (".yaml", ".yml"),
    read_yaml,
    write_yaml,
    rewrite_yaml,
    append_yaml,
    replace_yaml,
    remove_yaml,
)
SYNTAXES = (JSON, YAML)


def syntax_of(file: str, text: str = "") -> Syntax:
    """The syntax of a file by its name, where that tells of none by its text, and else JSON.

    >>> syntax_of("p.yml") is YAML, syntax_of("-", "Statement: []") is YAML
    (True, True)
    """
    for each in SYNTAXES:
        if file.endswith(each.suffixes):
            return each
    # Whatever begins a document of JSON would begin the same one of YAML.
    return YAML if _BEGINS_YAML.match(text) else JSON


def read_source(data: bytes | str, file: str = "policy") -> Tree:
    """The tree of a policy file, with all that is wrong in the way it is written.

    There is none of a text that is larger than any policy: to take it apart would take long.
    """
    text = text_of(data, file)
    if isinstance(text, Problem):
        return Tree(file, None, (text,))
    return read_text(text, file, syntax_of(file))


def text_of(data: bytes | str, file: str) -> str | Problem:
    """The text of a file; a problem where it is too large, none, or in Terraform's language."""
    if len(data) > MAX_BYTES:
        return _too_large(file, f"the file has more than {MAX_BYTES:,} bytes")
    if isinstance(data, str):
        text, undecodable = data.removeprefix("\ufeff"), None
    else:
        text, undecodable = decode(data, file)
    if file.endswith(_HCL_FILES) or _HCL.match(text):
        message = "this is HCL, Terraform's own language, which planner does not read"
        return Problem("not-a-policy", message, TERRAFORM_SHOW, "", beginning_of(file))
    return undecodable or text


def read_text(text: str, file: str, syntax: Syntax) -> Tree:
    """The tree of a policy in a syntax, as `read_source` has it."""
    is_json = syntax is JSON
    if is_json and len(text) > MAX_DENSE and (size := dense_size(text)) > MAX_DENSE:
        return Tree(file, None, (larger_than_any(file, size),))
    tree = syntax.read(text, file)
    if not is_json and tree.root and (size := tree.root.size()) > MAX_DENSE:
        return Tree(file, None, (larger_than_any(file, size),))
    return tree


def larger_than_any(file: str, size: int) -> Problem:
    """The problem of a policy that no service takes; `size` is without white space."""
    return _too_large(file, f"the policy has {size:,} characters without white space")


def _too_large(file: str, what: str) -> Problem:
    message = f"{what}: ECR takes {POLICY_SIZE_LIMIT:,} characters, and no AWS service so many"
    return Problem("policy-size", message, SIZE_HINT, "", beginning_of(file))
