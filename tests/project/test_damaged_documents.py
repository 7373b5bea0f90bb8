"""Plans with a right checksum, state, journals, locks and settings with one member wrong each."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.support.damaged import BAD_TEXTS, KINDS, damaged, is_taken

SHARE = {"plan": 41, "snapshot": 7, "journal": 11, "lock": 1, "settings": 5}
"""Of so many damaged texts one is tried here; `make fuzz` tries them all."""


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_but_an_answer(kind: str) -> None:
    sound = KINDS[kind]
    assert is_taken(kind, sound.write(sound.sound))
    answers = {
        name: is_taken(kind, text)
        for name, text in itertools.islice(damaged(kind), 0, None, SHARE[kind])
    }
    assert False in answers.values()
    assert len(answers) > 60


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_no_document_at_all(text: str) -> None:
    for kind in ("plan", "snapshot", "journal", "lock"):
        assert not is_taken(kind, text)


@pytest.mark.parametrize("kind", ["snapshot", "journal", "lock"])
def test_a_member_of_another_kind_is_damage(kind: str) -> None:
    for name, text in damaged(kind):
        wrong = name.endswith(("= True", "= -1", "= 0.5", "= {}", "= {'op': {}}"))
        may_be = "Principal" in name or ("owners" in name and name.endswith("= {}"))
        if wrong and not may_be:
            assert not is_taken(kind, text), name


@pytest.mark.parametrize("kind", ["op", "path", "from", "value"])
def test_a_patch_of_things_that_are_no_operations(kind: str) -> None:
    sound = KINDS["plan"]
    wrongs: tuple[Any, ...] = ({}, [], None, 1, {"op": {}})
    for wrong in wrongs:
        patch = [{"op": "move", "path": "/a", "from": "/b", kind: wrong}]
        assert not is_taken("plan", sound.write({**sound.sound, "patch": patch}))
