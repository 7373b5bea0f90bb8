"""`planner scope`, and the way from V1 to V2, as a user goes it."""

from __future__ import annotations

import json

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import ecr_error, proxy_to
from tests.support.policies import REPOSITORY, document, statement

REPLICATION = statement("A")
PULL = statement(None, Action=["ecr:BatchGetImage", "ecr:Get*"], Resource=f"{REPOSITORY}base/*")
TEXT = json.dumps({"Version": "2012-10-17", "Statement": [REPLICATION, PULL]}, indent=1)


@pytest.fixture
def old(cli: Cli, account: Account) -> Cli:
    """A registry of scope V1, and a project that wants more of it than that has."""
    account.client().put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    account.put(document(statement("A", Action="ecr:*")))
    cli.write("registry_policy.json", TEXT)
    return cli


def test_from_v1_to_v2(old: Cli, account: Account) -> None:
    told = old.ok("scope")
    assert told.startswith(f"{account.account_id}/us-west-2 has registry policy scope V1.\n")
    assert "2 actions of registry_policy.json need V2:\n" in told
    line = 1 + TEXT[: TEXT.index('"ecr:Get*"')].count("\n")
    assert f"  registry_policy.json:{line}:5: statement[1]: ecr:Get*\n" in told
    assert "Every request to the registry is then held against the policy" in told
    assert "Verdict: broadens. For one, account 111122223333 can now" in told
    assert "To raise it: raise_scope = true in planner.toml" in told
    assert "raise_scope = true in planner.toml" in old.fails(6, "plan")
    old.write("planner.toml", "raise_scope = true\n")
    assert "`planner plan` has the raise in its plan" in old.ok("scope")
    planned = old.ok("plan", "--out", "plan.json")
    assert "~ Registry policy scope: V1 -> V2" in planned
    assert "V1 -> V2" in old.ok("show", "plan.json")
    applied = old.ok("apply", "plan.json")
    assert "Read back: the registry has policy scope V2." in applied
    assert "has registry policy scope V2" in old.ok("scope")
    assert "No changes. The registry and the state are as planned." in old.ok(
        "apply", "--auto-approve"
    )


def test_the_scope_alone(old: Cli, account: Account) -> None:
    old.write("registry_policy.json", document(statement("A", Action="ecr:*")))
    old.write("planner.toml", "raise_scope = true\n")
    planned = old("plan", "--detailed-exitcode", "--out", "plan.json")
    assert planned.returncode == 2
    assert "Plan: 0 to add, 0 to change, 0 to destroy." in planned.stdout
    assert "No changes" not in planned.stdout
    applied = old.ok("apply", "plan.json")
    assert "Writing" not in applied
    assert "Apply complete! Resources: 0 added, 0 changed, 0 destroyed." in applied
    setting = account.client().get_account_setting(name="REGISTRY_POLICY_SCOPE")
    assert setting["value"] == "V2"
    assert old("plan", "--detailed-exitcode").returncode == 0


def test_the_view(old: Cli, account: Account) -> None:
    view = json.loads(old.ok("scope", "--json"))
    assert (view["kind"], view["format_version"], view["scope"]) == ("scope", 1, "V1")
    assert view["registry"]["account_id"] == account.account_id
    assert (view["policy"], view["told"], view["next"]) == ("registry_policy.json", None, "set")
    assert [each["action"] for each in view["needs_v2"]] == ["ecr:BatchGetImage", "ecr:Get*"]
    assert set(view["needs_v2"][0]) == {"statement", "effect", "action", "file", "line", "column"}
    assert view["raising"]["verdict"] == "broadens"
    live = json.loads(old.ok("scope", "--live", "--json"))
    assert (live["policy"], live["needs_v2"]) == ("the live policy", [])


def test_a_registry_of_v2_without_a_policy(cli: Cli) -> None:
    told = cli.ok("scope", "--live")
    assert "has registry policy scope V2" in told
    assert "The registry has no policy." in told
    assert "raise" not in told.lower()


def test_settings_that_say_something_else(old: Cli) -> None:
    old.write("planner.toml", 'scope = "V2"\n')
    assert 'Warning: planner.toml says scope = "V2"' in old.ok("scope")
    old.write("planner.toml", 'scope = "V2"\nraise_scope = true\n')
    assert "Warning" not in old.ok("scope")


def test_who_may_not_read_it_is_told_what_is_missing(old: Cli, sandbox_url: str) -> None:
    with proxy_to(sandbox_url) as proxy:
        proxy.fail("GetAccountSetting", answer=ecr_error("AccessDeniedException"))
        assert "ecr:GetAccountSetting" in old.fails(1, "scope", AWS_ENDPOINT_URL=proxy.url)


def test_a_scope_that_this_planner_does_not_know(old: Cli, sandbox_url: str) -> None:
    with proxy_to(sandbox_url) as proxy:
        proxy.rewritten = {b'"V1"': b'"V3\\u001b"'}
        told = old.fails(1, "scope", AWS_ENDPOINT_URL=proxy.url)
    assert "and this planner knows V1 and V2" in told
    assert "\x1b" not in told


def test_a_file_for_v2_is_valid_where_a_plan_raises_the_scope(offline: Cli) -> None:
    text = document(statement("A", Action="ecr:PutImage", Resource=f"{REPOSITORY}a"))
    offline.write("registry_policy.json", text)
    assert "scope-v1" in offline("validate", "--scope", "V1").stdout
    offline.write("planner.toml", "raise_scope = true\n")
    for words in (("validate",), ("validate", "--scope", "V1")):
        result = offline(*words)
        assert "scope" not in result.stdout
        assert result.returncode == 0
    asked = ("can", "111122223333", "ecr:PutImage", "a")
    assert offline(*asked).returncode == 0
    assert "under scope V1" in offline(*asked, "--scope", "V1").stdout
