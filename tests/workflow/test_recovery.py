"""Whatever ends an apply, the next command ends right: real processes, real faults."""

from __future__ import annotations

import signal
import threading

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import Proxy, ecr_error
from tests.support.project import AFTER, BEFORE, THEIRS, WAIT, Project, make_project

STEPS = {
    1: ("EcrRegistry.caller", "1"),
    2: ("State.swap_lock", "1"),
    3: ("State.journal", "1"),
    4: ("State.snapshot", "1"),
    5: ("EcrRegistry.read", "1"),
    6: ("State.write_journal", "1"),
    7: ("EcrRegistry.put", "1"),
    8: ("EcrRegistry.read", "2"),
    9: ("State.write_snapshot", "1"),
    10: ("State.clear_journal", "1"),
}
JOURNAL_STANDS = (6, 7, 8, 9)
WRITTEN = (7, 8, 9, 10)


@pytest.mark.parametrize("step", STEPS)
def test_killed_after_a_step(project: Project, step: int) -> None:
    cli = project.cli
    killed = cli.with_fault("kill", *STEPS[step], "apply", "plan.json")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert project.live_is(AFTER if step in WRITTEN else BEFORE)
    for words in (("plan",), ("show", "plan.json")):
        told = cli(*words)
        assert told.returncode == 0
        says = "has not ended" in told.stderr
        assert says == (step in JOURNAL_STANDS and (words[0], project.store) != ("show", "s3"))
    again = cli("apply", "plan.json", *WAIT)
    assert again.returncode == 0, again.stderr
    assert ("Apply complete! Resources: 1 added" in again.stdout) == (step != 10)
    project.assert_settled(AFTER, 1)


@pytest.mark.parametrize("step", JOURNAL_STANDS)
def test_recover_alone(local: Project, step: int) -> None:
    cli = local.cli
    cli.with_fault("kill", *STEPS[step], "apply", "plan.json")
    output = cli("recover", *WAIT).stdout
    if step == 6:
        assert "nothing had been written" in output
        assert local.live_is(BEFORE)
        cli.ok("apply", "plan.json")
    else:
        assert ("only the journal was left" in output) == (step == 9)
    local.assert_settled(AFTER, 1)
    for words in (("recover",), ("recover", "--discard")):
        assert f"no journal of {local.account.account_id}/us-west-2 stands" in cli.ok(*words)


@pytest.mark.parametrize("nth", ["1", "2"])
def test_killed_between_history_and_snapshot(project: Project, nth: str) -> None:
    """What is replaced is kept before the policy is sent, and looked after before recording."""
    cli = project.cli
    cli.ok("apply", "plan.json")
    stood = project.documents()["us-west-2.json"]
    cli.write("registry_policy.json", THEIRS)
    cli.ok("plan", "--out", "plan.json")
    killed = cli.with_fault("kill", "State._keep", nth, "apply", "plan.json")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert project.live_is(AFTER if nth == "1" else THEIRS)
    assert project.documents()["us-west-2.json"] == stood
    again = cli("apply", "plan.json", *WAIT)
    assert again.returncode == 0, again.stderr
    project.assert_settled(THEIRS, 2)
    (kept,) = [text for key, text in project.stored().items() if key.startswith("history/")]
    assert kept == stood


def test_a_conflict_is_explained_and_settled_by_a_word(project: Project) -> None:
    cli = project.cli
    cli.with_fault("kill", *STEPS[6], "apply", "plan.json")
    project.account.put(THEIRS)
    for words in (("apply", "plan.json", *WAIT), ("recover", *WAIT)):
        message = cli(*words).stderr
        assert "ECR holds something else by now" in message
        assert 'statement["Theirs"]' in message
        assert "planner recover --discard" in message
    assert project.live_is(THEIRS)
    saved = list(cli.folder.glob("planner-conflict-*.json"))
    assert len(saved) == 2  # told twice, and saved once
    assert any("Theirs" in path.read_text() for path in saved)
    assert any("Before" in path.read_text() for path in saved)
    assert "The journal is dropped" in cli.ok("recover", "--discard")
    assert (cli.folder / "planner-journal.json").exists()
    assert "will be updated in-place" in cli.ok("plan", "--out", "plan.json")
    cli.ok("apply", "plan.json")
    project.assert_settled(AFTER, 1)


def test_a_damaged_journal(local: Project) -> None:
    cli = local.cli
    cli.with_fault("kill", *STEPS[6], "apply", "plan.json")
    (path,) = cli.folder.rglob("*.journal.json")
    path.write_text("{")
    assert "Warning: The journal" in cli("plan").stderr
    assert "is damaged" in cli("apply", "plan.json", *WAIT).stderr
    cli.ok("recover", "--discard")
    cli.ok("apply", "plan.json")
    local.assert_settled(AFTER, 1)


