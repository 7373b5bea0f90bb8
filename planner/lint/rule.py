"""What a rule is: an id, a severity, a title, and the function that looks for breaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from planner.automata.pattern import matches
from planner.lint.annotation import Annotations
from planner.lint.finding import Severity
from planner.policy.action import Action, ActionPattern, ecr_actions
from planner.policy.address import place_name
from planner.policy.canonical import body, canonical_statement, canonicalise
from planner.policy.document import Condition, Policy, Statement, pattern_element
from planner.policy.ecr_rules import Refusal, refusals
from planner.policy.parse import ParsedPolicy
from planner.policy.principal import PrincipalId
from planner.policy.resource import ResourcePattern
from planner.policy.tree import pointer_to
from planner.registry import Registry

_SHOWN = 4


def some(names: Sequence[str]) -> str:
    """The first few of the names, and how many more there are.

    >>> some(["a", "b"]), some(["a", "b", "c", "d", "e", "f"])
    ('a, b', 'a, b, c, d and 2 more')
    """
    more = f" and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
    return ", ".join(names[:_SHOWN]) + more


class Violation(NamedTuple):
    """A breach: the JSON Pointer of the value at fault, what is wrong, and what to do."""

    pointer: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class LocatedStatement:
    """One statement, and the pointers of what stands in it.

    `index` is its place in the policy, from 0; `name` is `statement["Sid"]`, or `statement[2]`,
    and `nameless` is what it would be called without a Sid.
    """

    index: int
    statement: Statement
    name: str
    nameless: str

    @property
    def pointer(self) -> str:
        """The statement's own pointer."""
        return f"/Statement/{self.index}"

    @property
    def allows(self) -> bool:
        """Whether it is an Allow."""
        return self.statement.effect == "Allow"

    @property
    def named_actions(self) -> list[Action]:
        """The actions of ECR that stand in Action without a wildcard."""
        action = self.statement.action
        values = () if action.negated else action.values
        return [each for value in values if not value.is_wild for each in value.expand()]

    @property
    def reached_actions(self) -> list[Action]:
        """The actions of ECR that the statement is about, where its Resource reaches them.

        An action without a type of resource has the Resource `*` alone.
        """
        action, resource = self.statement.action, self.statement.resource
        meant = {each.name for value in action.values for each in value.expand()}
        at_star = resource is None or resource.negated != any(
            matches(each, "*") for each in resource.texts
        )
        return [
            each
            for each in ecr_actions().values()
            if (each.name in meant) != action.negated and (each.resource_types or at_star)
        ]

    @property
    def action_names(self) -> set[str]:
        """The names of `reached_actions`."""
        return {each.name for each in self.reached_actions}

    def element(self, name: str) -> str:
        """The pointer of an element."""
        return f"{self.pointer}/{name}"

    def actions(self) -> Iterator[tuple[str, ActionPattern]]:
        """Each action with its pointer."""
        element = self.element(pattern_element("Action", self.statement.action))
        for index, action in enumerate(self.statement.action.values):
            yield pointer_to(element, index), action

    def resources(self) -> Iterator[tuple[str, ResourcePattern]]:
        """Each resource with its pointer."""
        resource = self.statement.resource
        for index, value in enumerate(resource.values if resource else ()):
            element = self.element(pattern_element("Resource", resource)) if resource else ""
            yield pointer_to(element, index), value

    def principals(self) -> Iterator[tuple[str, PrincipalId]]:
        """Each principal with its pointer."""
        principal = self.statement.principal
        for kind, identifiers in principal.ids if principal else ():
            element = self.element(principal.element) if principal else ""
            for index, identifier in enumerate(identifiers):
                yield pointer_to(pointer_to(element, kind), index), identifier

    def condition(self, condition: Condition) -> str:
        """The pointer of a condition's values."""
        block = pointer_to(self.element("Condition"), condition.operator.text)
        return pointer_to(block, condition.key.text)


