"""`plan --who`, against the sandbox's CloudTrail."""

from __future__ import annotations

import json

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import Proxy, proxy_to
from tests.support.policies import document, statement

JANE = "arn:aws:sts::444455556666:assumed-role/console/ci"


@pytest.fixture
def drifted(cli: Cli, account: Account) -> Cli:
    """A project whose policy somebody else has changed."""
    cli = cli.hurried()
    cli.write("registry_policy.json", document(statement("A")))
    cli.ok("apply", "--auto-approve")
    account.as_role("console").put(document(statement("A", Action="ecr:ReplicateImage")))
    return cli


def test_a_plan_names_who(drifted: Cli) -> None:
    assert JANE not in drifted.ok("plan", "--out", "without.json")
    text = drifted.ok("plan", "--who", "--out", "plan.json")
    line = next(each for each in text.splitlines() if JANE in each)
    assert line.startswith(f"      by {JANE}, 20")
    assert line.endswith("from 127.0.0.1")
    plans = [
        json.loads((drifted.folder / f"{name}.json").read_text()) for name in ("without", "plan")
    ]
    assert plans[0]["plan_id"] == plans[1]["plan_id"]
    assert plans[0]["drift"][0]["who"] is None
    assert plans[1]["drift"][0]["who"]["basis"] == "text"
    assert JANE in drifted.ok("show", "plan.json")
    drifted.ok("apply", "plan.json", "--approve", "jane agrees")


def test_without_the_permission_all_else_works(drifted: Cli, sandbox_url: str) -> None:
    with proxy_to(sandbox_url) as proxy:
        denied(proxy)
        text = drifted.ok("plan", "--who", AWS_ENDPOINT_URL=proxy.url)
    assert "cloudtrail:LookupEvents" in " ".join(text.split())
    assert "Plan: 0 to add, 1 to change" in text


def denied(proxy: Proxy) -> None:
    answer = json.dumps({"__type": "AccessDeniedException", "message": "no"})
    proxy.fail("LookupEvents", answer=(400, answer))


def test_a_saved_policy_has_no_who(drifted: Cli) -> None:
    drifted.write("live.json", document(statement("A")))
    message = drifted.fails(64, "plan", "--who", "--live", "live.json")
    assert "--who asks AWS" in message
