"""`planner validate`: the command, its formats, its switches; and the findings in a plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.lint.check import all_rules
from tests.support.account import Account
from tests.support.analyzer import FakeAnalyzer
from tests.support.cli import Cli
from tests.support.lint import views
from tests.support.policies import REPOSITORY, document, statement

ACTIONS = ["ecr:ReplicateImages", "ecr:CreateRepository"]
WRONG = document(statement("A", Action=ACTIONS))
WARNED = document(statement("A", Action="ecr:ReplicateImage"))
FINE = document(statement("A"))


def test_text(offline: Cli) -> None:
    offline.write("registry_policy.json", WRONG)
    offline.write("b.json", WARNED)
    result = offline("validate")
    assert result.returncode == 6
    assert result.stderr == (
        "Registry 444455556666/us-west-2: account and Region come from "
        "the resources in the policy.\n"
    )
    first, *rest = result.stdout.splitlines()
    assert first == (
        "registry_policy.json:1:140: error: ECR has no action 'ecr:ReplicateImages'; "
        "did you mean 'ecr:ReplicateImage'? [unknown-action]"
    )
    assert rest[-1] == "1 error, 0 warnings, 0 notes in 1 file."
    assert "0 errors, 1 warning, 0 notes in 1 file." in offline.ok("validate", "b.json")
    both = offline("validate", "registry_policy.json", "b.json")
    assert both.returncode == 6
    assert "in 2 files." in both.stdout
    offline.write("c.json", FINE)
    assert offline.ok("validate", "c.json") == "No findings in 1 file.\n"
    assert offline("validate", "-", stdin=WRONG).stdout.startswith("standard input:1:140: error")
    assert "There is no policy file" in offline.fails(1, "validate", "none.json")


def test_a_text_that_is_no_policy(offline: Cli) -> None:
    offline.write("p.json", '{"Statement": [], // why\n}')
    result = offline("validate", "p.json", "--format", "json")
    assert result.returncode == 6
    rules = [each["rule"] for each in json.loads(result.stdout)["findings"]]
    assert rules == ["grammar", "json", "json"]
    last = offline("validate", "p.json").stdout.splitlines()[-1]
    assert last == "More may be found in p.json once it can be read."
    offline.write("registry_policy.json", WRONG)
    assert "More may" not in offline("validate").stdout
    assert "more may be found" in offline("plan", "p.json", "--live", "/dev/null").stderr


def test_the_policy_of_a_repository_is_another_document(offline: Cli) -> None:
    bare = {name: value for name, value in statement("A").items() if name != "Resource"}
    offline.write("p.json", document(bare, bare))
    shown = offline("validate", "p.json").stdout
    assert "[not-a-policy]" in shown
    assert "set-repository-policy" in shown
    assert '"*"' not in shown
    offline.write("p.json", document(bare, statement("B")))
    assert "[grammar]" in offline("validate", "p.json").stdout


def test_the_registry_and_the_scope(offline: Cli) -> None:
    offline.write("registry_policy.json", document(statement("A", Action="ecr:PutImage")))
    flags = ("--account-id", "123456789012", "--region", "us-west-2")
    assert "[foreign-resource]" in offline("validate", *flags).stdout
    assert "[foreign-resource]" not in offline("validate").stdout
    assert "[needs-scope-v2]" in offline.ok("validate")
    assert "[scope-v1]" in offline("validate", "--scope", "V1").stdout
    assert "scope" not in offline.ok("validate", "--scope", "V2")
    offline.write("planner.toml", 'scope = "V1"\n')
    assert "[scope-v1]" in offline("validate").stdout
    offline.write("planner.toml", 'scope = "V3"\n')
    assert "It is V1 or V2" in offline.fails(1, "validate")


def test_placeholders(offline: Cli) -> None:
    body = statement(
        "{{sid}}", Resource="arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/*"
    )
    offline.write("registry_policy.json", document(body))
    assert offline.ok("validate", "--var", "sid=A") == "No findings in 1 file.\n"
    result = offline("validate")
    assert result.returncode == 6
    assert "nothing gives a value to '{{sid}}'" in result.stdout
    assert "[placeholder]" in result.stdout


def test_switches(offline: Cli) -> None:
    offline.write("registry_policy.json", WARNED)
    allowed = '[[lint.allow]]\nrule = "replicate-without-create"\nstatement = "A"\nreason = "why"\n'
    for text in ('[lint]\ndisable = ["replicate-without-create"]\n', allowed):
        offline.write("planner.toml", text)
        assert offline.ok("validate") == "No findings in 1 file.\n"
    offline.write("planner.toml", allowed.replace('"A"', '"B"'))
    report = offline.ok("validate")
    assert "[replicate-without-create]" in report
    assert "planner.toml:2:1: warning: nothing is found that the switch of" in report
    offline.write("planner.toml", f'[lint]\ndisable = [\n  "own-account",\n]\n{allowed}')
    assert "planner.toml:3:1: warning: nothing is found that" in offline.ok("validate")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[lint]\ndisable = ["own-acount"]', "did you mean 'own-account'"),
        ('[lint]\ndisable = ["grammar"]', "cannot be suppressed off"),
        ("[lint]\ndisable = 1", "not of its form"),
        ("[lint]\ndisabled = []", "Did you mean 'disable'"),
        ("[lint]\nallow = [1]", "must be a table"),
        ('[[lint.allow]]\nrule = "own-account"\nstatement = "A"', "has no 'reason'"),
    ],
)
def test_wrong_switches(offline: Cli, text: str, words: str) -> None:
    offline.write("registry_policy.json", FINE)
    offline.write("planner.toml", text)
    assert words in offline.fails(1, "validate")


def test_the_list_of_rules(offline: Cli) -> None:
    table = offline.ok("validate", "--list-rules")
    rows = json.loads(offline.ok("validate", "--list-rules", "--format", "json"))["rules"]
    assert [row["id"] for row in rows] == [each.id for each in all_rules()]
    for row in rows:
        assert row["id"] in table


def test_access_analyzer_is_asked(offline: Cli) -> None:
    span = {
        "start": {"line": 1, "column": 0, "offset": 0},
        "end": {"line": 1, "column": 9, "offset": 9},
    }
    path = [{"value": "Statement"}, {"index": 0}, {"value": "Effect"}]
    found = {
        "findingType": "SECURITY_WARNING",
        "issueCode": "SOME_CODE",
        "findingDetails": "Think twice.",
        "learnMoreLink": "https://docs.aws.amazon.com/x",
        "locations": [{"path": path, "span": span}],
    }
    service = FakeAnalyzer()
    service.answers = [(200, {"findings": [found, {**found, "locations": []}]}, "")]
    offline.write("p.json", FINE)
    keys = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-west-2"}
    words = (
        "validate",
        "p.json",
        "--access-analyzer",
        "--endpoint-url",
        f"http://127.0.0.1:{service.server.server_address[1]}",
    )
    report = offline.ok(*words, **keys)
    service.server.shutdown()
    service.server.server_close()
    assert "p.json:1:1: warning: Think twice (SOME_CODE) [access-analyzer]" in report
    assert "p.json:1:64: warning: Think twice (SOME_CODE) [access-analyzer]" in report
    ((_, _, sent),) = service.requests
    assert json.loads(sent["policyDocument"])["Statement"][0]["Sid"] == "A"


def test_a_plan_shows_findings_and_refuses_errors(cli: Cli, account: Account) -> None:
    cli.write("registry_policy.json", WARNED)
    screen = cli.ok("plan", "--out", "plan.json")
    assert "What `planner validate` finds in the file:" in screen
    assert "  registry_policy.json:1:139: warning: ecr:ReplicateImage is allowed" in screen
    assert cli.ok("show", "plan.json") == screen
    (found,) = json.loads(Path(cli.folder, "plan.json").read_text())["findings"]
    assert found["rule"] == "replicate-without-create"
    cli.write("registry_policy.json", WRONG)
    message = cli.fails(6, "plan")
    assert "/Statement/0/Action/0: ECR has no action 'ecr:ReplicateImages'" in message
    assert "[unknown-action]" in message
    cli.write("registry_policy.json", document(statement("A", Action="ecr:PutImage")))
    assert "scope" not in cli.ok("plan")
    account.client().put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    assert "[scope-v1]" in cli.fails(6, "plan")
    cli.write("planner.toml", '[lint]\ndisable = ["scope-v1"]\n')
    assert "scope" not in cli.ok("plan")


def test_a_finding_that_was_edited_makes_the_plan_damaged(cli: Cli) -> None:
    cli.write("registry_policy.json", WARNED)
    cli.ok("plan", "--out", "plan.json")
    path = cli.folder / "plan.json"
    path.write_text(path.read_text().replace("replicate-without-create", "nothing"))
    assert "not an intact plan" in cli.fails(1, "show", "plan.json")


def test_a_large_policy_of_many_lists_is_checked_at_once() -> None:
    """Without care for the many pairs of patterns this would take minutes."""
    many = [f"{REPOSITORY}{'*' if n % 2 else ''}{n:03}*" for n in range(150)]
    (found,) = views(document(statement("A", Resource=[*many, f"{REPOSITORY}a001*"])))
    assert f"'{REPOSITORY}*001*' includes" in found["message"]