@dataclass(frozen=True)
class LintContext:
    """What rules look at: a policy in the order of its files, and what is known around it.

    `registry` is None where nothing names it, `scope` (`V1`, `V2`) where it was not read.
    `is_assumed` says that the account of the registry follows from the resources alone.
    `annotations` are what the settings say of statements.
    """

    parsed: ParsedPolicy
    registry: Registry | None = None
    scope: str | None = None
    is_assumed: bool = False
    annotations: Annotations | None = None

    @property
    def policy(self) -> Policy:
        """The policy itself."""
        return self.parsed.policy

    @cached_property
    def statements(self) -> tuple[LocatedStatement, ...]:
        """The statements."""
        parsed = self.parsed
        nameless = [
            place_name(body(each), place, parsed.labels)
            for each, place in zip(parsed.policy.statements, parsed.places, strict=True)
        ]
        rows = zip(parsed.policy.statements, parsed.names, nameless, strict=True)
        return tuple(LocatedStatement(index, *row) for index, row in enumerate(rows))

    @cached_property
    def canonical(self) -> tuple[Statement, ...]:
        """The canonical form of each statement, in the order of the file."""
        return tuple(canonical_statement(each, self.partition) for each in self.policy.statements)

    @cached_property
    def written(self) -> Policy:
        """The policy as planner would write it."""
        return canonicalise(self.policy, self.partition)

    @cached_property
    def partition(self) -> str:
        """The registry's partition, else the one that the first resource is in."""
        if self.registry:
            return self.registry.partition
        for located in self.statements:
            for _, resource in located.resources():
                if resource.partition:
                    return resource.partition
        return "aws"

    @property
    def own_account(self) -> str:
        """The account id of the registry, or `""`."""
        return self.registry.account_id if self.registry else ""

    def is_own_account(self, principal: PrincipalId) -> bool:
        """Whether it is the registry's own account, and neither a user nor a role of it."""
        return principal.kind == "account" and principal.account == self.own_account

    def gives(self, located: LocatedStatement) -> bool:
        """Whether the statement changes what anybody may do.

        An Allow that names the registry's own account alone does not: the IAM of an account
        decides for its own users and roles, with and without it.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
        """
        principal = located.statement.principal
        if not located.allows or principal is None or principal.negated:
            return True
        named = list(principal)
        return not named or not all(map(self.is_own_account, named))

    @cached_property
    def _refusals(self) -> list[Refusal]:
        return refusals(self.policy, self.partition, self.scope)

    def refused(self, rule: str, hint: str = "") -> Iterator[Violation]:
        """What ECR refuses for the reason that has this rule's id.

        `hint` is for what says itself nothing of how to mend it.
        """
        for refusal in self._refusals:
            if refusal.reason.rule == rule:
                mend = refusal.reason.mend or hint
                yield Violation(refusal.pointer, refusal.reason.text, mend)


Check = Callable[[LintContext], Iterable[Violation]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `check` finds its breaches; None for what is found while parsing."""

    id: str
    severity: Severity
    title: str
    check: Check | None = None


RULES: dict[str, Rule] = {}
"""Every rule by its id, in the order of definition; filled by the modules of rules."""


StatementCheck = Callable[[LintContext, LocatedStatement], Iterable[Violation]]
ConditionCheck = Callable[[LintContext, LocatedStatement, Condition], Iterable[Violation]]


def rule(identifier: str, severity: Severity, title: str) -> Callable[[Check], Check]:
    """Makes a function the check of a rule: it is called once for a policy."""

    def register(check: Check) -> Check:
        RULES[identifier] = Rule(identifier, severity, title, check)
        return check

    return register


def statement_rule(
    identifier: str, severity: Severity, title: str
) -> Callable[[StatementCheck], StatementCheck]:
    """Makes a function the check of a rule: it is called for each statement."""

    def register(check: StatementCheck) -> StatementCheck:
        def check_all(context: LintContext) -> Iterator[Violation]:
            for located in context.statements:
                yield from check(context, located)

        check_all.__doc__ = check.__doc__
        rule(identifier, severity, title)(check_all)
        return check

    return register


def condition_rule(
    identifier: str, severity: Severity, title: str
) -> Callable[[ConditionCheck], ConditionCheck]:
    """Makes a function the check of a rule: it is called for each condition of each statement."""

    def register(check: ConditionCheck) -> ConditionCheck:
        def check_all(context: LintContext, located: LocatedStatement) -> Iterator[Violation]:
            for condition in located.statement.conditions:
                yield from check(context, located, condition)

        check_all.__doc__ = check.__doc__
        statement_rule(identifier, severity, title)(check_all)
        return check

    return register
