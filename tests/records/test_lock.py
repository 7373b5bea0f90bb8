"""A lease and its JSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from planner.errors import PlannerError
from planner.records.lock import Lease, lease_text, load_lease


def test_a_lease_as_text() -> None:
    now = datetime(2026, 11, 23, 22, 37, 57, tzinfo=UTC)
    lease = Lease("id", "o\x1b[2J", "h", "x", now, now + timedelta(seconds=60))
    assert load_lease(lease_text(lease), "lock") == lease
    for text in ("", "{}", "[]", '{"id": 1}'):
        with pytest.raises(PlannerError, match="is damaged"):
            load_lease(text, "444455556666/us-west-2")
    with pytest.raises(PlannerError, match="another version"):
        load_lease(lease_text(lease).replace('"version": 1', '"version": 2'), "x")
