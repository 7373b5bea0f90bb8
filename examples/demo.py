"""The main job as a short story, against a local sandbox. Run it by `make demo`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import boto3

PLANNER = str(Path(sys.executable).with_name("planner"))
REPOSITORIES = "arn:aws:ecr:us-west-2:444455556666:repository/"
REPLICATE = ["ecr:CreateRepository", "ecr:ReplicateImage"]


def allow(
    sid: str, principal: list[str], actions: list[str], repositories: str
) -> dict[str, object]:
    """An Allow statement."""
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": actions,
        "Resource": [REPOSITORIES + repositories],
    }


def policy(*statements: dict[str, object]) -> str:
    """A policy as a person would write it."""
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"


LIVE = policy(
    allow("ReplicationAccess", ["111122223333"], REPLICATE, "*"),
    allow("OldReplica", ["999999999999"], REPLICATE, "*"),
)
BUILDER = "arn:aws:iam::444455556666:role/builder"
DESIRED = policy(
    allow("ReplicationAccess", ["111122223333", "333333333333"], REPLICATE, "*"),
    allow(
        "CacheDockerHub",
        [BUILDER],
        ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
        "docker-hub/*",
    ),
)


def say(text: str) -> None:
    """A paragraph of the story."""
    print(f"\n# {text}\n", flush=True)


class Story:
    """Runs the commands of the story in one folder, each shown as it would be typed."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def run(self, *words: str) -> None:
        """Runs planner and shows what it prints."""
        print(f"$ planner {' '.join(words)}", flush=True)
        subprocess.run([PLANNER, *words], cwd=self._folder, env=self._environment, check=True)

    def tell(self) -> None:
        """The story."""
        say("A registry as the console left it: two statements, nobody knows since when.")
        client = boto3.client(
            "ecr",
            endpoint_url=self._environment["AWS_ENDPOINT_URL"],
            region_name=self._environment["AWS_REGION"],
            aws_access_key_id="sandbox",
            aws_secret_access_key="sandbox",  # noqa: S106 - the sandbox takes any
        )
        client.put_registry_policy(policyText=LIVE)
        print("$ aws ecr get-registry-policy --query policyText --output text")
        print(client.get_registry_policy()["policyText"])
        say("registry_policy.json, in a repository, says what it should be. The PR check plans:")
        (self._folder / "registry_policy.json").write_text(DESIRED, encoding="utf-8")
        self.run("plan", "--out", "plan.json")
        say("The reviewer reads the saved plan, the same to the letter, and approves.")
        self.run("show", "plan.json")
        say("After approval, exactly that is written, read back and recorded.")
        self.run("apply", "plan.json")
        say("And there is nothing left to do.")
        self.run("plan")


def variables_of(sandbox: IO[str]) -> dict[str, str]:
    """The variables that the sandbox prints before it serves."""
    variables = {}
    for line in sandbox:
        if line.startswith("#"):
            break
        name, equals, value = line.removeprefix("export ").rstrip().partition("=")
        if equals:
            variables[name] = value
    return variables


def main() -> None:
    """Starts a sandbox, tells the story, and stops the sandbox."""
    words = [PLANNER, "sandbox", "--port", "0"]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as sandbox,
    ):
        try:
            assert sandbox.stdout is not None
            Story(Path(folder), {**inherited, **variables_of(sandbox.stdout)}).tell()
        finally:
            sandbox.terminate()
    print(
        "\n# The same on your own registry:\n"
        "#   aws ecr get-registry-policy --query policyText --output text > registry_policy.json\n"
        "#   .venv/bin/planner plan registry_policy.json --out plan.json\n"
        "#   .venv/bin/planner apply plan.json"
    )


if __name__ == "__main__":
    main()
