"""Ways to open a registry to strangers past the guard, each beside what is not public."""

from __future__ import annotations

import re

import pytest

from planner.guard.settings import Guard
from planner.policy.document import Policy
from tests.support.account import Account
from tests.support.bypasses import (
    EIGHTS,
    IP,
    NOT_PUBLIC,
    ONE,
    ORG,
    OURS,
    PUBLIC,
    anyone,
    only,
    unless,
)
from tests.support.cli import Cli
from tests.support.comparing import when
from tests.support.guarded import plan_of
from tests.support.policies import document, policy


def is_public(before: Policy, after: Policy) -> bool:
    """Whether the guard refuses it for what strangers gain."""
    return "public" in [
        stop.check for stop in plan_of(before, after).stops(Guard()) if stop.answer == "refuse"
    ]


@pytest.mark.parametrize("name", PUBLIC)
def test_what_a_stranger_can_set_narrows_nothing(name: str) -> None:
    assert is_public(policy(ONE), policy(ONE, *PUBLIC[name]))


@pytest.mark.parametrize("name", NOT_PUBLIC)
def test_what_belongs_to_somebody_narrows(name: str) -> None:
    assert not is_public(policy(ONE), policy(ONE, *NOT_PUBLIC[name]))


def test_a_change_around_a_statement_may_make_it_public() -> None:
    (itself,) = only("StringEquals", ORG, f"${{{ORG}}}")
    old = policy(itself, Version="2008-10-17")
    assert is_public(old, policy(itself))
    assert not is_public(policy(itself), old)
    kept = unless("StringNotEquals", ORG, OURS)
    assert is_public(policy(*kept), policy(kept[0]))
    weaker = kept[1]["Condition"] | when("Null", ORG, "false")["Condition"]
    assert is_public(policy(*kept), policy(kept[0], {**kept[1], "Condition": weaker}))


def test_ranges_do_not_add_up_from_plan_to_plan() -> None:
    """A range of the policy before is as good as one of the policy after."""
    first, second = only("IpAddress", IP, EIGHTS[4]), only("IpAddress", IP, EIGHTS[5])
    assert not is_public(policy(ONE), policy(ONE, *first))
    assert is_public(policy(ONE, *first), policy(ONE, *second))


THROUGH = (
    "any ARN",
    "any root",
    "any provider",
    "any organization",
    "any path",
    "no path at all",
    "an organization if there is one",
    "256 ranges",
    "the agent",
    "the referer",
    "the organization itself",
    "a source identity",
    "a tag that is the organization",
    "a Deny but for some endpoint",
    "a Deny but for any endpoint",
    "a tag in Resource",
    "everybody but one account",
    "two halves",
    "ranges in four statements",
)


def refused(cli: Cli, account: Account, before: str, after: str) -> None:
    """Sees plan and apply refuse to lead from one live policy to another."""
    account.put(before)
    live = account.live()
    cli.write("registry_policy.json", after)
    result = cli("plan", "--out", "plan.json")
    assert result.returncode == 5, (result.stdout, result.stderr)
    assert "The guard refuses (public): " in result.stdout
    assert re.search(r"everyone in the world gains access.*\n  For one, .* can now ", result.stdout)
    message = cli.fails(5, "apply", "plan.json", "--approve", "it is meant")
    assert "The guard refuses this plan." in message
    assert "(public)" in message
    assert account.live() == live


@pytest.mark.parametrize("name", THROUGH)
def test_plan_and_apply_refuse_it(name: str, cli: Cli, account: Account) -> None:
    refused(cli, account, document(ONE), document(ONE, *PUBLIC[name]))


def test_plan_and_apply_refuse_another_version(cli: Cli, account: Account) -> None:
    (itself,) = only("StringEquals", ORG, f"${{{ORG}}}")
    old = document(ONE, itself, Version="2008-10-17")
    refused(cli, account, old, document(ONE, itself))


@pytest.mark.parametrize("name", ["an account", "an organization", "an endpoint", "a range"])
def test_what_belongs_to_somebody_is_applied(name: str, cli: Cli, account: Account) -> None:
    cli.write("registry_policy.json", document(ONE, *NOT_PUBLIC[name]))
    cli.ok("plan", "--out", "plan.json")
    cli.ok("apply", "plan.json")
    assert account.live() is not None


@pytest.mark.parametrize("limit", ["STEPS", "_EVALUATIONS"])
def test_what_is_too_intricate_may_be_public(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"planner.access.compare.{limit}", 0)
    assert is_public(policy(ONE), policy(ONE, anyone()))
