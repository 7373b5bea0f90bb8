"""Pairs of policies: small changes of one, rewritings that look the same, and others."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle import generator as make
from tests.oracle.conditions import NEGATIONS
from tests.oracle.evaluator import Json, as_list

_SPELLED = {each.lower(): each for each in make.OPERATORS}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two policies of one registry and the scope that it has."""

    before: Json | None
    after: Json | None
    scope: str = "V2"

    @property
    def policies(self) -> tuple[Json | None, Json | None]:
        """Both."""
        return self.before, self.after

    def to_json(self) -> Json:
        """The pair as a file holds it."""
        return {"scope": self.scope, "before": self.before, "after": self.after}


def numbered_pair(seed: int, number: int) -> tuple[Pair, random.Random]:
    """The pair of that number, always the same for one seed, and what its requests come from.

    A fifth of the pairs may have variables in Resource.
    """
    rng = random.Random(f"{seed}.{number}")
    return a_pair(rng, variables=rng.random() < 0.2), rng


def a_pair(rng: random.Random, *, variables: bool = False) -> Pair:
    """A pair that looks at the same few keys on both sides."""
    keys = make.some_keys(rng)
    scope = "V1" if rng.random() < 0.1 else "V2"
    before = make.a_policy(rng, keys, variables=variables, scope=scope)
    kind = rng.random()
    if kind < 0.04:
        return Pair(None, before, scope)
    if kind < 0.3:
        return Pair(before, make.a_policy(rng, keys, variables=variables, scope=scope), scope)
    after = copy.deepcopy(before)
    for _ in range(rng.choice((1, 1, 1, 2))):
        rng.choice(MUTATIONS)(rng, after, keys)
    return Pair(before, after, scope) if rng.random() < 0.5 else Pair(after, before, scope)


def _statement(rng: random.Random, policy: Json) -> Json:
    found: Json = rng.choice(policy["Statement"])
    return found


