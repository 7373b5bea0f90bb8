"""Undoing what somebody changed outside planner is a decision, where access differs by it."""

from __future__ import annotations

import json

import pytest

from planner.guard.settings import Guard
from planner.plans.file import load_plan
from planner.plans.view import plan_text
from planner.policy.document import Policy
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.guarded import plan_over
from tests.support.policies import document, policy, statement

ONE = statement("A")
TWO = statement("A", Principal={"AWS": ["111122223333", "222233334444"]})
THREE = statement("A", Principal={"AWS": ["111122223333", "222233334444", "333344445555"]})
OTHER = statement("B", "333344445555")
DENY = statement("D", Effect="Deny", Principal="*", Action="ecr:*", Resource="*")
UNTOLD = {**ONE, "Condition": {"Madeup": {"aws:userid": "x"}}}
VARIABLE = {**ONE, "Resource": "arn:aws:ecr:us-west-2:444455556666:repository/${aws:userid}"}


def trips(recorded: Policy | None, live: Policy | None, after: Policy | None) -> bool:
    stops = plan_over(recorded, live, after).stops(Guard())
    return "drift-undone" in [stop.check for stop in stops]


@pytest.mark.parametrize(
    ("recorded", "live", "after"),
    [
        (policy(ONE), policy(TWO), policy(ONE)),
        (policy(TWO), policy(ONE), policy(TWO)),
        (policy(ONE), policy(ONE, OTHER), policy(ONE)),
        (policy(ONE, OTHER), policy(ONE), policy(ONE, OTHER)),
        (policy(ONE), policy(ONE, DENY), policy(ONE)),
        (policy(ONE, DENY), policy(ONE), policy(ONE, DENY)),
        (policy(ONE), None, policy(ONE)),
        (None, policy(ONE), None),
        (policy(ONE), policy(TWO), policy(statement("A", Action="ecr:ReplicateImage"))),
        (policy(ONE), policy(UNTOLD), policy(ONE)),
        (
            policy(VARIABLE),
            policy(VARIABLE, Version="2008-10-17"),
            policy(VARIABLE, Version="2012-10-17"),
        ),
    ],
)
def test_it_asks(recorded: Policy | None, live: Policy | None, after: Policy | None) -> None:
    assert trips(recorded, live, after)


@pytest.mark.parametrize(
    ("recorded", "live", "after"),
    [
        (policy(ONE), policy(ONE), policy(TWO)),
        (policy(ONE), policy(TWO), policy(TWO)),
        (policy(ONE), policy(TWO), policy(TWO, OTHER)),
        (policy(ONE), policy(TWO), policy(THREE)),
        (policy(ONE), policy({**ONE, "Sid": "Renamed"}), policy(ONE)),
        (policy(ONE), policy(ONE, {**ONE, "Sid": "Again"}), policy(ONE)),
        (policy(ONE), policy(ONE, Id="an id"), policy(ONE)),
        (None, None, policy(ONE)),
    ],
)
def test_it_is_silent(recorded: Policy | None, live: Policy | None, after: Policy | None) -> None:
    assert not trips(recorded, live, after)


def test_it_names_what_is_undone() -> None:
    plan = plan_over(policy(ONE), policy(TWO), policy(ONE))
    (stop,) = [each for each in plan.own_stops if each.check == "drift-undone"]
    assert stop.statement == 'statement["A"]'
    plan = plan_over(policy(ONE), policy(TWO, OTHER), policy(ONE))
    (stop,) = [each for each in plan.own_stops if each.check == "drift-undone"]
    assert (stop.statement, "2 edits" in stop.message) == ("", True)


def test_a_loaded_plan_trips_it_as_well() -> None:
    plan = plan_over(policy(ONE), policy(TWO), policy(ONE))
    assert load_plan(plan_text(plan).encode(), "plan.json").own_stops == plan.own_stops


def test_apply_wants_a_reason(cli: Cli, account: Account) -> None:
    cli.write("registry_policy.json", document(ONE))
    cli.ok("apply", "--auto-approve")
    account.put(document(TWO))
    cli.ok("plan", "--out", "plan.json")
    assert json.loads((cli.folder / "plan.json").read_text())["next"]["wants_reason"]
    message = cli.fails(5, "apply", "plan.json")
    assert "drift-undone" in message
    assert account.live() != document(ONE)
    assert "222233334444" in str(account.live())
    cli.ok("apply", "plan.json", "--approve", "nobody may have added it")
    assert "222233334444" not in str(account.live())


def test_a_project_may_allow_it(cli: Cli, account: Account) -> None:
    cli.write("planner.toml", '[guard]\ndrift-undone = "allow"\n')
    cli.write("registry_policy.json", document(ONE))
    cli.ok("apply", "--auto-approve")
    account.put(document(TWO))
    cli.ok("apply", "--auto-approve")
    assert "222233334444" not in str(account.live())
