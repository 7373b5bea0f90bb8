"""A slice of the fuzz run: random bytes, random JSON and mutated policies, by fixed seeds."""

from __future__ import annotations

import random

import pytest

from tests.support.effort import tries
from tests.tools.fuzz import an_input, documents, read


@pytest.mark.parametrize("seed", range(tries(4)))
def test_nothing_but_an_answer(seed: int) -> None:
    rng = random.Random(seed)
    other, became = b"", set()
    for _ in range(250):
        data = an_input(rng)
        became.add(read(data, other).partition(",")[0])
        other = data if rng.random() < 0.5 else other
    assert {"refused", "policy"} <= became


def test_damaged_more_than_once() -> None:
    rng = random.Random(0)
    became = {documents(rng) for _ in range(60)}
    assert {"plan, refused", "journal, refused", "settings, refused"} <= became