def add_statement(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """Another statement."""
    policy["Statement"].append(make.a_statement(rng, keys))


def remove_statement(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """One statement less, of several."""
    if len(policy["Statement"]) > 1:
        policy["Statement"].remove(_statement(rng, policy))


def turn_effect(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """Allow becomes Deny."""
    statement = _statement(rng, policy)
    statement["Effect"] = "Deny" if statement["Effect"] == "Allow" else "Allow"


def change_version(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """The other Version, or none."""
    policy["Version"] = "2008-10-17" if policy.get("Version") == "2012-10-17" else "2012-10-17"


def change_principal(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """Others, or those not."""
    statement = _statement(rng, policy)
    element = "Principal" if "Principal" in statement else "NotPrincipal"
    if rng.random() < 0.3 and statement[element] not in ("*", {"AWS": "*"}):
        statement["NotPrincipal" if element == "Principal" else "Principal"] = statement.pop(
            element
        )
        return
    found = make.a_principal(rng)
    if element == "Principal" or found not in ("*", {"AWS": "*"}):
        statement[element] = found


def _change_patterns(
    rng: random.Random, statement: Json, element: str, pool: Sequence[str]
) -> None:
    name = element if element in statement else f"Not{element}"
    values = as_list(statement[name])
    kind = rng.random()
    if kind < 0.15:
        statement[f"Not{element}" if name == element else element] = statement.pop(name)
        return
    if kind < 0.5 or len(values) == 1:
        values = [*values, rng.choice(pool)]
    else:
        values = [each for each in values if each != rng.choice(values)] or values
    if rng.random() < 0.3:
        values = [rng.choice(pool)]
    statement[name] = make.one_or_list(list(dict.fromkeys(values)))


def change_action(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """Another action, one more, one less, or NotAction."""
    _change_patterns(rng, _statement(rng, policy), "Action", make.ACTIONS)


def change_resource(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """Another resource, one more, one less, or NotResource."""
    _change_patterns(rng, _statement(rng, policy), "Resource", make.RESOURCES)


def add_condition(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """One condition more."""
    key = rng.choice(keys)
    operator, values = make.a_condition(rng, key)
    _statement(rng, policy).setdefault("Condition", {}).setdefault(operator, {})[key] = values


def _a_condition_of(
    rng: random.Random, policy: Json, *operators: str
) -> tuple[Json, str, str] | None:
    """A condition of some statement, with one of the operators, of which parts may be given."""
    found = [
        (statement, operator, key)
        for statement in policy["Statement"]
        for operator, block in statement.get("Condition", {}).items()
        for key in block
        if not operators or any(each in operator for each in operators)
    ]
    return rng.choice(found) if found else None


def _take(statement: Json, operator: str, key: str) -> Any:
    """Removes a condition, and gives its values."""
    values = statement["Condition"][operator].pop(key)
    if not statement["Condition"][operator]:
        del statement["Condition"][operator]
    if not statement["Condition"]:
        del statement["Condition"]
    return values


def remove_condition(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """One condition less."""
    if found := _a_condition_of(rng, policy):
        _take(*found)


def change_values(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """Other values of one condition: one more, one less, or in other case."""
    found = _a_condition_of(rng, policy)
    if found is None or found[2] not in make.KEYS:
        return
    statement, operator, key = found
    values = as_list(statement["Condition"][operator][key])
    if operator == "Null":
        values = ["false" if values == ["true"] else "true"]
    elif rng.random() < 0.2:
        values = [each if "$" in each or each.isdigit() else each.swapcase() for each in values]
    elif rng.random() < 0.5:
        values = [*values, rng.choice([e for e in make.KEYS[key][1] if "$" not in e])]
    else:
        values = make.some(rng, [*values, *make.KEYS[key][1]])
    statement["Condition"][operator][key] = make.one_or_list(list(dict.fromkeys(values)))


def change_operator(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """A relative of the operator: negated, with IfExists, for any or all values, of Like."""
    found = _a_condition_of(rng, policy)
    if found is None or found[1] == "Null":
        return
    statement, operator, key = found
    values = _take(statement, operator, key)
    relatives = [each for each in _relatives(operator) if each != operator]
    chosen = rng.choice(relatives or [operator])
    statement.setdefault("Condition", {}).setdefault(chosen, {})[key] = values


def _relatives(operator: str) -> list[str]:
    qualifier, colon, bare = operator.rpartition(":")
    name = bare.removesuffix("IfExists")
    suffix = "IfExists" if name != bare else ""
    twins = {"": "IfExists", "IfExists": ""}
    found = [qualifier + colon + name + twins[suffix]]
    if qualifier:
        other = "ForAllValues" if qualifier == "ForAnyValue" else "ForAnyValue"
        found.append(f"{other}:{bare}")
    lower = name.lower()
    for negative, positive in NEGATIONS.items():
        if lower in (negative, positive):
            twin = positive if lower == negative else negative
            found.append(qualifier + colon + _SPELLED[twin] + suffix)
    family = [e for e in make.OPERATORS if e[:4] == name[:4] and ("Not" in e) == ("Not" in name)]
    found.extend(qualifier + colon + each + suffix for each in family)
    return found


def change_like(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """Like becomes Equals and Equals Like; or an operator of ARNs one of texts, and back."""
    found = _a_condition_of(rng, policy, "Like", "StringEquals", "StringNotEquals", "Arn")
    if found is None:
        return
    statement, operator, key = found
    values = _take(statement, operator, key)
    swapped = operator.replace("Like", "Equals")
    if swapped == operator:
        swapped = operator.replace("EqualsIgnoreCase", "Equals").replace("Equals", "Like")
    if all(str(each).count(":") >= 5 for each in as_list(values)):
        here, there = ("Arn", "String") if "Arn" in operator else ("String", "Arn")
        swapped = operator.replace(here, there)
    statement.setdefault("Condition", {}).setdefault(swapped, {})[key] = values


def change_text(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """A wildcard in one text of a condition, in the place of what stood there or beside it."""
    found = _a_condition_of(rng, policy, "String", "Arn")
    if found is None:
        return
    statement, operator, key = found
    values = as_list(statement["Condition"][operator][key])
    old = rng.choice(values)
    at, length = rng.randrange(len(old) + 1), rng.choice((0, 1, 3, len(old)))
    new = old[:at] + rng.choice("**?") + old[at + length :]
    if "$" in old or "{" in old:
        return
    kept = values if rng.random() < 0.4 else [each for each in values if each != old]
    statement["Condition"][operator][key] = make.one_or_list(list(dict.fromkeys([*kept, new])))


def deny_but(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """A Deny for all but some, as perimeters are written."""
    key = rng.choice(keys)
    operator, values = make.a_condition(rng, key)
    policy["Statement"].append(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "ecr:*",
            "Resource": "*",
            "Condition": {operator: {key: values}},
        }
    )


def turn_into_deny(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """A condition of an Allow as its opposite in a Deny, as MFA is often rewritten."""
    found = _a_condition_of(rng, policy)
    if found is None:
        return
    statement, operator, key = found
    values = _take(statement, operator, key)
    opposite = {"Bool": "BoolIfExists", "Null": "Null"}.get(operator)
    for negative, positive in NEGATIONS.items():
        if operator.lower() in (negative, positive):
            opposite = _SPELLED[positive if operator.lower() == negative else negative]
    if operator in ("Bool", "Null"):
        values = [{"true": "false", "false": "true"}.get(each, each) for each in as_list(values)]
    denying = {**copy.deepcopy(statement), "Effect": "Deny"}
    denying.setdefault("Condition", {}).setdefault(opposite or operator, {})[key] = values
    policy["Statement"].append(denying)


def split_statement(rng: random.Random, policy: Json, keys: Sequence[str]) -> None:
    """One statement as two, each with a part of its actions: the same, otherwise written."""
    statement = _statement(rng, policy)
    actions = as_list(statement.get("Action", []))
    if len(actions) > 1:
        statement["Action"] = actions[0]
        policy["Statement"].append({**copy.deepcopy(statement), "Action": actions[1:]})


MUTATIONS: tuple[Callable[[random.Random, Json, Sequence[str]], None], ...] = (
    add_statement,
    remove_statement,
    turn_effect,
    change_version,
    change_principal,
    change_action,
    change_resource,
    add_condition,
    remove_condition,
    change_values,
    change_values,
    change_operator,
    change_operator,
    change_operator,
    change_like,
    change_like,
    change_text,
    change_text,
    deny_but,
    turn_into_deny,
    split_statement,
)
