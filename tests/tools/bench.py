"""Timings as ratios against another program in the same run. Run it by `make bench`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from planner.access.compare import compare, grants
from planner.diff.changes import diff
from planner.policy.canonical import canonicalise
from planner.policy.document import POLICY_SIZE_LIMIT, Policy
from planner.policy.parse import parse_policy
from planner.registry import Registry

ROUNDS = 15
PREFIX = "arn:aws:ecr:us-west-2:444455556666:repository/"
PLANNER = str(Path(sys.executable).with_name("planner"))


def best(work: Callable[[], object]) -> float:
    """The shortest of ROUNDS runs, in seconds."""

    def once() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(once() for _ in range(ROUNDS))


def large_policy(offset: int) -> str:
    """A policy just under ECR's limit, of many small statements."""
    statements: list[dict[str, object]] = []
    while True:
        number = len(statements)
        statements.append(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"{number + offset:012}"},
                "Action": "ecr:ReplicateImage",
                "Resource": f"{PREFIX}{number}",
            }
        )
        text = json.dumps({"Statement": statements}, separators=(",", ":"))
        if len(text) > POLICY_SIZE_LIMIT - 200:
            return text


def team_policy(*, edited: bool) -> str:
    """A policy just under ECR's limit: overlapping wildcards, Denies and conditions.

    Every ninth statement is another one where `edited`.
    """
    accounts = [f"{100_000_000_000 + number * 37}" for number in range(12)]
    pull = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    statements: list[dict[str, object]] = []
    while True:
        team = len(statements) + 1
        end = "x" if edited and team % 9 == 0 else ""
        names = [f"team-{team}-*{end}", f"*-shared-{team % 4}", f"prod-*{team % 3}*"]
        one: dict[str, object] = {
            "Sid": f"Team{team}",
            "Effect": "Allow",
            "Principal": {"AWS": [accounts[team * step % 12] for step in (1, 3)]},
            "Action": pull if team % 3 else ["ecr:CreateRepository", "ecr:ReplicateImage"],
            "Resource": [PREFIX + name for name in names],
        }
        if team % 4 == 0:
            secret = [f"{PREFIX}*-secret-{team}*", f"{PREFIX}team-{team}*-z{end}"]
            one |= {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": secret}
        if team % 5 == 0:
            one["Condition"] = {"StringLike": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-z*"]}}
        text = json.dumps({"Statement": [*statements, one]}, separators=(",", ":"))
        if len(text) > POLICY_SIZE_LIMIT - 100:
            return json.dumps({"Statement": statements}, separators=(",", ":"))
        statements.append(one)


def command(folder: str, *words: str) -> Callable[[], object]:
    """Runs a program silently."""
    env = {"PATH": os.environ["PATH"], "HOME": folder}
    return lambda: subprocess.run(words, cwd=folder, env=env, check=True, capture_output=True)


def main() -> None:
    """Prints one line a measurement: what, seconds, times the yardstick."""
    before, after = large_policy(1), large_policy(3)

    def canonical(text: str) -> Policy:
        return canonicalise(parse_policy(text).policy)

    left, right = canonical(before), canonical(after)
    registry = Registry("aws", "444455556666", "us-west-2")
    teams, edited = canonical(team_policy(edited=False)), canonical(team_policy(edited=True))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "live.json").write_text(before)
        Path(folder, "registry_policy.json").write_text(after)
        words = ("--live", "live.json", "--account-id", "444455556666", "--region", "us-west-2")
        python = best(command(folder, sys.executable, "-c", "pass"))
        boto3 = best(command(folder, sys.executable, "-c", "import boto3"))
        loads = best(lambda: json.loads(before))
        rows = [
            ("planner --help", best(command(folder, PLANNER, "--help")), python, "python -c pass"),
            ("plan --live", best(command(folder, PLANNER, "plan", *words)), boto3, "import boto3"),
            ("parse, canonicalise", best(lambda: canonical(before)), loads, "json.loads"),
            ("compare", best(lambda: compare(teams, edited, registry)), loads, "json.loads"),
            ("access", best(lambda: grants(teams, registry)), loads, "json.loads"),
            ("diff", best(lambda: diff(left, right)), loads, "json.loads"),
        ]
    for name, seconds, yardstick, what in rows:
        print(f"{name:<20} {seconds * 1000:8.1f} ms  {seconds / yardstick:7.1f} x {what}")


if __name__ == "__main__":
    main()