@pytest.mark.parametrize(
    ("fault", "taken"),
    [
        ({"drop": "after", "times": 1}, True),
        ({"drop": "before", "times": 1}, False),
        ({"answer": ecr_error("ServerException", 500)}, False),
    ],
)
def test_the_answer_to_put(
    local: Project, proxy: Proxy, fault: dict[str, object], taken: bool
) -> None:
    proxy.fail("PutRegistryPolicy", **fault)
    result = local.cli("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url, AWS_MAX_ATTEMPTS="5")
    assert "The answer was lost" in result.stdout
    assert proxy.log.count("PutRegistryPolicy") == 1
    if taken:
        assert result.returncode == 0
    else:
        assert result.returncode == 1
        assert "is as it was before" in result.stderr
        assert local.live_is(BEFORE)
        # What was sent may yet arrive, so nobody gets the lock before its lease is over.
        assert set(local.documents()) == {"us-west-2.journal.json", "us-west-2.lock.json"}
        assert "nothing had been written" in local.cli("apply", "plan.json", *WAIT).stdout
    local.assert_settled(AFTER, 1)


def test_throttling(local: Project, proxy: Proxy) -> None:
    answer = ecr_error("ThrottlingException")
    fault = proxy.fail("PutRegistryPolicy", answer=answer, times=2)
    local.cli.ok("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    local.assert_settled(AFTER, 1)
    local.cli.write("registry_policy.json", THEIRS)
    local.cli.ok("plan", "--out", "plan.json")
    fault.times = 1_000
    message = local.cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "throttling" in message
    assert local.live_is(AFTER)
    assert set(local.documents()) == {"us-west-2.json"}


def test_ecr_goes_silent_after_put(local: Project, proxy: Proxy) -> None:
    put = proxy.fail("PutRegistryPolicy", drop="after", times=1)

    def silence() -> None:
        put.seen.wait(30)
        proxy.fail("GetRegistryPolicy", answer=ecr_error("ServerException", 500))

    threading.Thread(target=silence, daemon=True).start()
    message = local.cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "cannot be read back" in message
    assert "planner recover" in message
    assert "us-west-2.journal.json" in local.documents()
    assert local.cli("recover", *WAIT).returncode == 0
    local.assert_settled(AFTER, 1)


def test_a_plan_applied_a_second_time_is_recorded_a_second_time(local: Project) -> None:
    """The plan id is the same, so the serial tells the two applies apart."""
    cli = local.cli
    cli.ok("apply", "plan.json")
    local.account.put(BEFORE)
    cli.ok("plan", "--out", "plan.json")
    cli.with_fault("kill", *STEPS[7], "apply", "plan.json", "--approve", "it is meant")
    assert "Recorded in the state: serial 2" in cli("recover", *WAIT).stdout
    local.assert_settled(AFTER, 2)


def test_a_console_change_after_all_was_recorded_is_no_conflict(local: Project) -> None:
    cli = local.cli
    cli.with_fault("kill", *STEPS[9], "apply", "plan.json")
    local.account.put(THEIRS)
    assert "only the journal was left" in cli("recover", *WAIT).stdout
    assert "Changed outside planner since serial 1" in cli.ok("plan")


def test_a_journal_of_another_registry_is_not_believed(local: Project) -> None:
    cli = local.cli
    cli.with_fault("kill", *STEPS[7], "apply", "plan.json")
    (path,) = cli.folder.rglob("*.journal.json")
    path.write_text(path.read_text().replace(local.account.account_id, "999999999999"))
    assert "is damaged" in cli("recover", *WAIT).stderr
    assert not list(cli.folder.rglob("999999999999"))


def test_an_endpoint_that_ignores_conditions(cli: Cli, account: Account, proxy: Proxy) -> None:
    project = make_project(cli, account, "s3")
    proxy.fail("PUT .probe", answer=(200, ""))
    message = cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "heeds If-Match" in message
    assert project.live_is(BEFORE)
    assert project.documents() == {}


def test_access_denied_is_not_locked(cli: Cli, account: Account, proxy: Proxy) -> None:
    project = make_project(cli, account, "s3")
    proxy.fail("PUT .lock.json", answer=(403, "<Error><Code>AccessDenied</Code></Error>"))
    message = cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "lack s3:PutObject" in message
    assert project.live_is(BEFORE)


def test_s3_fails_when_the_snapshot_is_written(cli: Cli, account: Account, proxy: Proxy) -> None:
    project = make_project(cli, account, "s3")
    proxy.fail("PUT us-west-2.json", answer=(503, "<Error><Code>SlowDown</Code></Error>"))
    message = cli.fails(1, "apply", "plan.json", AWS_ENDPOINT_URL=proxy.url)
    assert "the state could not be written" in message
    rescue = f"planner-rescue-{account.account_id}-us-west-2.json"
    assert rescue in message
    assert "planner state push" in message
    assert "serial 1" in cli.ok("state", "push", rescue, "--auto-approve")
    project.assert_settled(AFTER, 1)


@pytest.mark.parametrize(
    ("nth", "mode"),
    [*((nth, "once") for nth in range(1, 18)), *((nth, "on") for nth in range(5, 18, 3))],
)
def test_the_disk_is_full_at_a_write(local: Project, nth: int, mode: str) -> None:
    result = local.cli.with_fault("full", str(nth), mode, "apply", "plan.json")
    assert "Traceback" not in result.stderr
    put = "Writing the registry policy" in result.stdout
    assert put == local.live_is(AFTER)
    assert result.returncode in (0, 1)
    if result.returncode:
        assert "No space left on device" in result.stderr
    again = local.cli("apply", "plan.json", *WAIT)
    assert again.returncode in ((0, 3) if put else (0,)), again.stderr
    local.assert_settled(AFTER, 1)


@pytest.mark.parametrize("nth", [1, 3, 5, 6, 8, 9, 11, 12, 13])
def test_killed_in_the_middle_of_a_write(local: Project, nth: int) -> None:
    cut = local.cli.with_fault("cut", str(nth), "apply", "plan.json")
    assert cut.returncode == -signal.SIGKILL, cut.stderr
    put = local.live_is(AFTER)
    again = local.cli("apply", "plan.json", *WAIT)
    assert again.returncode in ((0, 3) if put else (0,)), again.stderr
    local.assert_settled(AFTER, 1)
    left = [path.name for path in local.cli.folder.rglob(".planner-*.tmp")]
    assert left == []
