"""What a statement is called: the same in lint, plan, guard, state and errors."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from planner.errors import UsageError
from planner.policy.document import Statement, compact, statement_json
from planner.registry import Registry

_ADDRESS = re.compile(r'(?:registry\["?(?P<registry>[^]"]*)"?\]\.)?statement\[(?P<name>.*)\]')
_NAMELESS = re.compile(rf"#[0-9a-f]{{{12}}}|.*:[0-9]+")
"""What stands in the place of a Sid for a statement that has none."""
_DIGITS = 12
"""So many digits of its digest name a statement that stands in no file."""


@dataclass(frozen=True, slots=True)
class StatementPlace:
    """Where a statement stands: in which file of those that make the policy, and there.

    `file` and `index` count from 0: the files, and the statements of that file. `line` counts
    from 1.
    """

    file: int
    index: int
    line: int


def statement_name(statement: Statement, place: int | None, file: str | None = None) -> str:
    r"""`statement["Sid"]`; for one without a Sid its place in the file, counted from 0.

    `file` is the label of that file where the policy stands in several. A statement without a
    Sid that stands in no file is named by its digest, which is that of its canonical form where
    it is canonical.

    >>> from planner.policy.action import parse_action
    >>> from planner.policy.document import EVERYONE, Patterns, Principal
    >>> everything = Principal(EVERYONE), Patterns((parse_action("ecr:*"),)), None
    >>> named, nameless = (Statement(sid, "Allow", *everything) for sid in ("A", None))
    >>> statement_name(named, 2), statement_name(nameless, 2), statement_name(nameless, None)
    ('statement["A"]', 'statement[2]', 'statement["#a3700f2a486b"]')
    >>> statement_name(nameless, 2, "one.json")
    'statement["one.json:2"]'
    """
    if statement.sid:
        return f"statement[{json.dumps(statement.sid)}]"
    if place is not None:
        return f"statement[{place if file is None else json.dumps(f'{file}:{place}')}]"
    digest = hashlib.sha256(compact(statement_json(statement)).encode()).hexdigest()
    return f'statement["#{digest[:_DIGITS]}"]'


def place_name(
    statement: Statement, place: StatementPlace | None, labels: Sequence[str] = ()
) -> str:
    """The name of a statement at a place; `labels` are those of the files, if there are several."""
    if place is None:
        return statement_name(statement, None)
    return statement_name(statement, place.index, labels[place.file] if labels else None)


def file_labels(paths: Sequence[str], folder: PurePath) -> tuple[str, ...]:
    """What the files of one policy are called in names of statements; empty for one file.

    That is their paths from the folder of the settings, as far as these are different.

    >>> file_labels(["conf/policies/a.json", "conf/b.json"], PurePath("conf"))
    ('policies/a.json', 'b.json')
    """
    if len(paths) < 2:  # noqa: PLR2004 - one file needs no name
        return ()
    pure = [PurePath(each) for each in paths]
    short = [
        str(each.relative_to(folder) if each.is_relative_to(folder) else each) for each in pure
    ]
    return tuple(short if len(set(short)) == len(short) else paths)


def sid_of(address: str, registry: Registry) -> str:
    """The Sid in an address, with or without its registry; what is no address is a Sid itself.

    Raises UsageError for the address of a statement without a Sid, or of another registry.

    >>> here = Registry("aws", "444455556666", "us-west-2")
    >>> full = 'registry["444455556666/us-west-2"].statement["A"]'
    >>> [sid_of(each, here) for each in (full, 'statement["A"]', "A")]
    ['A', 'A', 'A']
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return address
    if match["registry"] not in (None, str(registry)):
        raise UsageError(
            f"{address} is in another registry.", f"This one is {registry}.", "Leave it out."
        )
    try:
        sid = json.loads(match["name"])
    except ValueError:
        sid = None
    if isinstance(sid, str) and not _NAMELESS.fullmatch(sid):
        return sid
    if not match["name"].startswith('"') and not match["name"].isdecimal():
        raise UsageError(
            f"{address} is no address of a statement.",
            "A Sid stands in double quotes, and a shell wants single ones around the whole.",
            """Write it like this: 'statement["Sid"]'""",
        )
    raise UsageError(
        f"{address} names a statement without a Sid.",
        "Such a statement is its body: whoever has the same one owns it too.",
        "Name one that has a Sid.",
    )


def address(registry: Registry, name: str) -> str:
    """The address of something in a registry, as Terraform would print it.

    >>> address(Registry("aws", "444455556666", "us-west-2"), 'statement["A"]')
    'registry["444455556666/us-west-2"].statement["A"]'
    """
    return f'registry["{registry}"].{name}'
