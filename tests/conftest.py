"""A sandbox process for each test worker, emptied for each test that uses it."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from warm import Process, Warm

# A slow moment of the machine is no failure.
hypothesis.settings.register_profile("any-machine", deadline=None)
hypothesis.settings.load_profile("any-machine")

PLANNER = str(Path(sys.executable).with_name("planner"))
FAULTS = str(Path(__file__).with_name("faults.py"))
REGION = "us-west-2"
_numbers = itertools.count(int.from_bytes(os.urandom(4)) * 10)


@pytest.fixture(scope="session")
def sandbox_url() -> Iterator[str]:
    """The address of a running `planner sandbox`."""
    process = subprocess.Popen(
        [PLANNER, "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    match = re.fullmatch(r"export AWS_ENDPOINT_URL=(http://127\.0\.0\.1:\d+)\n", first)
    assert match, first
    yield match.group(1)
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


@dataclass
class Account:
    """One account of the sandbox."""

    url: str
    account_id: str = field(default_factory=lambda: str(next(_numbers) % 10**12).zfill(12))

    @property
    def environment(self) -> dict[str, str]:
        """What a shell needs to reach the account."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.account_id,
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-test",
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, region: str = REGION) -> Any:
        """A boto3 client of the registry."""
        import boto3

        return boto3.client(
            "ecr",
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=self.account_id,
            aws_secret_access_key="secret-of-the-test",
        )

    def put(self, text: str) -> None:
        """Writes the policy as another client would."""
        self.client().put_registry_policy(policyText=text)

    def live(self) -> str | None:
        """The policy text as ECR prints it, or None."""
        client = self.client()
        try:
            return str(client.get_registry_policy()["policyText"])
        except client.exceptions.RegistryPolicyNotFoundException:
            return None


@pytest.fixture
def account(sandbox_url: str) -> Account:
    """The account whose registry the policies of the tests are for, with nothing in it."""
    with urllib.request.urlopen(f"{sandbox_url}/moto-api/reset", b"") as answer:
        assert answer.status == HTTPStatus.OK
    return Account(sandbox_url, "444455556666")


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Starts commands without the wait for their imports."""
    server = Warm(_bare_environment())
    yield server
    server.close()


def _bare_environment() -> dict[str, str]:
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE")}
    return {"PATH": os.environ["PATH"], **coverage}


Result = subprocess.CompletedProcess[str]


@dataclass
class Cli:
    """Runs the installed console script in a folder, with a clean environment.

    Each command is a process of its own, forked from one that has imported everything. `run`
    starts a program from nothing.
    """

    folder: Path
    warm: Warm
    environment: dict[str, str] = field(default_factory=dict)
    program: tuple[str, ...] = (PLANNER,)

    def hurried(self) -> Cli:
        """The same with pauses that take a twentieth of their time."""
        return replace(self, program=(FAULTS, "hurry"))

    def process_environment(self, **environment: str) -> dict[str, str]:
        """The whole environment of a process."""
        base = {
            **_bare_environment(),
            "HOME": str(self.folder),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
        }
        return {**base, **self.environment, **environment}

    def __call__(self, *words: str, stdin: str = "", **environment: str) -> Result:
        return self._end(self.start(*words, **environment), stdin)

    def with_fault(self, *words: str) -> Result:
        """Runs planner with a fault in it, as faults.py describes."""
        return self._end(self._start([FAULTS, *words]), "")

    def start(self, *words: str, **environment: str) -> Process:
        """Starts a command without waiting for it."""
        return self._start([*self.program, *words], **environment)

    def _start(self, command: list[str], **environment: str) -> Process:
        return self.warm.start(command, self.folder, self.process_environment(**environment))

    @staticmethod
    def _end(process: Process, stdin: str) -> Result:
        with process:
            output, errors = process.communicate(stdin)
            return subprocess.CompletedProcess([], process.wait(), output, errors)

    def run(self, command: list[str], stdin: str = "", **environment: str) -> Result:
        """Runs a program to its end, from nothing."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.process_environment(**environment),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def ok(self, *words: str, **environment: str) -> str:
        """The output of a command that must succeed."""
        result = self(*words, **environment)
        assert result.returncode == 0, result.stderr
        assert not result.stderr
        return result.stdout

    def fails(self, code: int, *words: str, **environment: str) -> str:
        """The message of a command that must fail with this exit code, in three parts."""
        result = self(*words, **environment)
        assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
        assert "Traceback" not in result.stderr
        assert result.stderr.startswith("Error: ")
        return result.stderr

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def offline(tmp_path: Path, warm: Warm) -> Cli:
    """The console script without any AWS settings."""
    return Cli(tmp_path, warm)


@pytest.fixture
def cli(tmp_path: Path, warm: Warm, account: Account) -> Cli:
    """The console script with the credentials of `account`."""
    return Cli(tmp_path, warm, account.environment)


@pytest.fixture
def new_account(sandbox_url: str) -> Callable[[], Account]:
    """Makes further accounts."""
    return lambda: Account(sandbox_url)
