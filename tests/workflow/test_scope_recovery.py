"""Whatever ends an apply that raises the scope, the next command ends right."""

from __future__ import annotations

import signal

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import Proxy, ecr_error
from tests.support.policies import document, statement
from tests.support.project import LEASE, WAIT, Project

BEFORE = document(statement("Before", "333344445555"))
AFTER = document(statement("After", "222233334444", Action="ecr:BatchGetImage"))
STEPS = {
    "the scope is read": ("EcrRegistry.read_scope", "1"),
    "the journal is written": ("State.write_journal", "1"),
    "the scope is raised": ("EcrRegistry.raise_scope", "1"),
    "the scope is read back": ("EcrRegistry.read_scope", "2"),
    "the policy is written": ("EcrRegistry.put", "1"),
    "the policy is read back": ("EcrRegistry.read", "2"),
    "the snapshot is written": ("State.write_snapshot", "1"),
    "the journal is cleared": ("State.clear_journal", "1"),
}
ORDER = list(STEPS)
JOURNAL_STANDS = ORDER[1:-1]
RAISED = ORDER[2:]
WRITTEN = ORDER[4:]


def make(cli: Cli, account: Account, store: str = "local", after: str = AFTER) -> Project:
    """A project whose saved plan raises the scope, and leads from BEFORE to `after`."""
    settings = f'lock_lease = "{LEASE}"\nraise_scope = true\n'
    if store == "s3":
        settings += f'state = "s3://{account.make_bucket()}/planner/"\n'
    cli.write("planner.toml", settings)
    account.put(BEFORE)
    account.client().put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V1")
    cli.write("registry_policy.json", after)
    assert "Registry policy scope: V1 -> V2" in cli.ok("plan", "--out", "plan.json")
    return Project(cli, account, store)


def scope_of(account: Account) -> str:
    setting = account.client().get_account_setting(name="REGISTRY_POLICY_SCOPE")
    return str(setting["value"])


@pytest.mark.parametrize(
    ("step", "store"), [*((step, "local") for step in STEPS), ("the scope is raised", "s3")]
)
def test_killed_after_a_step(cli: Cli, account: Account, step: str, store: str) -> None:
    project = make(cli, account, store)
    killed = cli.with_fault("kill", *STEPS[step], "apply", "plan.json")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert scope_of(account) == ("V2" if step in RAISED else "V1")
    assert project.live_is(AFTER if step in WRITTEN else BEFORE)
    assert ("has not ended" in cli("plan").stderr) == (step in JOURNAL_STANDS)
    again = cli("apply", "plan.json", *WAIT)
    assert again.returncode == 0, again.stderr
    between = step in RAISED and step not in WRITTEN
    assert ("was raised to V2 and stays so" in again.stdout) == between
    assert scope_of(account) == "V2"
    project.assert_settled(AFTER, 1)


@pytest.mark.parametrize("step", JOURNAL_STANDS)
def test_recover_alone(cli: Cli, account: Account, step: str) -> None:
    project = make(cli, account)
    cli.with_fault("kill", *STEPS[step], "apply", "plan.json")
    told = cli("recover", *WAIT).stdout
    if step in WRITTEN:
        project.assert_settled(AFTER, 1)
        return
    assert ("was raised to V2 and stays so" in told) == (step in RAISED)
    assert ("nothing had been written" in told) == (step not in RAISED)
    assert project.live_is(BEFORE)
    assert project.documents() == {}
    planned = cli.ok("plan", "--out", "plan.json")
    assert ("V1 -> V2" in planned) == (step not in RAISED)
    cli.ok("apply", "plan.json")
    project.assert_settled(AFTER, 1)


@pytest.mark.parametrize("step", ["the journal is written", "the scope is raised"])
def test_killed_while_the_scope_alone_is_raised(cli: Cli, account: Account, step: str) -> None:
    project = make(cli, account, after=BEFORE)
    cli.with_fault("kill", *STEPS[step], "apply", "plan.json")
    told = cli("recover", *WAIT).stdout
    if step in RAISED:
        assert "ECR holds exactly what was planned" in told
    else:
        assert "nothing had been written" in told
        cli.ok("apply", "plan.json")
    assert scope_of(account) == "V2"
    project.assert_settled(BEFORE, 1)


def test_a_conflict_after_the_raise_tells_of_it(cli: Cli, account: Account) -> None:
    project = make(cli, account)
    cli.with_fault("kill", *STEPS["the scope is raised"], "apply", "plan.json")
    theirs = document(statement("Theirs", "999999999999"))
    account.put(theirs)
    message = cli("recover", *WAIT).stderr
    assert "ECR holds something else by now" in message
    assert "The registry policy scope is V2 now and stays so" in message
    cli.ok("recover", "--discard")
    assert project.live_is(theirs)


@pytest.mark.parametrize("taken", [True, False])
def test_the_answer_to_the_raise_is_lost(
    cli: Cli, account: Account, proxy: Proxy, *, taken: bool
) -> None:
    project = make(cli, account)
    proxy.fail("PutAccountSetting", drop="after" if taken else "before", times=1)
    result = cli("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "The answer was lost" in result.stdout
    assert proxy.log.count("PutAccountSetting") == 1
    assert result.returncode == (0 if taken else 1), result.stderr
    if not taken:
        assert "PutRegistryPolicy" not in proxy.log
        assert set(project.documents()) == {"us-west-2.journal.json", "us-west-2.lock.json"}
        assert "nothing had been written" in cli("apply", "plan.json", *WAIT).stdout
    project.assert_settled(AFTER, 1)


def test_who_may_not_raise_it_is_told_what_is_missing(
    cli: Cli, account: Account, proxy: Proxy
) -> None:
    project = make(cli, account)
    proxy.fail("PutAccountSetting", answer=ecr_error("AccessDeniedException"))
    message = cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "ecr:PutAccountSetting" in message
    assert (scope_of(account), project.documents()) == ("V1", {})


def test_who_may_not_read_it_has_no_plan(cli: Cli, account: Account, proxy: Proxy) -> None:
    make(cli, account)
    proxy.fail("GetAccountSetting", answer=ecr_error("AccessDeniedException"))
    for words in (("plan",), ("apply", "plan.json")):
        message = cli.fails(1, *words, AWS_ENDPOINT_URL=proxy.url)
        assert "ecr:GetAccountSetting" in message
    assert scope_of(account) == "V1"


def test_ecr_refuses_the_policy_after_the_raise(cli: Cli, account: Account, proxy: Proxy) -> None:
    project = make(cli, account)
    proxy.fail("PutRegistryPolicy", answer=ecr_error("InvalidParameterException"), times=1)
    message = cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "The registry policy scope is V2 now and stays so" in message
    assert (scope_of(account), project.documents()) == ("V2", {})
    assert project.live_is(BEFORE)
    cli.ok("apply", "plan.json")
    project.assert_settled(AFTER, 1)
