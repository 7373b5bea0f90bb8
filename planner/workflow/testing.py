"""Policies in, what planner.toml asserts of them out."""

from __future__ import annotations

from collections.abc import Sequence

from planner.guard.assertion import Assertion
from planner.guard.assertion_checks import PolicyUnderTest, Tested, judge, undecided
from planner.workflow.reading import Subject


def hold_against(assertions: Sequence[Assertion], subject: Subject) -> Tested:
    """Whether each assertion holds of a policy as it stands in its files.

    A registry that is not known leaves all of them undecided.
    """
    registry = subject.target.registry
    if registry is None:
        return Tested(subject.name, None, tuple(map(undecided, assertions)))
    names = subject.parsed.names if subject.parsed else ()
    policy = PolicyUnderTest(subject.policy, registry, subject.scope, names)
    return Tested(subject.name, registry, tuple(judge(each, policy) for each in assertions))
