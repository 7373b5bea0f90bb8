"""Why it is not known whether a statement applies to a request."""

from __future__ import annotations

from collections.abc import Iterator

from planner.access.conditions import Test, holds, parse_test
from planner.access.request import Caller, Request, is_meant
from planner.access.variables import Context, has_variables
from planner.policy.document import Policy, Principal
from planner.policy.values import parse_value
from planner.registry import Registry

_UNTOLD = "its account and its name"


def reasons_for(
    policy: Policy, index: int, request: Request, registry: Registry | None
) -> tuple[str, ...]:
    """A clause for each element of which it is not known whether it matches, in their order."""
    statement = policy.statements[index]
    context = request.full_context(registry)
    principal, action, resource = statement.principal, statement.action, statement.resource
    found: list[str] = []
    if principal and is_meant(principal, request.principal, statement.effect, context) is None:
        found.append(_of_principal(principal, request.principal))
    found += [each.malformed for each in action.values if each.malformed]
    found += [each.malformed for each in (resource.values if resource else ()) if each.malformed]
    variables = has_variables(policy)
    for condition in statement.conditions:
        test = parse_test(condition, variables=variables)
        if holds(test, context) is None:
            found += _of_condition(test, context)
    return tuple(dict.fromkeys(found))


def _of_principal(principal: Principal, caller: Caller) -> str:
    if malformed := next((each.malformed for each in principal if each.malformed), ""):
        return malformed
    if caller.kind == "unique-id":
        give = "" if caller.account else "; --context aws:PrincipalAccount=ID does"
        return f"{caller.text} does not tell {'its name' if caller.account else _UNTOLD}{give}"
    return "NotPrincipal names the caller or its account, and not both"


def _of_condition(test: Test, context: Context) -> Iterator[str]:
    key, values = test.condition.key.spelled, context.get(test.key, ())
    if test.malformed:
        yield test.malformed
    elif not test.operator.set_prefix and len(values) > 1:
        yield f"{key} has several values, and {test.operator} compares one"
    else:
        given = (parse_value(test.row.value_type, each).malformed for each in values)
        yield next((each for each in given if each), f"{test.operator} cannot compare {key}")
