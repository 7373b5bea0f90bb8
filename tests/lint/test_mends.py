"""Every mend that names an edit is made, and access compared: none widens or denies too much.

A mend is `same` where the policy has to say what it said before; `narrower` where the statement
may hold for less, and never for more; `within` where what never worked is to work as it was meant:
the mended statement holds for less than one without the mended element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple

import pytest

from planner.access.api import Comparison, Grant, compare
from planner.lint.finding import Finding
from planner.policy.document import Policy
from planner.policy.parse import ParsedPolicy, find_problems
from planner.policy.resource import parse_resource
from planner.registry import Registry
from tests.lint.cases import CASES
from tests.support.lint import HERE, find
from tests.support.policies import parsed

Json = dict[str, Any]
OWN = {"AWS": "444455556666"}
SERVICE = {"Service": "omics.amazonaws.com"}
Edit = Callable[[Json, list[str], re.Match[str]], None]
ELEMENTS = ("Action", "NotAction", "Resource", "NotResource")


def steps(pointer: str) -> list[str]:
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:]]


def at(document: Any, path: list[str]) -> Any:
    for step in path:
        document = document[int(step) if isinstance(document, list) else step]
    return document


def listed(text: str) -> Json:
    """The policy with a list wherever one may stand, as pointers have it."""
    policy: Json = json.loads(text)
    if isinstance(policy["Statement"], dict):
        policy["Statement"] = [policy["Statement"]]
    for one in policy["Statement"]:
        blocks = [one, *(one.get("Condition") or {}).values()]
        for name in ("Principal", "NotPrincipal"):
            one[name] = {"AWS": ["*"]} if one.get(name) == "*" else one.get(name)
            blocks += [one[name]] if one[name] else []
            one.pop(name) if one[name] is None else None
        for block in blocks:
            for key, value in block.items():
                is_list = block is not one or key in ELEMENTS
                block[key] = [value] if is_list and not isinstance(value, list) else value
    return policy


def remove(document: Json, path: list[str], _found: re.Match[str]) -> None:
    del at(document, path[:-1])[int(path[-1])]


def remove_statement(document: Json, path: list[str], _found: re.Match[str]) -> None:
    del document["Statement"][int(path[1])]


def write(document: Json, path: list[str], found: re.Match[str]) -> None:
    at(document, path[:-1])[int(path[-1])] = found[1]


def write_typed(document: Json, path: list[str], found: re.Match[str]) -> None:
    at(document, path[:-2])[path[-2]].remove(at(document, path))
    ((kind, text),) = json.loads(found[1]).items()
    at(document, path[:-2]).setdefault(kind, []).append(text)


def write_operator(document: Json, path: list[str], found: re.Match[str]) -> None:
    block = at(document, path[:3])
    if len(path) == 4:
        block[found[1]] = block.pop(path[3])
        return
    values = block[path[3]].pop(path[4])
    block.setdefault(found[1], {})[path[4]] = values
    for operator, keys in json.loads(f"{{{found[2] or ''}}}").items():
        block.setdefault(operator, {}).update(keys)


def add_conditions(document: Json, path: list[str], found: re.Match[str]) -> None:
    block = document["Statement"][int(path[1])].setdefault("Condition", {})
    for group in filter(None, found.groups()):
        for operator, keys in json.loads(f"{{{group}}}").items():
            for key, value in keys.items():
                block.setdefault(operator, {}).setdefault(key, []).append(value)


def write_everybody_of(document: Json, path: list[str], found: re.Match[str]) -> None:
    one = document["Statement"][int(path[1])]
    one["Principal"] = "*"
    one["Condition"] = {**one.get("Condition", {}), **json.loads(found[1])}


def add_actions(document: Json, path: list[str], found: re.Match[str]) -> None:
    at(document, path[:3]).extend(found[1].split(", "))


def list_beside(document: Json, path: list[str], found: re.Match[str]) -> None:
    at(document, path[:-1]).append(found[1])


def write_version(document: Json, _path: list[str], found: re.Match[str]) -> None:
    document["Version"] = found[1]


def merge(document: Json, path: list[str], found: re.Match[str]) -> None:
    """Takes all that differs from the first statement in one element into that one."""
    first, element = document["Statement"][int(path[1])], found[1]

    def rest(one: Json) -> Json:
        return {key: value for key, value in one.items() if key not in ("Sid", element)}

    others = [each for each in document["Statement"] if each is not first]
    for each in [each for each in others if rest(each) == rest(first)]:
        document["Statement"].remove(each)
        if element == "Principal":
            for kind, ids in each[element].items():
                first[element].setdefault(kind, []).extend(ids)
        else:
            first[element] += each[element]


class Mend(NamedTuple):
    """How a hint reads, what it has one do, and what becomes of access."""

    hint: str
    edit: Edit
    means: str


_NULL = r'("Null": \{.*?\})'
MENDS = (
    Mend(r"Remove it\.", remove, "same"),
    Mend(r"Remove it from the list: .*", remove, "own"),
    Mend(r"Remove the statement, or name whom .*", remove_statement, "own"),
    Mend(r"List all of them in one (\w+)\.", merge, "same"),
    Mend(r'Write "([-0-9]+)": it means the same and more\.', write_version, "same"),
    Mend(r'(?:Add|Write) "Version": "([-0-9]+)"\.', write_version, "version"),
    Mend(r"Add to its Condition (.*) and (.*), since .*", add_conditions, "spares"),
    Mend(r"Add to its Condition (.*), with a role .*", add_conditions, "spares"),
    Mend(rf"Add {_NULL}\.", add_conditions, "narrower"),
    Mend(r"Add (ecr:[\w:, ]+)(?:; .*)?\.", add_actions, "within"),
    Mend(r'List "(\d+)" beside it\.', list_beside, "narrower"),
    Mend(r"Write (\{.*\})\.", write_typed, "within"),
    Mend(
        r'Write "Principal": "\*" with "Condition": (\{"StringEquals": .*\})\.',
        write_everybody_of,
        "some",
    ),
    Mend(
        rf"Write ((?:For\w+:)?(?:String|Arn|Null|Bool|Numeric|Date|Ip|Not)\w*)"
        rf"(?:, and beside it {_NULL})?\.",
        write_operator,
        "operator",
    ),
    Mend(r"Write ([^ ]*[^ .])\.", write, "value"),
)
SAME_VALUE = ("wide-resource", "ip-host-bits")
"""Rules about values that say what they should, and look like something else."""
ADVICE = (
    *("A policy is for all", "AWS has it no longer", "Add StringEquals", "Copy the account id"),
    *(
        "Correct the",
        "Fill the list",
        "Give ",
        "Keep the one",
        "List in Action",
        "List the actions",
    ),
    *("Look for", "Merge", "Move it", "Name ", "Names have", "Principals of this", "Put it into"),
    *("Say by Principal", "Use ", 'Write "Principal"', "Write ${aws:username}, or", "Write a"),
    *("Write ecr: and", "Write its", "Write the", "Write true"),
)
"""How hints begin that name no edit: somebody has to decide."""


LARGE = 4_000


def variants(text: str) -> Iterator[str]:
    """The policy; with the other effect; and for everybody, the own account, and a service."""
    if not isinstance(find_problems(text), ParsedPolicy):
        return
    yield text
    flipped = {"Allow": "Deny", "Deny": "Allow"}
    changes: list[Json] = [{"Principal": each} for each in ("*", OWN, SERVICE)]
    for change in ({}, *changes) if len(text) < LARGE else ():
        policy = listed(text)
        for one in policy["Statement"]:
            one.update(change if "Principal" in one else {})
            one["Effect"] = one["Effect"] if change else flipped[one["Effect"]]
        yield json.dumps(policy)


def policy_of(document: Json) -> Policy:
    return parsed(json.dumps(document))


def alone(document: Json, index: int, **change: Any) -> Policy:
    """One statement of a policy as if it allowed what it is about."""
    one = {**document["Statement"][index], "Effect": "Allow", **change}
    kept = {key: value for key, value in one.items() if value is not None}
    return policy_of({**document, "Statement": [kept]})


def sure(before: Policy, after: Policy, registry: Registry | None = HERE) -> Comparison:
    found = compare(before, after, registry)
    assert not found.unknown, found.unknown
    return found


def without(document: Json, path: list[str]) -> Policy | None:
    """The statement without what a mend is about; None where that is no element."""
    index, element = int(path[1]), path[2]
    if element == "Condition" and len(path) == 4:
        return None
    if element == "Condition":
        block = deepcopy(document["Statement"][index]["Condition"])
        del block[path[3]][path[4]]
        return alone(document, index, Condition=block)
    wide = {"Principal": "*", "Resource": "*", "Action": "*"}.get(element)
    return alone(document, index, **{element: wide}) if wide else None


def meaning(finding: Finding, mend: Mend) -> str:
    """What a mend means, where that follows from what was found."""
    if mend.means == "value":
        return "same" if finding.rule in SAME_VALUE else "within"
    if mend.means == "operator":
        is_same_but_narrower = "is for several" in finding.message
        return "narrower" if is_same_but_narrower else "within"
    if mend.means == "version":
        return "same" if finding.rule == "missing-version" else "variables"
    return mend.means


def is_same(_path: list[str], before: Json, after: Json) -> None:
    found = sure(policy_of(before), policy_of(after))
    assert not [each for each in (*found.gained, *found.lost) if is_possible(each)]


def is_same_but_for_own(_path: list[str], before: Json, after: Json) -> None:
    if after["Statement"]:
        found = sure(policy_of(before), policy_of(after))
        assert not found.gained
        assert {each.principal.id for each in found.lost} <= set(OWN.values())


def is_narrower(path: list[str], before: Json, after: Json) -> None:
    found = compare(alone(before, int(path[1])), alone(after, int(path[1])), HERE)
    assert not found.gained
    assert not found.unknown or path[2] == "NotPrincipal"


def is_within(path: list[str], before: Json, after: Json) -> None:
    wide = without(before, path)
    if wide is not None:
        found = sure(wide, alone(after, int(path[1])), None)
        everybody = path[2] == "Principal" and "*" in json.dumps(after["Statement"][int(path[1])])
        assert not found.gained
        assert found.lost or everybody


def is_for_some(path: list[str], _before: Json, after: Json) -> None:
    index = int(path[1])
    found = sure(alone(after, index, Condition=None), alone(after, index))
    assert found.lost
    assert not found.gained
    assert not any(each.public for each in compare(None, alone(after, index), HERE).gained)


def spares_own(path: list[str], before: Json, after: Json) -> None:
    index = int(path[1])
    only = {**after, "Statement": [after["Statement"][index]]}
    assert "lockout" not in {each.rule for each in find(json.dumps(only))}
    for account in ("111122223333", "222233334444"):
        asked = {"AWS": f"arn:aws:iam::{account}:role/any"}
        allowed = {"Effect": "Allow", "Principal": asked, "Action": "*", "Resource": "*"}
        denied, denied_yet = (
            policy_of({**each, "Statement": [allowed, each["Statement"][index]]})
            for each in (before, after)
        )
        assert not sure(denied, denied_yet).gained


def makes_variables(_path: list[str], before: Json, after: Json) -> None:
    wide = json.loads(re.sub(r"\$\{[^}]*\}", "*", json.dumps(after)))
    for index, one in enumerate(before["Statement"]):
        if "Condition" not in one:
            assert not sure(alone(wide, index), alone(after, index)).gained


CHECKS: dict[str, Callable[[list[str], Json, Json], None]] = {
    "same": is_same,
    "own": is_same_but_for_own,
    "narrower": is_narrower,
    "within": is_within,
    "some": is_for_some,
    "spares": spares_own,
    "variables": makes_variables,
}


def is_possible(grant: Grant) -> bool:
    """Whether the witness is about a repository that may be: the engine takes any name for one."""
    name = parse_resource(grant.witness.resource).repository
    return name is None or not name.malformed


def mend_of(finding: Finding) -> tuple[Mend, re.Match[str]] | None:
    for mend in MENDS:
        if found := re.fullmatch(mend.hint, finding.hint):
            return mend, found
    return None


BAD = sorted({bad for _, bad, _ in CASES})


@pytest.mark.parametrize("bad", BAD)
def test_a_mend_does_what_was_meant_and_no_more(bad: str) -> None:
    for text in variants(bad):
        for finding in find(text):
            named = mend_of(finding)
            if named is None:
                assert finding.hint.startswith(ADVICE), (finding.rule, finding.hint)
                continue
            before = listed(text)
            after = deepcopy(before)
            named[0].edit(after, steps(finding.pointer), named[1])
            CHECKS[meaning(finding, named[0])](steps(finding.pointer), before, after)


def test_each_kind_of_mend_is_tried() -> None:
    found = (each for bad in BAD if len(bad) < LARGE for each in find(bad))
    used = {named[0].hint for each in found if (named := mend_of(each))}
    assert used == {each.hint for each in MENDS}
