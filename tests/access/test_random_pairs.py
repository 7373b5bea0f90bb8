"""Comparisons of random policies, held against the second evaluator in `tests.oracle`.

`make fuzz` does the same for thousands of pairs.
"""

from __future__ import annotations

import pytest

from tests.oracle.adapter import compared
from tests.oracle.measure import Comparing, Tally, check
from tests.oracle.minimise import minimised
from tests.oracle.mutations import Pair, numbered_pair
from tests.oracle.switches import SWITCHES
from tests.support.effort import tries

SEED, SAMPLES = 1, 30
STARTS = range(0, tries(100), 50)
UNKNOWN = 2
"""How many of fifty pairs may be unknown."""


def checked(number: int, comparing: Comparing = compared) -> Tally:
    pair, rng = numbered_pair(SEED, number)
    return check(pair, rng, samples=SAMPLES, comparing=comparing)


@pytest.mark.parametrize("start", STARTS)
def test_no_answer_is_wrong(start: int) -> None:
    found = {number: checked(number) for number in range(start, start + 50)}
    failures = [
        each
        for tally in found.values()
        for each in tally.failures
        if each.is_wrong or each.kind == "impossible witness"
    ]
    assert not failures, minimised(failures[0]).to_json()
    assert sum(each.samples for each in found.values()) > 45 * SAMPLES
    assert sum(each.verdicts["unknown"] for each in found.values()) <= UNKNOWN


FIRST = {
    "ignores Deny": 29,
    "ignores conditions": 6,
    "ignores IfExists": 183,
    "ignores the case of values": 13,
    "takes StringLike for StringEquals": 37,
    "takes StringNotEquals for StringEquals": 11,
    "takes ForAnyValue for ForAllValues": 16,
    "takes NotAction for Action": 11,
    "takes NotResource for Resource": 6,
    "takes NotPrincipal for Principal": 6,
    "takes every Version for the current one": 339,
    "says equivalent": 0,
    "takes gained for lost": 0,
    "forgets the context of witnesses": 6,
}
"""From which pair on it is looked whether the switch is seen."""
UNSEEN = {"takes ArnLike for StringLike": "none of the first 400 pairs tells them apart"}
"""Switches that are not seen, and why."""


def test_every_switch_is_tried() -> None:
    assert {*FIRST, *UNSEEN} == set(SWITCHES)


@pytest.mark.parametrize(
    "switch",
    [
        *FIRST,
        *(pytest.param(each, marks=pytest.mark.xfail(reason=why)) for each, why in UNSEEN.items()),
    ],
)
def test_a_broken_comparison_is_found_out(switch: str) -> None:
    """It is wrong about a pair that planner has right."""
    first = FIRST.get(switch, 0)
    assert any(
        checked(each, SWITCHES[switch]).wrong and not checked(each).wrong
        for each in range(first, first + 20)
    )


def test_a_failure_is_made_small() -> None:
    pair = numbered_pair(SEED, 29)[0]
    broken = SWITCHES["ignores Deny"]
    failure = next(each for each in checked(29, broken).failures if each.is_wrong)
    small = minimised(failure, comparing=broken)
    assert len(str(small.pair.to_json())) < len(str(pair.to_json()))
    assert small.kind == failure.kind
    assert any("Deny" in str(each) for each in small.pair.policies)


def test_a_crash_is_a_failure() -> None:
    def comparing(*_: object) -> dict[str, object]:
        raise RecursionError

    found = check(Pair(None, None), numbered_pair(SEED, 0)[1], comparing=comparing)
    assert [each.why for each in found.failures] == ["RecursionError"]
