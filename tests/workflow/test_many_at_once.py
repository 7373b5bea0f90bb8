"""Many processes and one registry: one wins, the others wait or are told."""

from __future__ import annotations

import threading
import time

from planner.plans.build import Desired, Known, build_plan
from planner.plans.source import Source, StateRef
from planner.plans.view import plan_text
from planner.policy.parse import parse_policy
from planner.records.snapshot import load_snapshot
from planner.registry import Registry
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.effort import tries
from tests.support.faults import Proxy
from tests.support.policies import document, statement
from tests.support.project import AFTER, BEFORE, LONG_LEASE, Project, make_project


def save_plan(project: Project, name: str, policy: str) -> None:
    """A saved plan from what the store and the registry hold now, without a process."""
    registry = Registry("aws", project.account.account_id, "us-west-2")
    snapshot = load_snapshot(project.documents()["us-west-2.json"], "state", registry)
    plan = build_plan(
        Desired(parse_policy(policy).policy, Source("files")),
        snapshot.policy,
        snapshot.policy,
        Known(
            registry,
            "ecr",
            "2026-11-23T22:37:57Z",
            StateRef(snapshot.lineage, snapshot.serial, project.place),
        ),
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
        assert [each["serial"] for each in project.history()] == list(range(serial, 0, -1))


def test_eight_at_once(long_leased: Project) -> None:
    rounds_of(long_leased, rounds=tries(3), processes=8)


def test_eight_at_once_on_s3(cli: Cli, account: Account) -> None:
    rounds_of(make_project(cli, account, "s3", LONG_LEASE), rounds=tries(2), processes=8)


def test_waiting_for_a_lock(cli: Cli, account: Account, proxy: Proxy) -> None:
    """A live lock is refused with its text, waited for with a countdown, and then had."""
    local = make_project(cli, account, "local", "2s")
    fault = proxy.fail("PutRegistryPolicy", release=threading.Event(), times=1)
    assert fault.release is not None
    with local.cli.start("apply", "plan.json", AWS_ENDPOINT_URL=proxy.url) as holder:
        assert fault.seen.wait(30)
        time.sleep(2.5)  # longer than the lease: its heartbeat keeps it
        message = local.cli.fails(4, "apply", "plan.json")
        assert f"arn:aws:iam::{local.account.account_id}:user/moto on" in message
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
        output, errors = waiting.communicate(timeout=60)
        assert waiting.returncode == 0, errors
        assert "It was applied already" in output + errors
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
        assert "Unlocked" in long_leased.cli.ok("unlock", lock_id, "--auto-approve")
        fault.release.set()
        _, errors = holder.communicate(timeout=60)
    assert holder.returncode == 4
    assert "was lost" in errors
    assert long_leased.live_is(BEFORE)
    assert long_leased.documents() == {}
    long_leased.cli.ok("apply", "plan.json")
    long_leased.assert_settled(AFTER, 1)
