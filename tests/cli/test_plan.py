"""The main job through the installed console script, real boto3 and the sandbox."""

from __future__ import annotations

import dataclasses
import json
import os
import pty
import select
import subprocess
from collections.abc import Callable

import pytest

from planner.plan import plan_text
from planner.planfile import load_plan
from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from tests.support.account import Account
from tests.support.cli import PLANNER, Cli
from tests.support.paths import ROOT
from tests.support.policies import document, statement

POLICY = document(statement("A"), statement("B", "222233334444"))
NO_CHANGES = "No changes."


def same(one: str | None, other: str) -> bool:
    assert one is not None
    return canonicalise(parse_policy(one).policy) == canonicalise(parse_policy(other).policy)


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("registry_policy.json", POLICY)
    return cli


def state_of(cli: Cli, account: Account) -> dict[str, object]:
    path = cli.folder / ".planner/state" / account.account_id / "us-west-2.json"
    document: dict[str, object] = json.loads(path.read_text())
    return document


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
    assert state["by"] == f"arn:aws:sts::{account.account_id}:user/moto"
    assert state["plan_id"] == json.loads(project.ok("show", "plan.json", "--json"))["plan_id"]


def test_json_is_the_plan_file(project: Cli) -> None:
    printed = project.ok("plan", "--json", "--out", "plan.json")
    assert printed == (project.folder / "plan.json").read_text()
    assert project.ok("show", "--json", "plan.json") == printed


def test_detailed_exitcode(project: Cli) -> None:
    assert project("plan").returncode == 0
    assert project("plan", "--detailed-exitcode").returncode == 2


def test_a_plan_does_not_apply_twice(project: Cli) -> None:
    project.ok("plan", "--out", "plan.json")
    project.ok("apply", "plan.json")
    assert "It was applied already" in project.fails(3, "apply", "plan.json")


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


def test_a_damaged_plan(project: Cli) -> None:
    project.ok("plan", "--out", "plan.json")
    path = project.folder / "plan.json"
    path.write_text(path.read_text().replace("222233334444", "999999999999"))
    for words in (("show", "plan.json"), ("apply", "plan.json")):
        assert "not an intact plan" in project.fails(1, *words)
    path.write_text("{")
    assert "not a saved plan" in project.fails(1, "apply", "plan.json")


