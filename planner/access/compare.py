"""Two policies compared exactly: of which requests does one say more than the other?

Decided, not sampled. A difference is a request inside an Allow of the one policy and outside
of each of its Denies, which the other policy either does not allow or denies; or one that a
Deny of the one takes, and of which the other says nothing. So everything is a question to
`statement_solver`: is there a request inside one or two statements and outside of others? It is
asked once for all callers and actions that the policies cannot tell apart.

Every request that is reported was evaluated on both policies before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from planner.access.account_rows import by_account
from planner.access.comparison import Comparison, Grant, Undecided
from planner.access.enforced import enforced
from planner.access.evaluate import outcome_of
from planner.access.naming import Names, order
from planner.access.policy_difference import TOO_MANY, Difference, PolicyDifference
from planner.automata.automaton import Budget, BudgetError
from planner.policy.action import ActionPattern
from planner.policy.canonical import canonical_statement, meant_version
from planner.policy.document import Patterns, Policy, Statement
from planner.registry import Registry

STEPS = 120_000
"""So many steps may be taken in each direction. They are counted, not timed, so that the same
input gives the same answer on every machine."""
_EVALUATIONS = 40_000
"""So many statements are evaluated to see that witnesses are true."""


def compare(
    before: Policy | None,
    after: Policy | None,
    registry: Registry | None = None,
    scope: str | None = None,
    scope_after: str | None = None,
) -> Comparison:
    """Of what `after` says more than `before`, and of what less.

    With a registry only requests to it count: its repositories, or the Resource `*` for the
    actions that work on none; and both policies as they are `enforced` in the scope, or in one
    before and another `scope_after`. Without a registry nothing is assumed of actions and
    resources, and what is denied without being allowed counts only between policies that allow
    nothing at all, such as guardrails. Statements keep their places, so that
    `Grant.statement` is an index into the given policy.
    """
    old = _canonical(before, registry, scope)
    new = _canonical(after, registry, scope_after or scope)
    more = _Direction(new, old, after, registry, "after")
    less = _Direction(old, new, before, registry, "before")
    gained, denied = more.rows()
    lost, released = less.rows()
    doubts = tuple(dict.fromkeys((*more.doubts, *less.doubts)))
    if registry is None and any(map(_allows_something, (before, after))):
        doubts = tuple(each for each in doubts if each.among not in ("denied", "released"))
        return Comparison(gained, lost, unknown=doubts)
    return Comparison(gained, lost, denied, released, doubts)


def _allows_something(policy: Policy | None) -> bool:
    return any(each.effect == "Allow" for each in (policy.statements if policy else ()))


def grants(
    policy: Policy | None, registry: Registry | None = None, scope: str | None = None
) -> Comparison:
    """What a policy allows after its Denies are taken off, and what it denies: compared with
    no policy.
    """
    return compare(None, policy, registry, scope)


def _canonical(
    policy: Policy | None, registry: Registry | None, scope: str | None
) -> Policy | None:
    """The policy as it is enforced, its statements canonical and in their order.

    Other services' actions stay as they are spelled.
    """
    if policy is None:
        return None
    partition = registry.partition if registry else "aws"
    found: list[Statement] = []
    for each in policy.statements:
        spelled = tuple(sorted(set(map(_spelled, each.action.values))))
        action = Patterns(spelled, each.action.negated)
        found.append(replace(canonical_statement(each, partition), action=action))
    whole = replace(policy, statements=tuple(found), version=meant_version(policy))
    return enforced(whole, registry, scope)


def _spelled(action: ActionPattern) -> ActionPattern:
    return action.spelled() if action.folded.startswith("ecr:") else action


@dataclass(slots=True)
class _Direction:
    """What `own`, the policy `before` or `after`, allows or denies and `other` does not."""

    own: Policy | None
    other: Policy | None
    written: Policy | None
    registry: Registry | None
    which: Literal["before", "after"]
    doubts: list[Undecided] = field(default_factory=list)

    def rows(self) -> tuple[tuple[Grant, ...], tuple[Grant, ...]]:
        """The rows of what is allowed, and of what is denied; `doubts` gets the rest."""
        if self.own is None or self.written is None or self.own == self.other:
            return (), ()
        found: list[Difference] = []
        budget = Budget(STEPS)
        names: Names | None = None
        try:
            search = PolicyDifference(self.own, self.other, self.registry, budget)
            names = Names(search, self.written, self.registry, self.which)
            found.extend(search.differences())
        except BudgetError:
            self.doubts.append(Undecided(TOO_MANY, may_be_public=self.which == "after"))
        if names is None:
            return (), ()
        self.doubts.extend(names.undecided(each) for each in found if each.is_open)
        allowed, denied = (
            names.rows([e for e in found if e.found and e.compiled.statement.effect == effect])
            for effect in ("Allow", "Deny")
        )
        evaluations = Budget(_EVALUATIONS)
        rows = self.by_account(self.true(allowed, evaluations)), self.true(denied, evaluations)
        return tuple(sorted(rows[0], key=order)), tuple(sorted(rows[1], key=order))

    def by_account(self, rows: Sequence[Grant]) -> Sequence[Grant]:
        """The rows, one for each account that a condition lists, where each of these is true."""
        split = by_account(rows, self.own, self.registry) if self.own else ()
        ranked = [self.ranked(each) for each in split]
        return rows if None in ranked else [each for each in ranked if each is not None]

    def true(self, rows: Sequence[Grant], budget: Budget) -> list[Grant]:
        """The rows whose witnesses are true, which all have to be."""
        found: list[Grant] = []
        statements = [each for one in (self.own, self.other) if one for each in one.statements]
        try:
            for row in rows:
                budget.spend(len(statements))
                ranked = self.ranked(row)
                if ranked is not None:
                    found.append(ranked)
                    continue
                reason = "it depends on circumstances that could not be told apart"
                place = (row.principal, row.resource, row.conditions, row.statement, row.sid)
                self.doubts.append(Undecided(reason, "", *place, may_be_public=row.public))
        except BudgetError:
            self.doubts.append(Undecided(TOO_MANY, may_be_public=self.which == "after"))
        return found

    def ranked(self, row: Grant) -> Grant | None:
        """The row with what both policies say of its witness; None where that is no difference."""
        own = outcome_of(self.own, row.witness, self.registry)
        other = outcome_of(self.other, row.witness, self.registry)
        statement = self.own.statements[row.statement] if self.own else None
        if statement and statement.effect == "Deny":
            is_true = own == "denied" and other == "not said"
        else:
            is_true = own == "allowed" and other in ("denied", "not said")
        ranks = (other, own) if self.which == "after" else (own, other)
        return replace(row, ranks=ranks) if is_true else None
