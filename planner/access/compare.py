"""Two policies compared exactly: which requests does one allow that the other does not?

Decided, not sampled. A difference is a request inside an Allow of the one policy and outside
of each of its Denies, which the other policy either does not allow or denies. So everything
is a question to `statement_solver`: is there a request inside one or two statements and outside
of others? It is asked once for all callers and actions that the policies cannot tell apart.

Every request that is reported was evaluated on both policies before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.access.comparison import Comparison, Grant, Undecided
from planner.access.evaluate import outcome_of
from planner.access.naming import Names, condition_text, order
from planner.access.policy_difference import TOO_MANY, Difference, PolicyDifference
from planner.automata.automaton import Budget, BudgetError
from planner.policy.action import ActionPattern
from planner.policy.canonical import canonical_statement, meant_version
from planner.policy.document import Patterns, Policy, Statement, parse_condition
from planner.policy.keys import KEYS
from planner.registry import Registry
from planner.text import fold

STEPS = 60_000
"""So many steps may be taken in each direction. They are counted, not timed, so that the same
input gives the same answer on every machine."""
_EVALUATIONS = 40_000
"""So many statements are evaluated to see that witnesses are true."""


def compare(
    before: Policy | None, after: Policy | None, registry: Registry | None = None
) -> Comparison:
    """What `after` allows and `before` does not, and the other way round.

    With a registry only requests to it count: its repositories, or the Resource `*` for the
    actions that work on none. Without one nothing is assumed of actions and resources.
    Statements keep their places, so that `Grant.statement` is an index into the given policy.
    """
    partition = registry.partition if registry else "aws"
    old, new = _canonical(before, partition), _canonical(after, partition)
    gained = _Direction(new, old, registry)
    lost = _Direction(old, new, registry)
    more, less = gained.rows(), lost.rows()
    return Comparison(more, less, (*gained.doubts, *lost.doubts))


def grants(policy: Policy | None, registry: Registry | None = None) -> Comparison:
    """What a policy allows after its Denies are taken off: `gained` against no policy."""
    return compare(None, policy, registry)


def _canonical(policy: Policy | None, partition: str) -> Policy | None:
    """The policy with canonical statements in their order, other services' actions as spelled."""
    if policy is None:
        return None
    found: list[Statement] = []
    for each in policy.statements:
        spelled = tuple(sorted(set(map(_spelled, each.action.values))))
        action = Patterns(spelled, each.action.negated)
        found.append(replace(canonical_statement(each, partition), action=action))
    return replace(policy, statements=tuple(found), version=meant_version(policy))


def _spelled(action: ActionPattern) -> ActionPattern:
    return action.spelled() if action.folded.startswith("ecr:") else action


_NARROWING = frozenset(each.folded for each in KEYS if each.narrows)
_ABSENT = tuple(
    parse_condition("Null", each.name, ("true",))
    for each in KEYS
    if each.narrows and not each.of_caller
)
_STRANGERS: tuple[Mapping[str, tuple[str, ...]], ...] = tuple(
    {
        "aws:PrincipalOrgID": (organization,),
        "aws:PrincipalOrgPaths": (f"{organization}/r-{root}/ou-{root}-00000000/",),
        "aws:SourceIp": (address,),
    }
    for organization, root, address in (
        ("o-0stranger0", "0000", "192.88.99.1"),
        ("o-1stranger1", "1111", "11.22.33.44"),
    )
)
"""Callers that nobody means, by the keys that a stranger can have."""
_ABSENT_TEXTS = frozenset(map(condition_text, _ABSENT))


def _place(row: Grant) -> tuple[object, ...]:
    return row.principal, row.resource, frozenset(row.conditions) - _ABSENT_TEXTS


