"""What is printed, to whom, and where it cannot be."""

from __future__ import annotations

import os
import subprocess

from tests.support.cli import PLANNER, Cli
from tests.support.policies import document, statement


def test_colours(project: Cli) -> None:
    assert "\x1b[" not in project.ok("plan")
    assert "\x1b[32m" in project.ok("plan", FORCE_COLOR="1")
    assert "\x1b[" not in project.ok("plan", "--no-color", FORCE_COLOR="1")
    assert "\x1b[" not in project.ok("plan", FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b[" not in project.ok("plan", FORCE_COLOR="0")


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


def test_output_that_cannot_be_written(project: Cli) -> None:
    full = project.run(["sh", "-c", f"{PLANNER} plan >/dev/full"])
    assert full.returncode == 1
    assert "No space left on device" in full.stderr
    closed = project.run(["sh", "-c", f"{PLANNER} plan --detailed-exitcode >&-"])
    assert (closed.returncode, closed.stderr) == (2, "")


def test_a_message_cannot_be_forged(offline: Cli) -> None:
    forged = {"AWS": "x\n\nError: all is well\u2028::error::y"}
    offline.write("registry_policy.json", document(statement("A", Principal=forged)))
    message = offline.fails(
        6, "plan", "--live", "/dev/null", "--account-id", "444455556666", "--region", "us-west-2"
    )
    assert "\\u000a\\u000aError: all is well\\u2028::error::y" in message


def test_the_order_of_sets_is_never_seen(offline: Cli) -> None:
    many = [f"{number:012}" for number in range(8)]
    offline.write("registry_policy.json", document(statement("A", Principal={"AWS": many[2:]})))
    offline.write("live.json", document(statement("B"), statement("A", Principal={"AWS": many})))
    command = [PLANNER, "plan", "--live", "live.json"]
    first, other = (offline.run(command, PYTHONHASHSEED=seed) for seed in ("1", "2"))
    assert "(6 unchanged hidden)" in first.stdout
    assert first.stdout == other.stdout
