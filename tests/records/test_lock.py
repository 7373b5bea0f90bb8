"""A lock and its JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from planner.errors import PlannerError
from planner.records.lock import Lock, load_lock


def test_a_lock_as_text() -> None:
    now = datetime(2026, 11, 23, 22, 37, 57, tzinfo=UTC)
    lock = Lock("id", "o\x1b[2J", "h", "x", now, now + timedelta(seconds=60))
    assert load_lock(lock.to_text(), "lock") == lock
    for text in ("", "{}", "[]", '{"id": 1}'):
        with pytest.raises(PlannerError, match="is damaged"):
            load_lock(text, "444455556666/us-west-2")
    with pytest.raises(PlannerError, match="another version"):
        load_lock(lock.to_text().replace('"version": 1', '"version": 2'), "x")
