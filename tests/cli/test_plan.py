"""`planner plan`: what it compares, saves and refuses."""

from __future__ import annotations

import json

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.policies import document, statement
from tests.support.project import POLICY


def test_json_is_the_plan_file(project: Cli) -> None:
    printed = project.ok("plan", "--json", "--out", "plan.json")
    assert printed == (project.folder / "plan.json").read_text()
    assert project.ok("show", "--json", "plan.json") == printed


def test_detailed_exitcode(project: Cli) -> None:
    assert project("plan").returncode == 0
    assert project("plan", "--detailed-exitcode").returncode == 2


def test_a_damaged_plan(project: Cli) -> None:
    project.ok("plan", "--out", "plan.json")
    path = project.folder / "plan.json"
    path.write_text(path.read_text().replace("222233334444", "999999999999"))
    for words in (("show", "plan.json"), ("apply", "plan.json")):
        assert "not an intact plan" in project.fails(1, *words)
    path.write_text("{")
    assert "not a saved plan" in project.fails(1, "apply", "plan.json")


def test_drift_is_shown_first(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    account.put(document(statement("A"), statement("B", "222233334444", Effect="Deny")))
    text = project.ok("plan")
    assert text.index("Changed outside planner since serial 1") < text.index("will be updated")
    assert '~ Effect = "Allow" -> "Deny"' in text
    assert "(drift: it was changed outside planner)" in text


def test_against_a_saved_policy(offline: Cli, account: Account) -> None:
    offline.write("registry_policy.json", POLICY)
    offline.write("live.json", document(statement("A")))
    text = offline.ok("plan", "--live", "live.json", "--out", "plan.json")
    assert "444455556666 / us-west-2" in text
    assert "Plan: 1 to add" in text
    assert "to review, not to apply" in text
    message = offline.fails(1, "apply", "plan.json", **account.environment)
    assert "cannot be applied" in message
    answer = {"registryId": "123456789012", "policyText": document(statement("A"))}
    offline.write("answer.json", json.dumps(answer))
    message = offline.fails(6, "plan", "--live", "answer.json")
    assert "is not in the registry 123456789012/us-west-2 [foreign-resource]" in message
    assert "Plan: 2 to add" in offline.ok("plan", "--live", "/dev/null")
    offline.write("empty.json", "")
    assert "--live /dev/null" in offline.fails(1, "plan", "--live", "empty.json")
    offline.write("registry_policy.json", document(statement("A", Resource="*")))
    message = offline.fails(1, "plan", "--live", "/dev/null")
    assert "--account-id" in message
    flags = ("--account-id", "000011112222", "--region", "eu-west-1")
    assert "000011112222 / eu-west-1" in offline.ok("plan", "--live", "/dev/null", *flags)
    assert "0 to add, 0 to change, 1 to destroy" in offline.ok(
        "plan", "--destroy", "--live", "live.json"
    )


def test_the_same_change_has_the_same_id_with_and_without_aws(project: Cli) -> None:
    with_aws = json.loads(project.ok("plan", "--json"))
    account_id = with_aws["registry"]["account_id"]
    project.environment.clear()
    words = ("plan", "--json", "--live", "/dev/null", "--account-id", account_id)
    without = json.loads(project.ok(*words, "--region", "us-west-2"))
    assert with_aws["plan_id"] == without["plan_id"]


def test_a_policy_that_ecr_would_refuse(project: Cli) -> None:
    text = document(statement("A", Principal={"AWS": ["1234", "111122223333"]}))
    project.write("registry_policy.json", text)
    message = project.fails(6, "plan")
    assert "/Statement/0/Principal/AWS/0: '1234' is no account id" in message
    many = [f"arn:aws:ecr:us-west-2:444455556666:repository/{n:04}" for n in range(250)]
    project.write("registry_policy.json", document(statement(Resource=many)))
    assert "ECR takes 10,240" in project.fails(6, "plan")


def test_out_spares_what_is_no_plan(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    state = f".planner/state/{account.account_id}/us-west-2.json"
    assert "would overwrite" in project.fails(1, "plan", "--out", state)
    assert "would overwrite" in project.fails(1, "plan", "--out", "registry_policy.json")
    assert "no name for a file" in project.fails(1, "plan", "--out", "x" * 300)
    project.write("empty", "")
    project.ok("plan", "--out", "empty")


def test_a_policy_from_a_pipe(project: Cli, account: Account) -> None:
    text = (project.folder / "registry_policy.json").read_text()
    result = project("plan", "-", "--out", "plan.json", stdin=text)
    assert "Plan: 2 to add" in result.stdout
    assert "Plan: 2 to add" in project("plan", "/dev/stdin", stdin=text).stdout
    plan = (project.folder / "plan.json").read_text()
    assert "Plan: 2 to add" in project("show", "-", stdin=plan).stdout


def test_a_saved_policy_of_another_account_or_of_a_repository(offline: Cli) -> None:
    offline.write("registry_policy.json", POLICY)
    text = document(statement("A"))
    for answer, words in (
        ({"registryId": "999988887777", "policyText": text}, "of another account"),
        ({"registryId": "444455556666", "repositoryName": "x", "policyText": text}, "repository"),
        ({"registryId": "../../../etc", "policyText": text}, "another account"),
    ):
        offline.write("live.json", json.dumps(answer))
        message = offline.fails(1, "plan", "--live", "live.json", "--account-id", "444455556666")
        assert words in message
    for evil in ("../../../../etc", "\u001b[2J"):
        offline.write("live.json", json.dumps({"registryId": evil, "policyText": text}))
        assert "is no account id" in offline.fails(1, "plan", "--live", "live.json")
    offline.write("live.json", document(*[statement(f"S{n}") for n in range(2000)]))
    assert "no AWS service so many" in offline.fails(1, "plan", "--live", "live.json")
    offline.write("live.json", "None")
    assert "Fetch it again" in offline.fails(1, "plan", "--live", "live.json")
    (offline.folder / "live.json").write_bytes(
        b"\xef\xbb\xbf" + json.dumps({"policyText": text}).encode()
    )
    offline.ok("plan", "--live", "live.json")


def test_settings_that_are_not_read_are_told(project: Cli) -> None:
    folder = project.folder / "sub"
    folder.mkdir()
    (folder / "planner.toml").write_text('account_id = "000000000000"\n')
    (folder / "p.json").write_text(POLICY)
    assert "sub/planner.toml is not read" in project("plan", "sub/p.json").stderr
    (project.folder / "planner.toml").symlink_to("nowhere")
    assert "no settings file" in project.fails(1, "plan")


def test_a_damaged_state(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    path = project.folder / ".planner/state" / account.account_id / "us-west-2.json"
    for text, words in (
        ("{", "is damaged"),
        ("{}", "is damaged"),
        (path.read_text().replace('"version": 2', '"version": 99'), "has format 99"),
        (path.read_text().replace(account.account_id, "000000000000"), "another registry"),
    ):
        path.write_text(text)
        assert words in project.fails(1, "plan")


def test_a_live_policy_that_cannot_be_read(offline: Cli) -> None:
    offline.write("registry_policy.json", POLICY)
    offline.write("live.json", '{"Statement": [{"Effect": "maybe"}]}')
    message = offline.fails(1, "plan", "--live", "live.json")
    assert "planner cannot read live.json" in message
    assert "live.json:1:27" in message