def test_destroy(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    planned = project.ok("plan", "--destroy", "--out", "plan.json")
    assert "Plan: 0 to add, 0 to change, 2 to destroy." in planned
    assert "0 added, 0 changed, 2 destroyed" in project.ok("apply", "plan.json")
    assert account.live() is None
    assert state_of(project, account)["policy"] is None
    assert "The registry has no policy." in project.ok("plan", "--destroy")
    assert NO_CHANGES in project.ok("apply", "--destroy", "--auto-approve")


def test_drift_is_shown_first(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    account.put(document(statement("A"), statement("B", "222233334444", Effect="Deny")))
    text = project.ok("plan")
    assert text.index("Changed outside planner since serial 1") < text.index("will be updated")
    assert '~ Effect = "Allow" -> "Deny"' in text
    assert "(drift: it was changed outside planner)" in text


def test_expect(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    plan_id = json.loads((project.folder / "plan.json").read_text())["plan_id"]
    assert "not the plan that was approved" in project.fails(
        3, "apply", "plan.json", "--expect", "0" * 12
    )
    assert account.live() is None
    project.fails(3, "apply", "--expect", "0" * 64)
    assert account.live() is None
    project.ok("apply", "--expect", plan_id[:12])
    assert same(account.live(), POLICY)


def test_nobody_to_ask(project: Cli, account: Account) -> None:
    assert "--auto-approve" in project.fails(64, "apply")
    assert account.live() is None


def answer(cli: Cli, text: str) -> tuple[int, str]:
    """Runs `planner apply` on a terminal and types `text` when it asks."""
    leader, follower = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "HOME": str(cli.folder), **cli.environment}
    with subprocess.Popen(
        [PLANNER, "apply"],
        cwd=cli.folder,
        env=environment,
        stdin=follower,
        stdout=follower,
        stderr=follower,
    ) as process:
        os.close(follower)
        screen = b""
        while b"Enter a value:" not in screen:
            assert select.select([leader], [], [], 30)[0]
            screen += os.read(leader, 65536)
        os.write(leader, text.encode() + b"\n")
        try:
            while chunk := os.read(leader, 65536):
                screen += chunk
        except OSError:  # the terminal is gone when its last user is
            pass
        code = process.wait(30)
    os.close(leader)
    return code, screen.decode()


def test_only_yes_approves(project: Cli, account: Account) -> None:
    code, screen = answer(project, "y")
    assert code == 1
    assert "Only 'yes' will be accepted to approve." in screen
    assert "Apply cancelled." in screen
    assert account.live() is None
    code, screen = answer(project, "yes")
    assert code == 0
    assert "\x1b[32m+" in screen
    assert "Apply complete! Resources: 2 added" in screen
    assert same(account.live(), POLICY)


def test_colours(project: Cli) -> None:
    assert "\x1b[" not in project.ok("plan")
    assert "\x1b[32m" in project.ok("plan", FORCE_COLOR="1")
    assert "\x1b[" not in project.ok("plan", "--no-color", FORCE_COLOR="1")
    assert "\x1b[" not in project.ok("plan", FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[" not in project.ok("plan", FORCE_COLOR="0")


def test_placeholders(cli: Cli, account: Account) -> None:
    text = document(
        statement(
            "{{name}}",
            Resource="arn:{{partition}}:ecr:{{region}}:{{account_id}}:repository/${aws:PrincipalAccount}/*",
        )
    )
    cli.write("registry_policy.json", text)
    cli.write("planner.toml", '[vars]\nname = "FromFile"\nunused = "x"\n')
    cli.ok("apply", "--auto-approve", "--var", "name=FromFlag")
    (live,) = json.loads(str(account.live()))["Statement"]
    assert live["Sid"] == "FromFlag"
    arn = f"arn:aws:ecr:us-west-2:{account.account_id}:repository/${{aws:PrincipalAccount}}/*"
    assert live["Resource"] == arn
    assert '~ Sid = "FromFlag" -> "FromFile"' in cli.ok("plan")
    assert "--var other is not used" in cli.fails(64, "plan", "--var", "other=1")
    assert "cannot set 'region'" in cli.fails(64, "plan", "--var", "region=x")
    assert "not NAME=VALUE" in cli.fails(64, "plan", "--var", "x")
    cli.write("registry_policy.json", text.replace("{{name}}", "{{nmae}}"))
    assert "did you mean 'name'" in cli.fails(6, "plan")


def test_settings_file(cli: Cli, account: Account) -> None:
    folder = cli.folder / "sub"
    folder.mkdir()
    (folder / "policy.json").write_text(POLICY.replace("us-west-2", "{{region}}"))
    (folder / "p.toml").write_text(
        f'policy = "policy.json"\nstate = "kept"\nregion = "eu-west-1"\n'
        f'account_id = "{account.account_id}"\n'
    )
    cli.ok("apply", "--config", "sub/p.toml", "--auto-approve")
    assert (folder / "kept" / account.account_id / "eu-west-1.json").exists()
    assert account.live() is None
    assert "us-west-2" in cli.ok("plan", "--config", "sub/p.toml", "--region", "us-west-2")
    message = cli.fails(1, "plan", "--config", "sub/p.toml", "--account-id", "000000000000")
    assert "belong to another account" in message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = ", "not valid TOML"),
        ("polcy = 'x'", "Did you mean 'policy'"),
        ("region = 'nowhere'", "no Region"),
        ("account_id = 444455556666", "must be a text"),
        ("account_id = '4444'", "12 digits"),
        ("vars = 1", "must be a table"),
        ("[vars]\na = 1", '"1"'),
        ("[vars]\nregion = 'x'", "cannot set 'region'"),
        ("[vars]\na-b = 'x'", "cannot be a variable"),
    ],
)
def test_a_wrong_settings_file(offline: Cli, text: str, words: str) -> None:
    offline.write("registry_policy.json", POLICY)
    offline.write("planner.toml", text)
    assert words in offline.fails(1, "plan")


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


def test_a_refusal_by_ecr_is_explained(project: Cli, account: Account) -> None:
    role = "arn:aws:iam::111122223333:role/ci"
    body = statement("A", Action=["ecr:BatchGetImage", "ecr:ReplicateImages"])
    project.write("registry_policy.json", document({**body, "Principal": {"AWS": role}}))
    project.write("planner.toml", '[lint]\ndisable = ["unknown-action"]\n')
    project.ok("plan", "--out", "plan.json")
    account.client().put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    message = project.fails(1, "apply", "plan.json")
    assert "ECR says: Invalid parameter at 'PolicyText'" in message
    assert "'ecr:BatchGetImage' needs registry policy scope V2" in message
    assert "did you mean 'ecr:ReplicateImage'" in message
    assert f"made only seconds ago: {role}" in message
    assert account.live() is None


def test_foolish_things(project: Cli) -> None:
    original = (project.folder / "registry_policy.json").read_text()
    assert "a policy, not a saved plan" in project.fails(1, "apply", "registry_policy.json")
    assert "would overwrite" in project.fails(1, "plan", "--out", "registry_policy.json")
    assert "no regular file" in project.fails(1, "plan", "--out", "/dev/null")
    assert "no regular file" in project.fails(1, "plan", "--out", ".")
    assert "cannot be written" in project.fails(1, "plan", "--out", "no/such/plan.json")
    assert (project.folder / "registry_policy.json").read_text() == original
    assert "There is no policy file at nothing.json" in project.fails(1, "plan", "nothing.json")
    assert "is a folder" in project.fails(1, "plan", ".")
    assert "There is no saved plan" in project.fails(1, "show", "nothing.json")
    project.ok("plan", "--out", "plan.json")
    assert "saved plan, not a policy" in project.fails(6, "plan", "plan.json")
    assert "complete" in project.fails(64, "apply", "plan.json", "--destroy")
    assert "takes no policy file" in project.fails(64, "plan", "x.json", "--destroy")
    assert "wants a plan id" in project.fails(64, "apply", "plan.json", "--expect", "")
    assert "--partition" in project.fails(
        64, "digest", "registry_policy.json", "--partition", "mars"
    )
    assert "planner plan --help" in project.fails(64, "plan", "--region")
    assert "no Region" in project.fails(64, "plan", "--region", "usa")


@pytest.mark.parametrize(
    "words",
    [("plan", "--nope"), ("nope",), ("show",), ("sandbox", "--port", "x"), ("plan", "a", "b")],
)
def test_wrong_usage(offline: Cli, words: tuple[str, ...]) -> None:
    assert "--help" in offline.fails(64, *words)


def test_bare_planner_shows_its_help(offline: Cli) -> None:
    result = offline()
    assert result.returncode == 64
    assert "Commands:" in result.stdout


def test_version_and_completion(offline: Cli) -> None:
    assert offline.ok("--version").startswith("planner 0.")
    environment = {"_PLANNER_COMPLETE": "complete_bash", "COMP_WORDS": "planner pl"}
    assert "plan" in offline(COMP_CWORD="1", **environment).stdout


@pytest.mark.parametrize(
    "command",
    [
        "",
        "plan",
        "show",
        "apply",
        "digest",
        "fmt",
        "recover",
        "locks",
        "unlock",
        "state",
        "sandbox",
    ],
)
def test_help_fits_80_columns(offline: Cli, command: str) -> None:
    text = offline.ok(*command.split(), "--help", COLUMNS="200")
    assert max(map(len, text.splitlines())) <= 80
    assert "Usage: planner" in text


def test_digest(offline: Cli) -> None:
    offline.write("a.json", document(statement(Action=["ecr:A", "ecr:B"])))
    offline.write("b.json", document(statement(Action=["ecr:B", "ecr:a"])))
    digest = offline.ok("digest", "a.json")
    assert len(digest.strip()) == 64
    assert offline.ok("digest", "b.json") == digest
    result = offline("digest", "-", stdin=document(statement(Action=["ecr:A", "ecr:B"])))
    assert result.stdout == digest
    bucket = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    offline.write("c.json", document(bucket))
    assert offline.ok("digest", "c.json") != digest
    offline.write("bad.json", '{"Statement": [{"Effect": "x"}]}')
    assert "bad.json:1:27" in offline.fails(6, "digest", "bad.json")


def test_a_reader_that_goes_away_is_no_failure(project: Cli) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(project.folder), **project.environment}
    result = subprocess.run(
        f"{PLANNER} plan --json | head -c 1",
        shell=True,
        cwd=project.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "{"
    assert result.stderr == ""


def test_a_reader_that_goes_away_does_not_stop_an_apply(project: Cli, account: Account) -> None:
    project.ok("plan", "--out", "plan.json")
    for command in (f"{PLANNER} apply plan.json | head -c 1", f"{PLANNER} plan >/dev/full"):
        project.run(["sh", "-c", command])
    assert same(account.live(), POLICY)
    assert state_of(project, account)["serial"] == 1


def test_output_that_cannot_be_written(project: Cli) -> None:
    full = project.run(["sh", "-c", f"{PLANNER} plan >/dev/full"])
    assert full.returncode == 1
    assert "No space left on device" in full.stderr
    closed = project.run(["sh", "-c", f"{PLANNER} plan --detailed-exitcode >&-"])
    assert (closed.returncode, closed.stderr) == (2, "")


def test_out_spares_what_is_no_plan(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    state = f".planner/state/{account.account_id}/us-west-2.json"
    assert "would overwrite" in project.fails(1, "plan", "--out", state)
    assert "would overwrite" in project.fails(1, "plan", "--out", "registry_policy.json")
    assert "no name for a file" in project.fails(1, "plan", "--out", "x" * 300)
    project.write("empty", "")
    project.ok("plan", "--out", "empty")
    (project.folder / "link.json").symlink_to("real.json")
    project.ok("plan", "--out", "link.json")
    assert (project.folder / "link.json").is_symlink()
    assert (project.folder / "real.json").exists()


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
    assert "cannot be written" in project.fails(1, "apply", "--auto-approve")
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


@pytest.mark.parametrize(
    "option", ["--region", "--profile", "--endpoint-url", "--account-id", "--state"]
)
def test_an_empty_option_is_not_taken_for_none(project: Cli, option: str) -> None:
    assert f"{option} is empty" in project.fails(64, "plan", option, "")


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
    assert "larger than any" in offline.fails(1, "plan", "--live", "live.json")
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


def test_a_message_cannot_be_forged(offline: Cli) -> None:
    forged = {"AWS": "x\n\nError: all is well\u2028::error::y"}
    offline.write("registry_policy.json", document(statement("A", Principal=forged)))
    message = offline.fails(
        6, "plan", "--live", "/dev/null", "--account-id", "444455556666", "--region", "us-west-2"
    )
    assert "\\u000a\\u000aError: all is well\\u2028::error::y" in message


def test_a_plan_with_another_recorded_policy(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    project.write("registry_policy.json", document(statement("C")))
    project.ok("plan", "--out", "plan.json")
    plan = load_plan((project.folder / "plan.json").read_bytes(), "plan.json")
    project.write("plan.json", plan_text(dataclasses.replace(plan, recorded=plan.after)))
    assert "(drift:" in project.ok("show", "plan.json")
    assert "another recorded policy" in project.fails(3, "apply", "plan.json")
    assert same(account.live(), POLICY)


def test_a_state_that_cannot_be_written_stops_before_the_write(
    project: Cli, account: Account
) -> None:
    (project.folder / ".planner").write_text("in the way")
    assert "cannot be" in project.fails(1, "apply", "--auto-approve")
    assert account.live() is None


def test_a_damaged_state(project: Cli, account: Account) -> None:
    project.ok("apply", "--auto-approve")
    path = project.folder / ".planner/state" / account.account_id / "us-west-2.json"
    for text, words in (
        ("{", "is damaged"),
        ("{}", "is damaged"),
        (path.read_text().replace('"version": 1', '"version": 99'), "has format 99"),
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


def test_the_order_of_sets_is_never_seen(offline: Cli) -> None:
    many = [f"{number:012}" for number in range(8)]
    offline.write("registry_policy.json", document(statement("A", Principal={"AWS": many[2:]})))
    offline.write("live.json", document(statement("B"), statement("A", Principal={"AWS": many})))
    command = [PLANNER, "plan", "--live", "live.json"]
    first, other = (offline.run(command, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert "(6 unchanged hidden)" in first.stdout
    assert first.stdout == other.stdout


def test_python_dash_m(offline: Cli) -> None:
    import sys

    words = [sys.executable, "-m", "planner", "--version"]
    result = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.startswith("planner 0.")
