"""What becomes of each statement of a shared policy where one owner plans."""

from __future__ import annotations

from typing import Any

import pytest

from planner.errors import OwnerError
from planner.ownership.conflicts import check_mode, check_source, settled_policy, unused_takes
from planner.ownership.owned import Owned, OwnerSource
from planner.ownership.settle import Settlement, Share, claims, owners_after, settle, whole
from tests.support.policies import policy, statement

A1, A2 = statement("A"), statement("A", "222233334444")
B1, B2 = statement("B"), statement("B", "222233334444")
BODY, OTHER = statement(None), statement(None, "222233334444")


def owned(*statements: dict[str, Any]) -> Owned:
    return Owned(policy(*statements).statements)


def fates(settled: Settlement) -> dict[str, list[tuple[str | None, str]]]:
    """The Sids of each fate, with whose they are; of one's own without."""
    held = {
        "kept": settled.kept,
        "taken": settled.taken,
        "conflict": settled.conflicts,
    }
    found = {
        fate: [(each.statement.sid, "+".join(sorted(each.by))) for each in those]
        for fate, those in held.items()
    }
    found["own"] = [(each.sid, "") for each in settled.own]
    found["adopted"] = [(each.sid, "") for each in settled.adopted]
    return {fate: those for fate, those in found.items() if those}


