"""Several files that together are one policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from planner.policy.canonical import CURRENT_VERSION
from planner.policy.document import Policy, serialize
from planner.policy.ecr_rules import MAX_JUDGED, SIZE_HINT, size_refusal
from planner.policy.parse import ParsedPolicy, parse_policy
from planner.policy.tree import Location, Member, Node, Problem


def join(parts: Sequence[ParsedPolicy], labels: Sequence[str]) -> ParsedPolicy | list[Problem]:
    """The policy that the files are together, in their order, or why they are none.

    `labels` are what the files are called in names of statements. Every statement keeps its
    place; Version and Id are those of the files that have one.
    """
    if len(parts) == 1:
        return parts[0]
    problems = [*_repeated_sids(parts), *_other_ids(parts), *_other_versions(parts)]
    policy = Policy(
        tuple(chain.from_iterable(each.policy.statements for each in parts)),
        max((each.policy.version for each in parts if each.policy.version), default=None),
        next((each.policy.id for each in parts if each.policy.id), None),
    )
    if too_large := size_refusal(policy, MAX_JUDGED):
        location = parts[0].root.location
        problems.insert(0, Problem("policy-size", too_large, SIZE_HINT, "", location))
    places = [
        place and replace(place, file=file)
        for file, part in enumerate(parts)
        for place in part.places
    ]
    return problems or ParsedPolicy(policy, _root(parts, policy), tuple(places), tuple(labels))


def beside(own: ParsedPolicy, others: Policy, name: str) -> ParsedPolicy:
    """The policy `own` with statements of others behind its own, which stand in none of its files.

    `name` is what these are said to stand in.
    """
    document = replace(others, version=own.policy.version, id=None)
    part = parse_policy(serialize(document), name)
    policy = replace(own.policy, statements=(*own.policy.statements, *part.policy.statements))
    nowhere = (None,) * len(part.policy.statements)
    return ParsedPolicy(policy, _root([own, part], policy), (*own.places, *nowhere), own.labels)


def _root(parts: Sequence[ParsedPolicy], policy: Policy) -> Node:
    """One tree of all files, whose values stand where they stood."""
    heads = {"Version": policy.version, "Id": policy.id}
    members = [
        next(each for each in _members(parts, name) if each.value.value == value)
        for name, value in heads.items()
        if value is not None
    ]
    statements = list(_members(parts, "Statement"))
    nodes = [each.value for each in statements]
    items = [
        replace(item, place=index)
        for node in nodes
        for index, item in enumerate(node.value if node.kind == "array" else [node])
    ]
    first = statements[0]
    whole = Member("Statement", Node("array", items, first.value.location), first.location)
    return Node("object", [*members, whole], parts[0].root.location)


def _members(parts: Sequence[ParsedPolicy], name: str) -> Iterator[Member]:
    for part in parts:
        yield from (each for each in part.root.value if each.key == name)


def _repeated_sids(parts: Sequence[ParsedPolicy]) -> Iterator[Problem]:
    """A Sid that stands in two files: which statement is meant could not be told."""
    first: dict[str, tuple[int, Location]] = {}
    for file, part in enumerate(parts):
        for index, statement in enumerate(part.policy.statements):
            if not statement.sid:
                continue
            pointer = f"/Statement/{index}/Sid"
            location = part.locate(pointer)
            known, place = first.setdefault(statement.sid, (file, location))
            if known != file:
                message = f"{place.file}:{place.line} has the Sid '{statement.sid}' too"
                hint = "Give each statement a Sid of its own, or take one of them out."
                yield Problem("fragments", message, hint, pointer, location)


def _other_ids(parts: Sequence[ParsedPolicy]) -> Iterator[Problem]:
    given = [each for each in parts if each.policy.id]
    for part in given[1:]:
        if part.policy.id != given[0].policy.id:
            yield _contradiction(
                "Id", given[0], part, "A policy has one Id: leave it out of all but one."
            )


def _other_versions(parts: Sequence[ParsedPolicy]) -> Iterator[Problem]:
    """Versions that differ, where that matters: the older one knows no policy variables.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    given = [each for each in parts if each.policy.version]
    if not any("${" in serialize(each.policy) for each in parts):
        return
    for part in given[1:]:
        if part.policy.version != given[0].policy.version:
            hint = f'Write "{CURRENT_VERSION}" in both if `${{...}}` is meant as a variable.'
            yield _contradiction("Version", given[0], part, hint)


def _contradiction(name: str, first: ParsedPolicy, other: ParsedPolicy, hint: str) -> Problem:
    there, here = (each.root.at(f"/{name}") for each in (first, other))
    place = f"{there.location.file}:{there.location.line}"
    message = f"{place} has the {name} '{there.value}', and this file '{here.value}'"
    return Problem("fragments", message, hint, f"/{name}", here.location)
