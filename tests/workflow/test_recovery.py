"""Whatever ends an apply, the next command ends right: real processes, real faults."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from planner.plan import Source, plan_text
from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from planner.registry import Registry
from planner.snapshot import load_snapshot
from planner.workflow.planning import Desired, make_plan
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import Proxy, ecr_error, proxy_to
from tests.support.policies import document, statement

BEFORE = document(statement("Before", "333344445555", Action="ecr:PutImage"))
AFTER = document(statement("After", "222233334444"))
THEIRS = document(statement("Theirs", "999999999999"))
LEASE = "1s"
LONG_LEASE = "60s"
WAIT = ("--lock-timeout", "20s")


@dataclass
class Project:
    """A project whose plan leads from BEFORE to AFTER, on one of the stores."""

    cli: Cli
    account: Account
    store: str

    def live_is(self, text: str) -> bool:
        live = self.account.live()
        assert live is not None
        one, other = parse_policy(live).policy, parse_policy(text).policy
        return canonicalise(one) == canonicalise(other)

    def documents(self) -> dict[str, str]:
        """What the store holds, by the end of the key."""
        if self.store == "local":
            folder = self.cli.folder / ".planner/state" / self.account.account_id
            found = {path.name: path.read_text() for path in folder.glob("*.json")}
        else:
            client = self.account.s3_client()
            bucket = f"state-{self.account.account_id}"
            listed = client.list_objects_v2(Bucket=bucket).get("Contents", [])
            found = {
                each["Key"].rpartition("/")[2]: client.get_object(Bucket=bucket, Key=each["Key"])[
                    "Body"
                ]
                .read()
                .decode()
                for each in listed
            }
        return {name: text for name, text in found.items() if text}

    def assert_settled(self, text: str, serial: int) -> None:
        """The registry, the state and the file agree, and nothing is left behind."""
        assert self.live_is(text)
        documents = self.documents()
        snapshot = json.loads(documents.pop("us-west-2.json"))
        assert documents == {}
        assert snapshot["serial"] == serial
        recorded = parse_policy(json.dumps(snapshot["policy"])).policy
        assert canonicalise(recorded) == canonicalise(parse_policy(text).policy)
        result = self.cli("plan", "--detailed-exitcode")
        assert (result.returncode, result.stderr) == (0, "")


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """What is waited for here is the end of a lease, not the next try."""
    return cli.hurried()


def make_project(cli: Cli, account: Account, store: str, lease: str = LEASE) -> Project:
    settings = f'lock_lease = "{lease}"\n'
    if store == "s3":
        bucket = account.make_bucket()
        settings += f'state = "s3://{bucket}/planner/"\n'
    cli.write("planner.toml", settings)
    account.put(BEFORE)
    cli.write("registry_policy.json", AFTER)
    cli.ok("plan", "--out", "plan.json")
    return Project(cli, account, store)


@pytest.fixture(params=["local", "s3"])
def project(request: pytest.FixtureRequest, cli: Cli, account: Account) -> Project:
    return make_project(cli, account, request.param)


@pytest.fixture
def local(cli: Cli, account: Account) -> Project:
    return make_project(cli, account, "local")


@pytest.fixture
def long_leased(cli: Cli, account: Account) -> Project:
    """A project whose locks outlive the slowest machine."""
    return make_project(cli, account, "local", LONG_LEASE)


@pytest.fixture
def proxy(sandbox_url: str) -> Iterator[Proxy]:
    with proxy_to(sandbox_url) as running:
        yield running


STEPS = {
    1: ("EcrRegistry.caller", "1"),
    2: ("State.swap_lease", "1"),
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
    assert again.returncode == (3 if step == 10 else 0), again.stderr
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
    assert len(saved) == 4  # a pair for each telling, none written over
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
    cli.with_fault("kill", *STEPS[7], "apply", "plan.json")
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
    assert "serial 1" in cli.ok("state", "push", rescue)
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


def held_at(operation: str, local: Project, proxy: Proxy, *signals: int) -> tuple[int, str, str]:
    """Applies through the proxy and sends signals while `operation` waits for its answer."""
    fault = proxy.fail(operation, release=threading.Event(), times=1)
    assert fault.release is not None
    with local.cli.start("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url) as process:
        assert fault.seen.wait(30)
        assert process.stderr is not None
        heard = ""
        for number in signals:
            process.send_signal(number)
            if number == signals[0] and not heard:
                heard = process.stderr.readline()
        fault.release.set()
        output, rest = process.communicate(timeout=60)
    return process.returncode, output, heard + rest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_finishes_the_step_in_hand(local: Project, proxy: Proxy, number: int) -> None:
    code, output, heard = held_at("PutRegistryPolicy", local, proxy, number)
    assert "finishing the step in hand" in heard
    assert code == 0
    assert "Apply complete!" in output
    local.assert_settled(AFTER, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_before_the_write_stops_it(local: Project, proxy: Proxy, number: int) -> None:
    code, _, heard = held_at("GetRegistryPolicy", local, proxy, number)
    assert code == 130
    assert "Nothing was changed." in heard
    assert local.live_is(BEFORE)
    assert local.documents() == {}


def test_a_second_signal_leaves_the_journal(local: Project, proxy: Proxy) -> None:
    code, _, heard = held_at("PutRegistryPolicy", local, proxy, signal.SIGINT, signal.SIGINT)
    assert code == 130
    assert "Traceback" not in heard
    assert set(local.documents()) == {"us-west-2.journal.json", "us-west-2.lock.json"}
    local.cli("recover", *WAIT)
    local.cli("apply", "plan.json", *WAIT)
    local.assert_settled(AFTER, 1)


def save_plan(project: Project, name: str, policy: str) -> None:
    """A saved plan from what the store and the registry hold now, without a process."""
    registry = Registry("aws", project.account.account_id, "us-west-2")
    snapshot = load_snapshot(project.documents()["us-west-2.json"], "state", registry)
    plan = make_plan(
        Desired(parse_policy(policy).policy, Source("policy.json", "0" * 64)),
        registry,
        snapshot.policy,
        snapshot,
        compared_with="ecr",
        now="2026-11-23T22:37:57Z",
    )
    project.cli.write(name, plan_text(plan))


def rounds_of(project: Project, rounds: int, processes: int) -> None:
    """Each round, so many processes apply different plans made from the same state."""
    project.cli.ok("apply", "plan.json")
    for serial in range(2, rounds + 2):
        policies = [
            document(statement("S", f"{serial:06}{process:06}")) for process in range(processes)
        ]
        for process, policy in enumerate(policies):
            save_plan(project, f"plan{process}.json", policy)
        applying = [
            project.cli.start("apply", f"plan{process}.json") for process in range(processes)
        ]
        codes = []
        for each in applying:
            _, errors = each.communicate(timeout=60)
            assert "Traceback" not in errors
            codes.append(each.returncode)
        assert codes.count(0) == 1, codes
        assert set(codes) <= {0, 3, 4}
        assert project.live_is(policies[codes.index(0)])
        snapshot = json.loads(project.documents()["us-west-2.json"])
        assert snapshot["serial"] == serial
        assert [each["serial"] for each in snapshot["history"]] == list(
            range(serial - 1, max(0, serial - 11), -1)
        )


def test_eight_at_once_thirty_times(long_leased: Project) -> None:
    rounds_of(long_leased, rounds=30, processes=8)


def test_eight_at_once_on_s3(cli: Cli, account: Account) -> None:
    rounds_of(make_project(cli, account, "s3", LONG_LEASE), rounds=3, processes=8)


def test_waiting_for_a_lock(cli: Cli, account: Account, proxy: Proxy) -> None:
    """A live lock is refused with its text, waited for with a countdown, and then had."""
    local = make_project(cli, account, "local", "2s")
    fault = proxy.fail("PutRegistryPolicy", release=threading.Event(), times=1)
    assert fault.release is not None
    with local.cli.start("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url) as holder:
        assert fault.seen.wait(30)
        time.sleep(2.5)  # longer than the lease: its heartbeat keeps it
        message = local.cli.fails(4, "apply", "plan.json")
        assert f"arn:aws:sts::{local.account.account_id}:user/moto on" in message
        assert "for apply of plan" in message
        lock_id = message.rsplit("planner unlock ", 1)[1].strip()
        table = local.cli.ok("locks")
        assert lock_id in table
        assert f"{local.account.account_id}/us-west-2" in table
        waiting = local.cli.start("apply", "plan.json", "--lock-timeout", "20s")
        assert waiting.stderr is not None
        assert "Waiting for the lock" in waiting.stderr.readline()
        fault.release.set()
        assert holder.wait(60) == 0
        _, errors = waiting.communicate(timeout=60)
        assert waiting.returncode == 3, errors
        assert "It was applied already" in errors
        for stream in (holder.stdout, holder.stderr):
            assert stream is not None
            stream.close()
    assert "No lock is held." in local.cli.ok("locks")
    local.assert_settled(AFTER, 1)


def test_unlocking(long_leased: Project, proxy: Proxy) -> None:
    """A run that was unlocked stops before it writes."""
    fault = proxy.fail("GetRegistryPolicy", release=threading.Event(), times=1)
    assert fault.release is not None
    with long_leased.cli.start("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url) as holder:
        assert fault.seen.wait(30)
        lock_id = long_leased.cli.fails(4, "apply", "plan.json").rsplit("unlock ", 1)[1].strip()
        assert "too short" in long_leased.cli.fails(64, "unlock", lock_id[:7])
        assert "No lock has an id" in long_leased.cli.fails(1, "unlock", "0" * 8)
        assert "Unlocked" in long_leased.cli.ok("unlock", lock_id)
        fault.release.set()
        _, errors = holder.communicate(timeout=60)
    assert holder.returncode == 4
    assert "was lost" in errors
    assert long_leased.live_is(BEFORE)
    assert long_leased.documents() == {}
    long_leased.cli.ok("apply", "plan.json")
    long_leased.assert_settled(AFTER, 1)
