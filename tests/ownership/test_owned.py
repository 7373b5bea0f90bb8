"""What an owner may be called."""

from __future__ import annotations

import pytest

from planner.errors import PlannerError
from planner.ownership.owned import check_owner_name


@pytest.mark.parametrize("name", ["a", "0", "team-a", "Team_A.eu", "a" * 64])
def test_a_name(name: str) -> None:
    assert check_owner_name(name, "owner") == name


@pytest.mark.parametrize(
    "name",
    ["", "-a", ".a", "_a", "a b", "a/b", "a\n", "\N{LATIN SMALL LETTER E WITH ACUTE}", "a" * 65],
)
def test_no_name(name: str) -> None:
    with pytest.raises(PlannerError, match="is no name of an owner") as caught:
        check_owner_name(name, "owner in planner.toml")
    assert "1 to 64 letters" in caught.value.detail
