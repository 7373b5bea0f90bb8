"""The table of what one policy allows, as far as people ask for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.access.compare import grants
from planner.access.comparison import Comparison, Grant
from planner.access.named import actions_named, caller_named, resource_named
from planner.access.request import Caller, is_meant
from planner.automata.pattern import intersects
from planner.policy.action import LAYERS_ACTION
from planner.policy.document import Policy, Principal
from planner.policy.principal import principal_named
from planner.registry import Registry
from planner.text import fold


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows to show; None shows all. `actions` are in lower case, `resource` is a pattern."""

    caller: Caller | None = None
    actions: tuple[str, ...] | None = None
    resource: str | None = None

    def admits(self, row: Grant) -> bool:
        """Whether the row speaks of the caller, of one of the actions and of the resource."""
        if self.caller is not None and not _speaks_of(row, self.caller):
            return False
        if self.actions is not None and not any(
            intersects(asked, fold(each)) for each in row.actions for asked in self.actions
        ):
            return False
        return self.resource is None or intersects(self.resource, row.resource)


def filters_named(
    registry: Registry | None,
    accounts: Mapping[str, str],
    *,
    principal: str | None = None,
    action: str | None = None,
    repository: str | None = None,
) -> Filters:
    """The filters that words mean, those of the table itself among them.

    Raises UsageError for words that mean nothing: no row is no proof then.
    """
    return Filters(
        None if principal is None else caller_named(principal, registry, accounts),
        None if action is None else tuple(map(fold, _telling(actions_named(action)))),
        None if repository is None else resource_named(repository, registry),
    )


def _telling(actions: Sequence[str]) -> Sequence[str]:
    """The actions but for the one that pulling and pushing share, which tells neither."""
    return [each for each in actions if each != LAYERS_ACTION] or actions


def _speaks_of(row: Grant, caller: Caller) -> bool:
    if row.principal.id in ("*", caller.text) or row.witness.principal == caller:
        return True
    named = principal_named(row.principal.id)
    within = caller.kind == "account" and named.account == caller.account
    return within or is_meant(Principal(((named.type, (named,)),)), caller) is True


def granted(
    policy: Policy | None, registry: Registry | None, filters: Filters, scope: str | None = None
) -> Comparison:
    """What the policy allows and denies, as far as the filters admit it, and what is not known.

    A scope that is not known (None) is taken for V2.
    """
    found = grants(policy, registry, scope)
    allowed, denied = (tuple(filter(filters.admits, rows)) for rows in (found.gained, found.denied))
    return Comparison(allowed, denied=denied, unknown=found.unknown)


def is_case(found: Comparison, case: str) -> bool:
    """Whether a comparison is a case of `broadening`, `narrowing`, `unknown` or `any`.

    What cannot be told may be either direction; `any` is every verdict but equivalent.
    """
    sides = {each.side for each in found.unknown}
    return {
        "broadening": bool(found.gained or found.released) or not sides <= {"less"},
        "narrowing": bool(found.lost or found.denied) or not sides <= {"more"},
        "unknown": bool(found.unknown),
        "any": found.verdict != "equivalent",
    }[case]
