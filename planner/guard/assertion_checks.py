"""Whether assertions hold of a policy, decided for all the requests that they cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from planner.access.api import Grant, compare, evaluate, request_json
from planner.access.comparison import Undecided
from planner.access.enforced import enforced
from planner.automata.pattern import intersects
from planner.guard.assertion import Assertion
from planner.policy.action import ActionPattern
from planner.policy.canonical import CURRENT_VERSION
from planner.policy.document import JsonObject, Patterns, Policy, Statement
from planner.registry import Registry

Result = Literal["holds", "broken", "undecided"]
Change = Literal["breaks", "repairs"]

_NO_REGISTRY = "which registry the policy is for is not known: give account_id and region"
_NO_REQUEST = "it covers no request to this registry"
_OWN_ACCOUNT = (
    "an Allow that names this registry's own account leaves its users and roles to their IAM and "
    'counts as not said; name them by ARN, or write Principal "*" with a condition StringEquals '
    "aws:PrincipalAccount"
)
_SCOPE_V1 = "a registry of scope V1 holds its policy against three actions alone"


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether an assertion holds of a policy.

    Of a broken one `row` has the request as proof, `says` is what the policy says to it, and
    `statement` names what decides so, if any does. `reason` is why it is undecided, or what is
    easily overlooked.
    """

    assertion: Assertion
    result: Result
    row: Grant | None = None
    says: str = ""
    statement: str = ""
    reason: str = ""

    def to_json(self) -> JsonObject:
        """The outcome with plain JSON values."""
        return {
            "assertion": self.assertion.to_json(),
            "result": self.result,
            "says": self.says,
            "statement": self.statement,
            "principal": self.row.principal.to_json() if self.row else None,
            "witness": request_json(self.row.witness) if self.row else None,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class Tested:
    """Assertions held against one policy: its name in messages, and its registry if known."""

    policy: str
    registry: Registry | None
    judged: tuple[Judged, ...]

    @property
    def holds(self) -> bool:
        """Whether all of them hold."""
        return all(each.result == "holds" for each in self.judged)


@dataclass(frozen=True)
class PolicyUnderTest:
    """A policy that assertions are held against, as its registry holds it against requests.

    `names` are what its statements are called. A scope that is not known is taken for V2.
    """

    policy: Policy | None
    registry: Registry
    scope: str | None
    names: Sequence[str]

    @property
    def counting(self) -> Policy:
        """The policy as far as it says something."""
        found = enforced(self.policy, self.registry, self.scope)
        return found or Policy((), CURRENT_VERSION)


def judge(assertion: Assertion, tested: PolicyUnderTest) -> Judged:
    """Whether the assertion holds of a policy.

    Exact: where it holds, there is no request that it covers and that breaks it.
    """
    registry, whole = tested.registry, tested.counting
    covered = replace(whole, statements=assertion.covers(registry, "Allow"))
    policy = _about(whole, covered)
    everything = compare(None, covered, registry)
    if not everything.gained and not everything.unknown:
        return Judged(assertion, "undecided", reason=_NO_REQUEST)
    doubt: Undecided | None = None
    forbidden = assertion.covers(registry, "Deny")
    questions = _allowed(covered, policy) if assertion.may else [(policy, _with(policy, forbidden))]
    for before, after in questions:
        found = _lost(before, after, registry)
        if isinstance(found, Grant):
            return _broken(assertion, found, tested)
        doubt = doubt or found
    if doubt:
        return Judged(assertion, "undecided", reason=doubt.reason)
    return Judged(assertion, "holds")


def _about(policy: Policy, covered: Policy) -> Policy:
    """The policy without the statements whose actions are others than those covered."""
    asked = {each.folded for one in covered.statements for each in one.action.values}

    def concerns(action: Patterns[ActionPattern]) -> bool:
        return action.negated or any(
            each.malformed or any(intersects(each.folded, one) for one in asked)
            for each in action.values
        )

    return replace(policy, statements=tuple(s for s in policy.statements if concerns(s.action)))


def _allowed(covered: Policy, policy: Policy) -> Iterator[tuple[Policy, Policy]]:
    """Pairs of policies: everything covered is allowed if neither second one allows less.

    The two are alike but for what is asked, so that no doubt about anything else comes in.
    """
    yield _with(policy, covered.statements), policy
    denies = tuple(each for each in policy.statements if each.effect == "Deny")
    if denies:
        yield covered, _with(covered, denies)


def _with(policy: Policy, statements: tuple[Statement, ...]) -> Policy:
    return replace(policy, statements=(*policy.statements, *statements))


def _lost(before: Policy, after: Policy, registry: Registry) -> Grant | Undecided | None:
    """Something that the one policy allows and the other does not, or a doubt, or None."""
    found = compare(before, after, registry)
    if found.lost:
        return found.lost[0]
    return next((each for each in found.unknown if each.among in ("lost", "")), None)


def _broken(assertion: Assertion, row: Grant, tested: PolicyUnderTest) -> Judged:
    decision = evaluate(tested.policy, row.witness, tested.registry, tested.scope)
    statement = tested.names[decision.deciding[0]] if decision.deciding else ""
    reason = _overlooked(row, tested) if decision.outcome == "not said" else ""
    return Judged(assertion, "broken", row, decision.outcome, statement, reason)


def _overlooked(row: Grant, tested: PolicyUnderTest) -> str:
    """Why nothing is said of a request although a statement seems to allow it."""
    registry = tested.registry
    if evaluate(tested.policy, row.witness, registry).outcome == "allowed":
        return _SCOPE_V1
    is_named = evaluate(tested.policy, row.witness).outcome == "allowed"
    is_own = row.witness.principal.account == registry.account_id
    return _OWN_ACCOUNT if is_named and is_own else ""


def undecided(assertion: Assertion) -> Judged:
    """What is said of an assertion where the registry is not known."""
    return Judged(assertion, "undecided", reason=_NO_REGISTRY)


def change_of(before: Judged, after: Judged) -> Change | None:
    """What a change of the policy does to an assertion; None where it stays as it was."""
    if (before.result == "holds") == (after.result == "holds"):
        return None
    return "breaks" if before.result == "holds" else "repairs"
