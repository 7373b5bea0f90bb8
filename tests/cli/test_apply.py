"""`planner apply`: what it takes, what it refuses, and what it records."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

from planner.plans.file import load_plan
from planner.plans.view import plan_text
from tests.support.account import Account
from tests.support.cli import PLANNER, Cli
from tests.support.policies import document, statement
from tests.support.project import POLICY, same, state_of
from tests.support.terminal import on_terminal

NO_CHANGES = "No changes."


def test_plan_review_apply(project: Cli, account: Account) -> None:
    account.put(document(statement("A"), statement("Old", "999999999999", Resource="*")))
    planned = project.ok("plan", "--out", "plan.json")
    assert "Plan: 1 to add, 0 to change, 1 to destroy." in planned
    assert f'# registry["{account.account_id}/us-west-2"].statement["B"] will be created' in planned
    assert project.ok("show", "plan.json") == planned
    assert not (project.folder / ".planner").exists()
    applied = project.ok("apply", "plan.json")
    assert applied.endswith("Apply complete! Resources: 1 added, 0 changed, 1 destroyed.\n")
    assert same(account.live(), POLICY)
    assert NO_CHANGES in project.ok("plan", "--detailed-exitcode")
    state = state_of(project, account)
    assert state["serial"] == 1
    assert state["by"] == f"arn:aws:iam::{account.account_id}:user/moto"
    assert state["plan_id"] == json.loads(project.ok("show", "plan.json", "--json"))["plan_id"]


def test_a_plan_does_not_apply_twice(project: Cli) -> None:
    project.ok("plan", "--out", "plan.json")
    project.ok("apply", "plan.json")
    again = project("apply", "plan.json")
    assert again.returncode == 0
    assert "It was applied already, and what it asks for is live." in again.stdout + again.stderr
    assert "Resources: 0 added, 0 changed, 0 destroyed." in again.stdout


def test_an_edit_between_plan_and_apply(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    theirs = document(statement("Theirs", "999999999999"))
    account.put(theirs)
    message = project.fails(3, "apply", "plan.json")
    assert 'statement["Theirs"]' in message
    assert same(account.live(), theirs)
    assert not (project.folder / ".planner/state" / account.account_id / "us-west-2.json").exists()


def test_an_edit_that_leads_to_the_same_is_recorded(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    account.put(POLICY)
    assert "already what the plan asks for" in project.ok("apply", "plan.json")
    assert state_of(project, account)["serial"] == 1


def test_a_plan_from_an_older_state(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "old.json")
    project.write("other.json", document(statement("C")))
    project.ok("apply", "--policy", "other.json", "--auto-approve")
    message = project.fails(3, "apply", "old.json")
    assert "made from state serial 0; it is 1 now" in message
    assert same(account.live(), document(statement("C")))


def test_a_plan_for_another_account_or_region(
    project: Cli, new_account: Callable[[], Account]
) -> None:
    project.ok("plan", "--out", "plan.json")
    other = new_account()
    message = project.fails(1, "apply", "plan.json", **other.environment)
    assert other.account_id in message
    assert "eu-west-1" in project.fails(1, "apply", "plan.json", "--region", "eu-west-1")
    assert other.live() is None


def test_the_plans_own_region_serves_where_none_is_set(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    del project.environment["AWS_DEFAULT_REGION"]
    project.ok("apply", "plan.json")
    assert same(account.live(), POLICY)


def test_destroy(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    planned = project.ok("plan", "--destroy", "--out", "plan.json")
    assert "Plan: 0 to add, 0 to change, 2 to destroy." in planned
    assert "0 added, 0 changed, 2 destroyed" in project.ok("apply", "plan.json")
    assert account.live() is None
    assert state_of(project, account)["policy"] is None
    assert "The registry has no policy." in project.ok("plan", "--destroy")
    assert NO_CHANGES in project.ok("apply", "--destroy", "--auto-approve")


def test_expect(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    plan_id = json.loads((project.folder / "plan.json").read_text())["plan_id"]
    assert "not the plan that was approved" in project.fails(
        3, "apply", "plan.json", "--expect", "0" * 32
    )
    assert account.live() is None
    project.fails(3, "apply", "--expect", "0" * 64)
    for typed in (plan_id[:31], plan_id[:12], plan_id + "0", "x" * 32):
        message = project.fails(64, "apply", "plan.json", "--expect", typed)
        assert "the 32 hexadecimal digits that are shown" in message
    assert account.live() is None
    project.ok("apply", "--expect", plan_id[:32].upper())
    assert same(account.live(), POLICY)


def test_nobody_to_ask(project: Cli, account: Account) -> None:
    assert "--auto-approve" in project.fails(64, "apply")
    assert account.live() is None


def test_only_yes_approves(project: Cli, account: Account) -> None:
    code, screen = on_terminal(project, "y", "apply")
    assert code == 1
    assert "Only 'yes' will be accepted to approve." in screen
    assert "Apply cancelled." in screen
    assert account.live() is None
    code, screen = on_terminal(project, "yes", "apply")
    assert code == 0
    assert "\x1b[32m+" in screen
    assert "Apply complete! Resources: 2 added" in screen
    assert same(account.live(), POLICY)


def test_a_refusal_by_ecr_is_explained(project: Cli, account: Account) -> None:
    role = "arn:aws:iam::111122223333:role/ci"
    body = statement("A", Action=["ecr:BatchGetImage", "ecr:ReplicateImages"])
    project.write("registry_policy.json", document({**body, "Principal": {"AWS": role}}))
    project.write("planner.toml", '[lint]\ndisable = ["unknown-action"]\n')
    project.ok("plan", "--out", "plan.json")
    account.client().put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    meant = ("--approve", "the action is new")
    message = project.fails(1, "apply", "plan.json", *meant)
    assert "ECR says: Invalid parameter at 'PolicyText'" in message
    assert "'ecr:BatchGetImage' needs registry policy scope V2" in message
    assert "did you mean 'ecr:ReplicateImage'" in message
    assert f"made only seconds ago: {role}" in message
    assert account.live() is None


def test_a_reader_that_goes_away_does_not_stop_an_apply(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    for command in (f"{PLANNER} apply plan.json | head -c 1", f"{PLANNER} plan >/dev/full"):
        project.run(["sh", "-c", command])
    assert same(account.live(), POLICY)
    assert state_of(project, account)["serial"] == 1


def test_a_link_in_the_state_is_refused(project: Cli, account: Account) -> None:
    precious = project.write("precious.txt", "mine")
    folder = project.folder / ".planner/state" / account.account_id
    folder.mkdir(parents=True)
    for name in ("us-west-2.lock.json", "us-west-2.json", "us-west-2.journal.json"):
        (folder / name).symlink_to(precious)
        assert "is a link" in project.fails(1, "apply", "--auto-approve")
        (folder / name).unlink()
    (project.folder / ".planner/state/.swap").unlink(missing_ok=True)
    (project.folder / ".planner/state/.swap").symlink_to(precious)
    assert "is a link" in project.fails(1, "apply", "--auto-approve")
    assert precious.read_text() == "mine"
    assert account.live() is None


def test_the_size_that_counts_is_of_what_is_sent(project: Cli, account: Account) -> None:
    roots = [f"arn:aws:iam::{number:012}:root" for number in range(1, 331)]
    project.write("registry_policy.json", document(statement(Principal={"AWS": roots})))
    project.ok("plan", "--out", "plan.json")
    project.ok("apply", "plan.json")
    values = [f"{number:x}" for number in range(1, 1200)]
    key = "aws:PrincipalTag/" + "k" * 600
    big = statement(Condition={"StringEquals": {key: values}})
    project.write("registry_policy.json", document(big))
    project.ok("apply", "--auto-approve")
    other = statement(Condition={"StringEquals": {key: [f"{value}-" for value in values]}})
    project.write("registry_policy.json", document(other))
    project.ok("plan", "--out", "plan.json")
    project.ok("apply", "plan.json")
    assert same(account.live(), document(other))


def test_a_plan_with_another_recorded_policy(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    project.write("registry_policy.json", document(statement("C")))
    project.ok("plan", "--out", "plan.json")
    plan = load_plan((project.folder / "plan.json").read_bytes(), "plan.json")
    project.write("plan.json", plan_text(dataclasses.replace(plan, recorded=plan.after)))
    assert "(drift:" in project.ok("show", "plan.json")
    assert "another recorded policy" in project.fails(3, "apply", "plan.json", "--approve", "so")
    assert same(account.live(), POLICY)


def test_a_state_that_cannot_be_written_stops_before_the_write(
    project: Cli, account: Account
) -> None:
    (project.folder / ".planner").write_text("in the way")
    assert "cannot be" in project.fails(1, "apply", "--auto-approve")
    assert account.live() is None
