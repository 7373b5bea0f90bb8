"""The policy before is in force under V2 until the one after is written: the guard sees it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.guard.checks import Stop
from planner.guard.settings import DEFAULTS, Guard
from planner.plans.plan import Plan
from planner.policy.document import Policy
from planner.policy.opaque import OpaquePolicy
from planner.registry import RAISED, ScopeChange
from tests.support.guarded import plan_of
from tests.support.policies import REPOSITORY, policy, statement

ASKS = Guard(dict.fromkeys(DEFAULTS, "ask"))
BETWEEN = "between the raise of the scope and the write of the policy, "
REPLICATION = statement("A")
EVERYTHING = statement("A", Action="ecr:*")
FREEZE = statement("D", Effect="Deny", Principal="*", Action="ecr:*", Resource="*")


def raising(before: Policy | None, after: Policy | None) -> Plan:
    return replace(plan_of(before, after), scope=RAISED)


def told(plan: Plan, guard: Guard = ASKS) -> dict[str, list[Stop]]:
    """The stops of the time in between, by check."""
    found: dict[str, list[Stop]] = {}
    for stop in plan.stops(guard):
        if stop.message.startswith(BETWEEN):
            found.setdefault(stop.check, []).append(stop)
    return found


@pytest.mark.parametrize(
    ("check", "before"),
    [
        ("broadening", policy(EVERYTHING)),
        ("public", policy(statement("A", Principal="*", Action="ecr:*"))),
        ("lockout", policy(REPLICATION, FREEZE)),
        ("own-access", policy(REPLICATION, FREEZE)),
    ],
)
def test_what_trips_on_the_way_trips_the_plan(check: str, before: Policy) -> None:
    """The end is harmless: before and after say the same of V1's actions, and the rest is gone."""
    after = policy(REPLICATION)
    assert check in told(raising(before, after))
    stays = replace(plan_of(before, after), scope=ScopeChange("V1", "V1"))
    assert told(stays) == {}


def test_a_new_account_on_the_way() -> None:
    """Under V1 no action of the first statement counts, so the account has no access yet."""
    before = policy(statement("A", "222233334444", Action="ecr:PutImage"), REPLICATION)
    (stop,) = told(raising(before, policy(REPLICATION)))["new-account"]
    assert stop.message == f"{BETWEEN}account 222233334444 had no access and gains it"
    assert stop.statement == 'statement["A"]'


def test_who_applies_is_asked_about_on_the_way() -> None:
    caller = "arn:aws:iam::444455556666:role/ci"
    stops = raising(policy(FREEZE), policy(REPLICATION)).stops(ASKS, caller)
    words = f"{BETWEEN}{caller}, who applies it, may not ecr:PutRegistryPolicy"
    assert words in [stop.message for stop in stops if stop.check == "lockout"]


def test_what_trips_at_the_end_as_well_is_told_once() -> None:
    before = policy(EVERYTHING)
    after = policy(EVERYTHING, statement("B", Effect="Deny", Action="ecr:PutImage"))
    plan = raising(before, after)
    assert told(plan).get("broadening")  # more is gained on the way than at the end
    same = raising(before, policy({**EVERYTHING, "Sid": "B"}))
    assert "broadening" not in told(same)
    assert "broadening" in {stop.check for stop in same.stops(ASKS)}


@pytest.mark.parametrize("before", [None, policy(EVERYTHING)])
def test_there_is_no_time_in_between(before: Policy | None) -> None:
    """Where no policy stands before, or the same one after, nothing else is in force."""
    plan = raising(before, policy(EVERYTHING))
    assert plan.access_between is None
    assert told(plan) == {}
    assert plan.has_changes
    assert "broadening" in {stop.check for stop in plan.stops(ASKS)}


def test_of_a_live_policy_that_cannot_be_read_nothing_is_told() -> None:
    """It is in force in between, too: `unknown` asks for a reason whatever it is set to."""
    plan = replace(raising(None, policy(REPLICATION)), before=OpaquePolicy("{}", "no Statement"))
    assert plan.access_between is None
    allowing = Guard({**dict.fromkeys(DEFAULTS, "allow"), "unknown": "allow"})
    assert [stop.check for stop in plan.stops(allowing)] == ["unknown"]


def test_a_refusal_on_the_way_refuses_the_plan() -> None:
    plan = raising(policy(statement("A", Principal="*", Action="ecr:*")), policy(REPLICATION))
    assert plan.is_refused_by_guard
    assert not replace(plan, scope=ScopeChange("V1", "V1")).is_refused_by_guard


def test_what_is_shown_of_it() -> None:
    plan = raising(policy(EVERYTHING), policy(REPLICATION))
    assert plan.access_between
    assert plan.access_between.verdict == "broadens"
    (row,) = plan.access_between.gained
    assert row.resource == f"{REPOSITORY}*"