ROWS: list[tuple[str, list[Any], dict[str, Owned], list[Any], dict[str, Any], list[Any]]] = [
    ("changed", [A1], {"a": owned(A1)}, [A2], {"own": [("A", "")]}, [A2]),
    ("destroyed", [A1, B1], {"a": owned(A1, B1)}, [B1], {"own": [("A", ""), ("B", "")]}, [B1]),
    ("another's", [B1], {"b": owned(B1)}, [A1], {"kept": [("B", "b")]}, [A1, B1]),
    ("another's too", [B1], {"b": owned(B1)}, [B1], {"conflict": [("B", "b")]}, []),
    ("adopted", [B1], {}, [B1], {"adopted": [("B", "")]}, [B1]),
    ("nobody's, otherwise", [B1], {}, [B2], {"conflict": [("B", "")]}, []),
    ("nobody's", [B1], {}, [A1], {"kept": [("B", "")]}, [A1, B1]),
    (
        "together",
        [BODY],
        {"a": owned(BODY), "b": owned(BODY)},
        [],
        {"own": [(None, "")], "kept": [(None, "a+b")]},
        [BODY],
    ),
    ("the last leaves", [BODY], {"a": owned(BODY)}, [], {"own": [(None, "")]}, []),
    ("joined", [BODY], {"b": owned(BODY)}, [BODY], {"kept": [(None, "b")]}, [BODY]),
    ("a body, adopted", [BODY], {}, [BODY], {"adopted": [(None, "")]}, [BODY]),
    (
        "the same body under a Sid",
        [A1],
        {"b": owned(A1)},
        [BODY],
        {"kept": [("A", "b")]},
        [A1, BODY],
    ),
    ("edited outside", [A2], {"a": owned(A1)}, [A1], {"own": [("A", "")]}, [A1]),
    ("another's, edited outside", [B2], {"b": owned(B1)}, [A1], {"kept": [("B", "b")]}, [A1, B2]),
    (
        "a body, edited outside",
        [OTHER],
        {"a": owned(BODY)},
        [BODY],
        {"kept": [(None, "")]},
        [BODY, OTHER],
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[each[0] for each in ROWS])
def test_each_row_of_the_table(row: tuple[Any, ...]) -> None:
    _, live, owners, wanted, expected, after = row
    share = Share("a", policy(*wanted) if wanted else None)
    settled = settle(policy(*live), owners, share)
    assert fates(settled) == expected
    if "conflict" not in expected:
        assert whole(policy(*live), settled, share) == (policy(*after) if after else None)


def test_adopting_writes_nothing_and_is_recorded() -> None:
    share = Share("a", policy(B1))
    settled = settle(policy(A1, B1), {}, share)
    assert whole(policy(A1, B1), settled, share) == policy(A1, B1)
    assert owners_after({}, share, settled) == {"a": owned(B1)}


def test_what_is_taken_is_no_longer_its_former_owners() -> None:
    owners = {"b": owned(B1, BODY)}
    share = Share("a", policy(B2), take=("B",))
    settled = settle(policy(B1, BODY), owners, share)
    assert fates(settled) == {"taken": [("B", "b")], "kept": [(None, "b")]}
    assert owners_after(owners, share, settled) == {"a": owned(B2), "b": owned(BODY)}
    assert not unused_takes(settled, share)
    assert unused_takes(settled, Share("a", None, take=("B", "C"))) == ["C"]


def test_what_is_recorded_stays_its_owners_though_it_is_not_live() -> None:
    """Somebody took B away in the console: it is still b's to put back, and nobody else's."""
    owners = {"b": owned(B1)}
    refused = settle(policy(A1), owners, Share("a", policy(B1)))
    assert fates(refused) == {"kept": [("A", "")], "conflict": [("B", "b")]}
    share = Share("a", policy(B2), take=("B",))
    taken = settle(policy(A1), owners, share)
    assert whole(policy(A1), taken, share) == policy(A1, B2)
    assert owners_after(owners, share, taken) == {"a": owned(B2), "b": Owned(())}
    assert not settle(policy(A1), owners, Share("b", policy(B2))).conflicts
    assert whole(policy(A1), settle(policy(A1), owners, Share("a", None)), share) == policy(A1)


def test_who_takes_all_has_what_was_one_projects_alone() -> None:
    share = Share("a", policy(A2), take_all=True)
    held = claims(share, policy(A1, B1), {}, exclusive=True)
    settled = settle(policy(A1, B1), held, share)
    assert fates(settled) == {"own": [("A", ""), ("B", "")]}
    assert whole(policy(A1, B1), settled, share) == policy(A2)
    owners = {"b": owned(B1)}
    assert claims(share, policy(B1), owners, exclusive=False) is owners


def test_an_owner_that_leaves_nothing_is_forgotten() -> None:
    share = Share("a", None)
    owners = {"a": owned(A1), "b": owned(B1)}
    settled = settle(policy(A1, B1), owners, share)
    assert owners_after(owners, share, settled) == {"b": owned(B1)}


def test_what_stays_as_it_was_keeps_its_serial() -> None:
    mine = Owned(policy(A1).statements, OwnerSource("h/r", "p"), 3, "then")
    share = Share("a", policy(A1), OwnerSource("h/r", "p"))
    settled = settle(policy(A1), {"a": mine}, share)
    assert owners_after({"a": mine}, share, settled)["a"] is mine
    moved = Share("a", policy(A1), OwnerSource("h/r", "q"))
    assert owners_after({"a": mine}, moved, settled)["a"].serial == 0


VARIABLE = statement(
    "V", Resource="arn:aws:ecr:us-west-2:444455556666:repository/${aws:username}/*"
)
OLD = "2008-10-17"


def test_version_and_id_are_nobodys() -> None:
    live = policy(B1, Version=OLD, Id="theirs")
    share = Share("a", policy(A1, Id="mine"))
    after = whole(live, settle(live, {"b": owned(B1)}, share), share)
    assert after is not None
    assert after.id == "theirs"
    assert whole(None, settle(None, {}, share), share) == policy(A1, Id="mine")


def test_variables_need_one_version() -> None:
    live = policy(B1, {**VARIABLE, "Sid": "B2"}, Version=OLD)
    share = Share("a", policy(VARIABLE))
    settled = settle(live, {"b": Owned(live.statements)}, share)
    with pytest.raises(OwnerError, match="do not fit into one policy") as caught:
        settled_policy(live, settled, share, "mine.json")
    assert "2008-10-17 and 2012-10-17" in caught.value.detail
    plain = policy(B1, Version=OLD)
    settled = settle(plain, {"b": owned(B1)}, share)
    after = settled_policy(plain, settled, share, "mine.json")
    assert after is not None
    assert after.version == "2012-10-17"


def test_a_refusal_names_the_owner_and_the_ways_on() -> None:
    share = Share("a", policy(A2, B2))
    settled = settle(policy(A1, B1), {"b": owned(B1)}, share)
    with pytest.raises(OwnerError) as caught:
        settled_policy(policy(A1, B1), settled, share, "mine.json")
    error = caught.value
    assert error.exit_code == 5
    assert 'statement["A"] is live and owned by nobody.' in error.detail
    assert 'statement["B"] is owned by b.' in error.detail
    assert "--take 'statement[\"A\"]' --take 'statement[\"B\"]'" in error.hint
    assert "mine.json" in error.hint
    assert "planner import 'statement[\"A\"]'" in error.hint


def test_nobody_imports_what_somebody_owns() -> None:
    share = Share("a", policy(B2))
    with pytest.raises(OwnerError, match=r'statement\["B"\] is owned by b') as caught:
        settled_policy(policy(B1), settle(policy(B1), {"b": owned(B1)}, share), share, "mine.json")
    assert "import" not in caught.value.hint


def test_modes() -> None:
    with pytest.raises(OwnerError, match="this project has no owner") as caught:
        check_mode(None, policy(B1), {"b": owned(B1), "c": Owned(())}, exclusive=False)
    assert "these owners: b, c." in caught.value.detail
    with pytest.raises(OwnerError, match="owned whole") as caught:
        check_mode("a", policy(A1, B1), {}, exclusive=True)
    assert "2 statements" in caught.value.detail
    check_mode("a", None, {}, exclusive=True)
    check_mode("a", policy(A1), {"b": Owned(())}, exclusive=False)
    check_mode(None, policy(A1), {}, exclusive=True)
    check_mode(None, policy(A1), {}, exclusive=False)


@pytest.mark.parametrize(
    ("before", "now", "is_refused"),
    [
        (OwnerSource("h/r", "p"), OwnerSource("h/r", "p"), False),
        (OwnerSource("h/r", "p"), OwnerSource("h/r", "q"), True),
        (OwnerSource("h/r", "p"), OwnerSource("h/s", "p"), True),
        (OwnerSource("h/r", "p"), OwnerSource(), False),
        (OwnerSource(), OwnerSource("h/r", "p"), False),
    ],
)
def test_sources(before: OwnerSource, now: OwnerSource, is_refused: bool) -> None:
    share, owners = Share("a", None, now), {"a": Owned((), before)}
    check_source(Share("b", None, now), owners)
    if not is_refused:
        check_source(share, owners)
        return
    with pytest.raises(OwnerError, match="The owner a is another project's") as caught:
        check_source(share, owners)
    assert "p of h/r" in caught.value.detail
    assert f"{now.path} of {now.repository}" in caught.value.detail
    assert "--move-owner" in caught.value.hint


def test_a_run_outside_of_a_repository_leaves_the_name_to_the_one_that_was_recorded() -> None:
    known = OwnerSource("h/r", "p")
    share = Share("a", policy(statement("A")))
    owners = {"a": Owned((), known, 3, "then")}
    now = owners_after(owners, share, settle(None, owners, share))
    assert now["a"].source == known
    with pytest.raises(OwnerError):
        check_source(Share("a", None, OwnerSource("h/s", "p")), now)
