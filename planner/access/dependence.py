"""What an answer depends on: condition keys of which a request says neither value nor absence.

A statement that looks at such a key may apply or not. All outcomes that then seem possible
bound the answer; where there are several, values that the keys may have are tried, and an
answer depends on them where two were found that lead to different outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from planner.access.conditions import holds, parse_test
from planner.access.enforced import enforced
from planner.access.evaluate import Decision, Outcome, evaluate, mismatches, outcome_of
from planner.access.possible_values import (
    Values,
    example_of,
    may_have,
    values_for,
    values_of_variable,
)
from planner.access.request import Request
from planner.access.variables import glob_tokens, has_variables, variables_in
from planner.policy.document import Patterns, Policy, Statement
from planner.policy.keys import parse_key
from planner.policy.resource import parse_resource
from planner.registry import Registry

_EVALUATIONS = 20_000
"""So many conditions, or statements without one, are evaluated to find what matters, roughly."""
_MOST = 5_000
"""More keys times statements are not looked through: no policy that ECR takes has so many."""
_ABSENT: Values = ()

Given = Mapping[str, Values]
"""Keys in lower case, each with the values that it is given, none for a key that is absent."""


@dataclass(frozen=True, slots=True)
class Dependence:
    """On which keys an answer depends, in lower case, and examples of what it is with values.

    Each example gives a value or absence to each of the keys, and has what is decided then.
    Where `keys` is empty one answer was found, and another could not be ruled out for the keys
    in `doubtful`.
    """

    keys: tuple[str, ...]
    examples: tuple[tuple[Given, Decision], ...]
    doubtful: tuple[str, ...] = ()


def dependence_of(
    policy: Policy | None, request: Request, registry: Registry | None, scope: str | None
) -> Dependence | None:
    """What the answer depends on; None where it is the same whatever the request has besides."""
    said = enforced(policy, registry, scope)
    if said is None:
        return None
    looked_at = [_LookedAt(each, said, request, registry) for each in said.statements]
    relevant = [each for each in looked_at if each.may_apply]
    keys = tuple(dict.fromkeys(key for each in relevant for key in each.keys))
    if not keys or len(_bound(relevant)) == 1:
        return None
    part = replace(said, statements=tuple(each.statement for each in relevant))
    if len(keys) * len(relevant) > _MOST:
        return Dependence((), (), keys)
    choices = {key: tuple(_choices(key, relevant)) for key in keys}
    tried = _Tried(part, request, registry)
    most = max(2, _EVALUATIONS // sum(1 + len(each.tests) for each in relevant))
    keys, examples = tried.examples(list(islice(_assignments(choices, relevant), most)))
    if not keys:
        return Dependence((), (), tuple(choices))

    def decided(given: Given) -> Decision:
        asked = replace(request, context={**request.context, **given})
        return evaluate(policy, asked, registry, scope)

    told = [({key: each[key] for key in keys}, decided(each)) for each in examples]
    return Dependence(keys, tuple(told))


class _LookedAt:
    """One statement, and which of its keys the request leaves open."""

    def __init__(
        self, statement: Statement, policy: Policy, request: Request, registry: Registry | None
    ) -> None:
        self.statement = statement
        self.context = request.full_context(registry)
        self.request = request
        variables = has_variables(policy)
        self.tests = [parse_test(each, variables=variables) for each in statement.conditions]
        resource = statement.resource
        self.patterns = [
            glob_tokens(each.text, variables=variables)
            for each in (resource.values if resource else ())
        ]
        self.open_tests = [each for each in self.tests if self._open([each.key, *each.variables])]
        in_resource = self._open([key for each in self.patterns for key in variables_in(each)])
        asked = [key for each in self.open_tests for key in (each.key, *sorted(each.variables))]
        self.keys = dict.fromkeys([*self._open(asked), *in_resource])
        closed = self._closed(opens_resource=bool(in_resource))
        found = tuple(mismatches(closed, request, self.context, variables=variables))
        self.may_apply = not any(found)
        self.is_unsure = bool(found) or any(each.malformed for each in self.open_tests)

    def _open(self, keys: Sequence[str]) -> list[str]:
        return [
            each
            for each in keys
            if each not in self.context and may_have(parse_key(each), self.request)
        ]

    def _closed(self, *, opens_resource: bool) -> Statement:
        """The statement without what is open: it applies to all that the statement may apply to."""
        kept = zip(self.tests, self.statement.conditions, strict=True)
        conditions = tuple(each for test, each in kept if test not in self.open_tests)
        resource = self.statement.resource
        if resource and opens_resource:
            opened = tuple(parse_resource(each.opened) for each in resource.values)
            resource = None if resource.negated else Patterns(opened)
        return replace(self.statement, conditions=conditions, resource=resource)

    def satisfied(self, choices: Mapping[str, Sequence[Values]]) -> Given:
        """Of each open key the first choice with which all conditions on it hold, if one is."""
        found: dict[str, Values] = {}
        for key in self.keys:
            tests = [each for each in self.open_tests if each.key == key]
            fitting = (
                each
                for each in (*self.of_resource(key), *choices[key])
                if all(holds(test, {**self.context, key: each}) for test in tests)
            )
            found[key] = next(fitting, choices[key][0])
        return found

    def of_resource(self, key: str) -> Iterator[Values]:
        """Values of the key with which the Resource may name what the request is about."""
        for tokens in self.patterns:
            for text in values_of_variable(key, tokens, (self.request.resource,)):
                yield (text,)


def _bound(statements: Sequence[_LookedAt]) -> set[Outcome]:
    """The outcomes that are not ruled out, each statement taken by itself."""
    denies = [each for each in statements if each.statement.effect == "Deny"]
    allows = [each for each in statements if each.statement.effect == "Allow"]
    if any(not each.keys and not each.is_unsure for each in denies):
        return {"denied"}
    found: set[Outcome] = {"denied"} if any(each.keys for each in denies) else set()
    if any(each.is_unsure for each in denies):
        found.add("unknown")
    if any(not each.keys and each.is_unsure for each in denies):
        return found
    if any(not each.keys and not each.is_unsure for each in allows):
        return {*found, "allowed"}
    found |= {"allowed"} if any(each.keys for each in allows) else set()
    if any(each.is_unsure for each in allows):
        found.add("unknown")
    return found if any(not each.keys for each in allows) else {*found, "not said"}


def _choices(key: str, statements: Sequence[_LookedAt]) -> Iterator[Values]:
    """Absence, values that the statements ask for, and one that they do not."""
    known = parse_key(key)
    found = [] if known.row.always else [_ABSENT]
    for each in statements:
        for test in each.open_tests:
            if test.key == key:
                found += [(value,) for value in values_for(test, each.context)]
            texts = each.context.get(test.key, ())
            for tokens in test.patterns if key in test.variables else ():
                found += [(text,) for text in values_of_variable(key, tokens, texts)]
        found += each.of_resource(key)
    yield from dict.fromkeys([*found, (example_of(known),)])


def _assignments(
    choices: Mapping[str, Sequence[Values]], statements: Sequence[_LookedAt]
) -> Iterator[Given]:
    first = {key: values[0] for key, values in choices.items()}
    yield first
    for each in statements:
        yield {**first, **each.satisfied(choices)}
    for values in product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


class _Tried:
    """The outcomes of a policy with values for the keys that a request leaves open."""

    def __init__(self, policy: Policy, request: Request, registry: Registry | None) -> None:
        self._policy, self._request, self._registry = policy, request, registry
        self._found: dict[tuple[Values, ...], Outcome] = {}

    def outcome(self, given: Given) -> Outcome:
        """What the policy says where the request has this besides."""
        key = tuple(given.values())
        if key not in self._found:
            asked = replace(self._request, context={**self._request.context, **given})
            self._found[key] = outcome_of(self._policy, asked, self._registry)
        return self._found[key]

    def examples(self, assignments: Sequence[Given]) -> tuple[tuple[str, ...], list[Given]]:
        """The keys that matter, and an example for each outcome and for each of the keys."""
        first = assignments[0]
        examples = [first]
        matter: dict[str, None] = {}
        for each in assignments:
            is_new = self.outcome(each) not in map(self.outcome, examples)
            if is_new or not _changes(first, each) <= set(matter):
                least = self._reduced(each, first)
                causes = _changes(first, least)
                if is_new or not causes <= set(matter):
                    examples.append(least)
                    matter |= {key: None for key in each if key in causes}
        return tuple(matter), examples

    def _reduced(self, given: Given, first: Given) -> Given:
        """The same outcome, with as few other values than the first ones as that takes."""
        found = dict(given)
        for key in sorted(_changes(first, given)):
            shorter = {**found, key: first[key]}
            if self.outcome(shorter) == self.outcome(given):
                found = shorter
        return found


def _changes(first: Given, given: Given) -> set[str]:
    return {key for key in given if given[key] != first[key]}
