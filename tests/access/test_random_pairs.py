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

SEED, SAMPLES = 1, 30
KNOWN = {
    27: "the account of the registry is not known to be the resource's",
    45: "a unique id may be alive",
    46: "NotPrincipal with Allow does not spare the role that it names",
    47: "the Region of the registry is not known to be the requested one",
    56: "anonymous callers have an account, `anonymous`",
    57: "the account of the registry is not known to be the resource's",
    126: "a unique id may be alive",
    133: "the account of the registry is not known to be the resource's",
    168: "the account of the registry is not known to be the resource's",
    174: "a unique id may be alive",
    189: "the Region of the registry is not known to be the requested one",
}
"""Pairs of which planner says something wrong today, and why. One that is right is to go."""
IMPOSSIBLE = {0: 14, 50: 12, 100: 15, 150: 12}
"""The first of each fifty pairs, and how many of them have impossible witnesses at most. It
shall be none: lower the number with each mend."""
UNKNOWN = 4
"""How many of fifty pairs may be unknown today."""


def checked(number: int, comparing: Comparing = compared) -> Tally:
    pair, rng = numbered_pair(SEED, number)
    return check(pair, rng, samples=SAMPLES, comparing=comparing)


@pytest.mark.parametrize("start", IMPOSSIBLE)
def test_no_answer_is_wrong(start: int) -> None:
    found = {number: checked(number) for number in range(start, start + 50)}
    wrong = {number: each for number, each in found.items() if each.wrong}
    unexpected = [each for n, tally in wrong.items() if n not in KNOWN for each in tally.failures]
    assert not unexpected, minimised(unexpected[0]).to_json()
    assert set(wrong) == {number for number in KNOWN if number in found}
    impossible = sum(bool(each.count("impossible witness")) for each in found.values())
    assert impossible <= IMPOSSIBLE[start]
    assert sum(each.samples for each in found.values()) > 45 * SAMPLES
    assert sum(each.verdicts["unknown"] for each in found.values()) <= UNKNOWN


FIRST = {
    "ignores Deny": 29,
    "ignores conditions": 6,
    "ignores IfExists": 183,
    "ignores the case of values": 60,
    "takes StringLike for StringEquals": 224,
    "takes StringNotEquals for StringEquals": 11,
    "takes ForAnyValue for ForAllValues": 16,
    "takes NotAction for Action": 11,
    "takes NotResource for Resource": 6,
    "takes NotPrincipal for Principal": 6,
    "takes every Version for the current one": 110,
    "says equivalent": 0,
    "takes gained for lost": 0,
    "forgets the context of witnesses": 6,
}
"""From which pair on it is looked whether the switch is seen."""
UNSEEN = {"takes ArnLike for StringLike": "planner itself tries no star across colons"}
"""Switches that change nothing of what planner has right, and why."""


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
