"""The public JSON of answers about access, which `--format json` prints and renderers draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from planner.access.answer import ActionAnswer, Answer
from planner.access.comparison import Comparison, rows_json
from planner.access.enforced import of_own_account
from planner.access.meaning import CallerClass, meaning
from planner.policy.action import V1_ACTIONS
from planner.policy.document import JsonObject
from planner.policy.keys import parse_key
from planner.policy.parse import ParsedPolicy
from planner.registry import Registry

FORMAT_VERSION = 1


def access_view(
    found: Comparison,
    registry: Registry | None,
    accounts: Mapping[str, str],
    scope: str | None = None,
    parsed: ParsedPolicy | None = None,
) -> JsonObject:
    """What one policy allows, as `granted` finds it; `accounts` names account ids for people.

    `own_account` are the Allows of the policy that name the registry's own account. `recorded`
    tells of a policy from the state which it is.
    """
    told = {action for row in found.gained for action in row.actions}
    return {
        "kind": "access",
        "format_version": FORMAT_VERSION,
        "registry": registry.to_json() if registry else None,
        "scope": scope,
        "assumes_v2": scope is None and not told <= set(V1_ACTIONS),
        "accounts": dict(accounts),
        "recorded": None,
        "own_account": [parsed.names[each] for each in of_own_account(parsed.policy, registry)]
        if parsed
        else [],
        "access": rows_json(found.gained),
        "denied": rows_json(found.denied),
        "unknown": [each.to_json() for each in found.unknown],
    }


def decision_view(
    found: Answer,
    parsed: ParsedPolicy | None,
    registry: Registry | None,
    scope: str | None,
) -> JsonObject:
    """An answer by a policy, None for none, with the places of its statements.

    It holds the class of the caller, the outcome and what that means for such a caller; then
    the same for each action that was asked for. `recorded` is as in `access_view`.
    """
    return {
        "kind": "decision",
        "format_version": FORMAT_VERSION,
        "registry": registry.to_json() if registry else None,
        "scope": scope,
        "recorded": None,
        "asked": found.question.action,
        "principal": found.question.caller.text,
        "caller": found.asks,
        "outcome": found.outcome,
        "meaning": found.meaning,
        "assumes_v2": scope is None and any(_rests_on_scope(each) for each in found.parts),
        "actions": [_action(each, found.asks, parsed) for each in found.parts],
    }


def _action(part: ActionAnswer, asks: CallerClass, parsed: ParsedPolicy | None) -> JsonObject:
    def statements(indices: Iterable[int]) -> list[JsonObject]:
        return [_statement(parsed, each) for each in indices]

    dependence = part.dependence
    return {
        "action": part.request.action,
        "resource": part.request.resource,
        "outcome": part.outcome,
        "deciding": statements(part.decision.deciding),
        "of_account": statements(part.of_account),
        "near": [
            {**_statement(parsed, each.statement), "missing": list(each.missing)}
            for each in part.decision.near
            if each.statement not in part.of_account
        ],
        "reasons": list(part.reasons),
        "in_scope": not part.is_unspoken,
        "not_given": [parse_key(key).spelled for key in (dependence.keys if dependence else ())],
        "examples": [
            {
                "context": {parse_key(key).spelled: list(given[key]) for key in given},
                "outcome": decision.outcome,
                "deciding": statements(decision.deciding),
                "meaning": meaning(decision.outcome, asks),
            }
            for given, decision in (dependence.examples if dependence else ())
        ],
    }


def _rests_on_scope(part: ActionAnswer) -> bool:
    return part.request.action not in V1_ACTIONS and part.outcome != "not said"


def comparison_view(found: Comparison, registry: Registry | None) -> JsonObject:
    """Two policies compared; `registry` is the one whose repositories they name, if it is one."""
    return {
        "kind": "comparison",
        "format_version": FORMAT_VERSION,
        "registry": registry.to_json() if registry else None,
        **found.to_json(),
    }


def _statement(parsed: ParsedPolicy | None, index: int) -> JsonObject:
    """A statement by its name and its place in its file."""
    if parsed is None:
        raise ValueError("no policy, and so no statement")
    place = parsed.locate_statement(index)
    return {"name": parsed.names[index], "file": place.file, "line": place.line}
