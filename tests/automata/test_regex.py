"""Regular expressions as automata, against Python's own."""

from __future__ import annotations

import random
import re

import pytest

from planner.automata.regex import Regex, regex
from planner.policy.keys import KEYS, TAG_KEYS

EXPRESSIONS = [
    "true|false",
    "(ab?)+c{2}",
    "a{0,3}(b|c)?",
    r"[\w .:/=+@-]*",
    r"AROA[A-Z0-9]{8,}:[\w+=,.@-]{2,64}",
    r"[0-9]{4}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})",
    *sorted({each.expression for each in (*KEYS, *TAG_KEYS)} - {""}),
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_matches_what_python_matches(expression: str) -> None:
    form, rng = Regex(expression), random.Random(expression)
    alphabet = "ab co-r/u0123:AROZtruefals.Z+"
    texts = ["".join(rng.choices(alphabet, k=rng.randrange(9))) for _ in range(300)]
    texts += [walked(form, rng) for _ in range(40)]
    for text in texts:
        assert form.matches(text) == bool(re.fullmatch(expression, text)), text


def walked(form: Regex, rng: random.Random) -> str:
    """A text that the choices of the automaton lead through."""
    state, text = form.start, ""
    for _ in range(120):
        groups = form.choices(state)
        if not groups or (form.accepts(state) and rng.random() < 0.2):
            break
        char = rng.choice(rng.choice(groups))
        after = form.step(state, char)
        assert after is not None
        state, text = after, text + char
    return text


def test_one_expression_is_one_automaton() -> None:
    assert regex("a|b") is regex("a|b")
