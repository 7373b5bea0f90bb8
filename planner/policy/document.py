"""What a policy is: frozen values, and the smallest JSON that says the same.

The element names and the shapes follow
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

Some differences in spelling have no place in these values at all, and so are gone once a
document is parsed: a string or a list of one, a single statement or a list of one, and
`true` or `"true"`, `5` or `"5"` as a condition value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from planner.policy.action import ActionPattern
from planner.policy.keys import ConditionKey, parse_key
from planner.policy.operators import ConditionOperator, parse_operator
from planner.policy.principal import PrincipalId, parse_principal
from planner.policy.resource import ResourcePattern
from planner.policy.values import ConditionValue, parse_value
from planner.registry import Registry

Pattern = TypeVar("Pattern", ActionPattern, ResourcePattern)
Effect = Literal["Allow", "Deny"]
JsonObject = dict[str, Any]

POLICY_SIZE_LIMIT = 10_240
"""Characters of `policyText` that ECR takes (API reference, PutRegistryPolicy)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A `Principal` block, or `NotPrincipal` where `negated`.

    `ids` pairs a type (`AWS`, `Service`, `Federated`, `CanonicalUser`) with its identifiers.
    `"Principal": "*"` is EVERYONE, the same as `{"AWS": "*"}`.
    """

    ids: tuple[tuple[str, tuple[PrincipalId, ...]], ...]
    negated: bool = False

    def __iter__(self) -> Iterator[PrincipalId]:
        """Each identifier of each type."""
        return (each for _, identifiers in self.ids for each in identifiers)

    @property
    def element(self) -> str:
        """The name of the element in JSON."""
        return "NotPrincipal" if self.negated else "Principal"


EVERYONE = (("AWS", (parse_principal("AWS", "*"),)),)
"""The identifiers of `"Principal": "*"`."""


@dataclass(frozen=True, slots=True)
class Patterns(Generic[Pattern]):
    """The values of `Action` or `Resource`, or of their `Not` twin where `negated`."""

    values: tuple[Pattern, ...]
    negated: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """The values as they are written."""
        return tuple(each.text for each in self.values)


@dataclass(frozen=True, slots=True)
class Condition:
    """One key of one operator: it holds where any of `values` matches.

    >>> condition = parse_condition("Null", "aws:SourceAccount", ["true"])
    >>> condition.holds_without_key
    True
    """

    operator: ConditionOperator
    key: ConditionKey
    values: tuple[ConditionValue, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The values as they are written."""
        return tuple(value.text for value in self.values)

    @property
    def holds_without_key(self) -> bool | None:
        """Whether it holds for a request without its key; None where that cannot be said.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null
        """
        if self.operator.malformed:
            return None
        if not self.operator.is_null:
            return self.operator.holds_without_key
        wanted = {value.boolean for value in self.values}
        return True if True in wanted else None if None in wanted else False


def parse_condition(operator: str, key: str, values: Iterable[str]) -> Condition:
    """The condition that a policy writes in these words."""
    known = parse_operator(operator)
    kind = known.row.value_type
    return Condition(known, parse_key(key), tuple(parse_value(kind, each) for each in values))


@dataclass(frozen=True, slots=True)
class Statement:
    """One entry of a policy's `Statement`. `sid` is None where it is missing or empty.

    `principal` and `resource` are None only in policies of other services than a registry's.
    """

    sid: str | None
    effect: Effect
    principal: Principal | None
    action: Patterns[ActionPattern]
    resource: Patterns[ResourcePattern] | None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """A whole policy document. `version` and `id` are None where they are missing."""

    statements: tuple[Statement, ...]
    version: str | None = None
    id: str | None = None


def named_registry(policies: Iterable[Policy | None]) -> Registry | None:
    """The one registry whose repositories the policies name as resources; None if not one."""
    found = {
        resource.registry
        for policy in policies
        for statement in (policy.statements if policy else ())
        for resource in (statement.resource.values if statement.resource else ())
    } - {None}
    return found.pop() if len(found) == 1 else None


def _one_or_many(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _principal_json(principal: Principal) -> str | JsonObject:
    if principal.ids == EVERYONE:
        return "*"
    return {
        kind: _one_or_many(tuple(each.text for each in identifiers))
        for kind, identifiers in principal.ids
    }


def statement_json(statement: Statement) -> JsonObject:
    """A statement as plain JSON values, its elements in the order that AWS prints them."""
    document: JsonObject = {}
    if statement.sid is not None:
        document["Sid"] = statement.sid
    document["Effect"] = statement.effect
    if statement.principal is not None:
        document[statement.principal.element] = _principal_json(statement.principal)
    document[pattern_element("Action", statement.action)] = _one_or_many(statement.action.texts)
    if statement.resource is not None:
        name = pattern_element("Resource", statement.resource)
        document[name] = _one_or_many(statement.resource.texts)
    for condition in statement.conditions:
        block = document.setdefault("Condition", {}).setdefault(condition.operator.text, {})
        block[condition.key.text] = _one_or_many(condition.texts)
    return document


def pattern_element(
    name: Literal["Action", "Resource"],
    patterns: Patterns[ActionPattern] | Patterns[ResourcePattern],
) -> str:
    """The name of the element in JSON: `Action` or `NotAction`, say."""
    return f"Not{name}" if patterns.negated else name


def policy_json(policy: Policy) -> JsonObject:
    """A policy as plain JSON values, single values without a list around them."""
    document: JsonObject = {}
    if policy.version is not None:
        document["Version"] = policy.version
    if policy.id is not None:
        document["Id"] = policy.id
    document["Statement"] = [statement_json(statement) for statement in policy.statements]
    return document


def serialize(policy: Policy) -> str:
    """The smallest JSON text of the policy; `len` of it counts against POLICY_SIZE_LIMIT."""
    return compact(policy_json(policy))


def compact(document: object) -> str:
    """JSON without white space and without escapes that JSON does not ask for."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