@dataclass(slots=True)
class _Direction:
    """What `own` allows and `other` does not."""

    own: Policy | None
    other: Policy | None
    registry: Registry | None
    steps: int = STEPS
    doubts: list[Undecided] = field(default_factory=list)

    def rows(self) -> tuple[Grant, ...]:
        """The rows of all differences; what cannot be decided is added to `doubts`."""
        rows = self.confirm_public(self.found())
        self.doubts = list(dict.fromkeys(self.doubts))
        return tuple(sorted(rows, key=order))

    def found(self) -> list[Grant]:
        """The rows with true witnesses, public as far as their Allows say so."""
        if self.own is None or self.own == self.other:
            return []
        differences: list[Difference] = []
        names: Names | None = None
        budget = Budget(self.steps)
        try:
            work = PolicyDifference(self.own, self.other, self.registry, budget)
            names = Names(work.partition, self.registry)
            for difference in work.differences():
                if difference.found is None:
                    self.doubts.append(names.doubt(difference))
                else:
                    differences.append(difference)
        except BudgetError:
            self.doubts.append(Undecided(TOO_MANY))
        self.steps = max(budget.left, 0)
        return self.true(names.rows(differences) if names else ())

    def true(self, rows: Sequence[Grant]) -> list[Grant]:
        """The rows whose witnesses are true, which all have to be."""
        found: list[Grant] = []
        budget = Budget(_EVALUATIONS)
        statements = [each for one in (self.own, self.other) if one for each in one.statements]
        try:
            for row in rows:
                budget.spend(len(statements))
                if self.is_true(row):
                    found.append(row)
        except BudgetError:
            self.doubts.append(Undecided(TOO_MANY))
        return found

    def confirm_public(self, rows: Sequence[Grant]) -> list[Grant]:
        """The rows, public only where a request that does not say who calls is among them.

        That need not be the witness of a row: a Deny may take it, and others of the row not.
        """
        hidden = [row for row in rows if row.public and not self.is_public(row)]
        if not hidden:
            return list(rows)
        bare = _Direction(self.anonymous_variant(), self.other, self.registry, self.steps)
        shown = (row for row in bare.found() if row.public and bare.is_public(row))
        public = {_place(row): row.witness for row in shown}
        found: list[Grant] = []
        for row in rows:
            if row not in hidden:
                found.append(row)
                continue
            witness = public.get(_place(row))
            found.append(replace(row, public=witness is not None, witness=witness or row.witness))
            if witness is None:
                self.doubts.extend(bare.doubts)
        return found

    def anonymous_variant(self) -> Policy | None:
        """The own policy for requests without the keys by which its Denies tell who calls."""
        if self.own is None:
            return None
        statements = self.own.statements
        denies = [each for each in statements if each.effect == "Deny"]
        asked = {each.key.folded for one in denies for each in one.conditions}
        absent = [each for each in _ABSENT if each.key.folded in asked]
        bare: list[Statement] = []
        for one in statements:
            own = {each.key.folded for each in one.conditions}
            more = () if one.effect == "Deny" else (e for e in absent if e.key.folded not in own)
            bare.append(replace(one, conditions=(*one.conditions, *more)))
        return replace(self.own, statements=tuple(bare))

    def is_true(self, row: Grant) -> bool:
        """Whether the witness is allowed by the one policy and not by the other."""
        found = outcome_of(self.own, row.witness) == "allowed" and outcome_of(
            self.other, row.witness
        ) in ("denied", "not said")
        if not found:
            reason = "it depends on circumstances that could not be told apart"
            place = (row.principal, row.resource, row.conditions, row.statement, row.sid)
            self.doubts.append(Undecided(reason, *place))
        return found

    def is_public(self, row: Grant) -> bool:
        """Whether the policy allows it without the keys that say who calls.

        A Deny may ask for them as well as the Allow, of whose conditions `row.public` knows. One
        that asks only that they are there is no hindrance: two strangers have them as well.
        """
        statement = self.own.statements[row.statement] if self.own else None
        own = {each.key.folded for each in (statement.conditions if statement else ())}
        narrowing = _NARROWING - own
        context = {
            key: values for key, values in row.witness.context.items() if fold(key) not in narrowing
        }
        strangers = [
            {**context, **{key: value for key, value in each.items() if fold(key) in narrowing}}
            for each in _STRANGERS
        ]
        return self._allows(row, context) or all(self._allows(row, each) for each in strangers)

    def _allows(self, row: Grant, context: Mapping[str, tuple[str, ...]]) -> bool:
        return outcome_of(self.own, replace(row.witness, context=context)) == "allowed"
