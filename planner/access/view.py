"""The public JSON of answers about access, which `--format json` prints and renderers draw."""

from __future__ import annotations

from collections.abc import Mapping

from planner.access.comparison import Comparison, rows_json
from planner.access.evaluate import Decision
from planner.policy.address import statement_name
from planner.policy.document import JsonObject
from planner.policy.parse import ParsedPolicy
from planner.registry import Registry

FORMAT_VERSION = 1


def access_view(
    found: Comparison, registry: Registry | None, accounts: Mapping[str, str]
) -> JsonObject:
    """What one policy allows, as `grants` finds it; `accounts` names account ids for people."""
    return {
        "kind": "access",
        "format_version": FORMAT_VERSION,
        "registry": registry.to_json() if registry else None,
        "accounts": dict(accounts),
        "access": rows_json(found.gained),
        "denied": rows_json(found.denied),
        "unknown": [each.to_json() for each in found.unknown],
    }


def decision_view(
    decision: Decision, parsed: ParsedPolicy | None, file: str, *, cross_account: bool
) -> JsonObject:
    """A decision about one request by the policy in `file`, with the places of its statements.

    `cross_account` says that the caller is of another account than the registry's.
    """
    return {
        "kind": "decision",
        "format_version": FORMAT_VERSION,
        "outcome": decision.outcome,
        "cross_account": cross_account,
        "deciding": [_statement(parsed, file, each) for each in decision.deciding],
        "near": [
            {**_statement(parsed, file, each.statement), "missing": list(each.missing)}
            for each in decision.near
        ],
    }


def comparison_view(found: Comparison, registry: Registry | None) -> JsonObject:
    """Two policies compared; `registry` is the one whose repositories they name, if it is one."""
    return {
        "kind": "comparison",
        "format_version": FORMAT_VERSION,
        "registry": registry.to_json() if registry else None,
        **found.to_json(),
    }


def _statement(parsed: ParsedPolicy | None, file: str, index: int) -> JsonObject:
    """A statement by its name and its place in the file."""
    if parsed is None:
        raise ValueError("no policy, and so no statement")
    pointer = f"/Statement/{index}"
    node = parsed.root.member("Statement")
    if node is not None and node.kind == "object":
        pointer = "/Statement"
    place = parsed.locate(pointer)
    name = statement_name(parsed.policy.statements[index], index)
    return {"name": name, "file": file, "line": place.line}
