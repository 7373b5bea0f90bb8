"""Questions that people put to one policy, from their words: what may whom, and may this one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from planner.access.compare import grants
from planner.access.comparison import Comparison, Grant
from planner.access.request import Request, is_meant, parse_caller
from planner.automata.pattern import intersects
from planner.errors import PlannerError, UsageError
from planner.policy.action import ecr_actions, parse_action
from planner.policy.document import Policy, Principal
from planner.policy.ecr_rules import action_refusal
from planner.policy.principal import principal_named
from planner.policy.resource import parse_resource, repository_prefix
from planner.registry import Registry
from planner.text import fold


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows to show; None shows all."""

    principal: str | None = None
    action: str | None = None
    repository: str | None = None

    def admits(self, row: Grant, registry: Registry | None) -> bool:
        """Whether the row speaks of the principal, the action and the repository."""
        if self.principal is not None and not _speaks_of(row, self.principal, registry):
            return False
        if self.action is not None and not any(
            intersects(fold(self.action), fold(each)) for each in row.actions
        ):
            return False
        if self.repository is None:
            return True
        return intersects(resource_named(self.repository, registry), row.resource)


def _speaks_of(row: Grant, who: str, registry: Registry | None) -> bool:
    caller = parse_caller(who, registry.partition if registry else None)
    if row.principal.id in ("*", who) or row.witness.principal == caller:
        return True
    named = principal_named(row.principal.id)
    within = caller.kind == "account" and named.account == caller.account
    return within or is_meant(Principal(((named.type, (named,)),)), caller) is True


def granted(policy: Policy | None, registry: Registry | None, filters: Filters) -> Comparison:
    """What the policy allows, as far as the filters admit it, and what is not known."""
    found = grants(policy, registry)
    allowed, denied = (
        tuple(row for row in rows if filters.admits(row, registry))
        for rows in (found.gained, found.denied)
    )
    return Comparison(allowed, denied=denied, unknown=found.unknown)


def is_case(found: Comparison, case: str) -> bool:
    """Whether a comparison is a case of `broadening`, `narrowing`, `unknown` or `any`.

    What cannot be told may be either direction; `any` is every verdict but equivalent.
    """
    return {
        "broadening": bool(found.gained or found.unknown),
        "narrowing": bool(found.lost or found.unknown),
        "unknown": bool(found.unknown),
        "any": found.verdict != "equivalent",
    }[case]


def request_named(
    principal: str,
    action: str,
    repository: str,
    context: Sequence[str],
    registry: Registry | None,
) -> Request:
    """The request that the words of `planner can` mean; `context` are `KEY=VALUE` words.

    Raises UsageError for words that no request can have, PlannerError where the repository is
    a bare name and the registry is not known.
    """
    _check_action(action)
    caller = parse_caller(principal, registry.partition if registry else None)
    return Request(caller, action, resource_named(repository, registry), _context(context))


def is_from_elsewhere(request: Request, registry: Registry | None) -> bool:
    """Whether the caller is of another account than the registry's."""
    account = request.principal.account
    return bool(registry and account and account != registry.account_id)


def resource_named(text: str, registry: Registry | None) -> str:
    """The ARN of a repository: from a bare name in the registry, `repository/x`, an ARN or `*`."""
    if text == "*" or text.startswith("arn:"):
        if malformed := parse_resource(text).malformed:
            raise UsageError(f"{malformed}.", "", "As in arn:aws:ecr:REGION:ACCOUNT:repository/x.")
        return text
    if registry is None:
        raise PlannerError(
            f"planner does not know which registry '{text}' is in.",
            "Neither the settings nor the resources in the policy name one.",
            "Give the ARN of the repository, or --account-id ID and --region REGION.",
        )
    arn = repository_prefix(registry) + text.removeprefix("repository/")
    name = parse_resource(arn).repository
    if name is not None and name.has_other_characters:
        raise UsageError(f"{name.malformed}.", "", "Write it as in prod/app, or the ARN.")
    return arn


def _check_action(action: str) -> None:
    """Raises UsageError for what is no single action of ECR: a typo is no answer."""
    if fold(action) in ecr_actions():
        return
    near = parse_action(action if ":" in action else f"ecr:{action}")
    reason = action_refusal(near, None)
    if near.is_wild:
        detail = "A request is for one action; `planner access --action` takes any."
    elif reason is None:
        detail = f"Did you mean '{near.spelled().text}'?"
    else:
        detail = f"{reason.text[:1].upper()}{reason.text[1:]}."
    raise UsageError(f"'{action}' is not one action of ECR.", detail, "Write it as ecr:PutImage.")


def _context(assignments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`KEY=VALUE` words; a key that is given twice has two values."""
    found: dict[str, tuple[str, ...]] = {}
    for each in assignments:
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"--context {each} is not KEY=VALUE.", "", "As in aws:PrincipalOrgID=o-a1b2c3d4e5."
            )
        found[fold(key.strip())] = (*found.get(fold(key.strip()), ()), value)
    return found
