"""A sandbox process for each test worker, emptied for each test that uses it."""

from __future__ import annotations

import re
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import hypothesis
import pytest

from tests.support.account import Account
from tests.support.cli import PLANNER, Cli, bare_environment
from tests.support.effort import IS_FUZZING, tries
from tests.support.warm import Warm, keep_models

# A slow moment of the machine is no failure. `make test` tries the same examples each time.
hypothesis.settings.register_profile(
    "tries", deadline=None, max_examples=tries(50), derandomize=not IS_FUZZING
)
hypothesis.settings.load_profile("tries")
keep_models()


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


@pytest.fixture
def account(sandbox_url: str) -> Account:
    """The account whose registry the policies of the tests are for, with nothing in it."""
    with urllib.request.urlopen(f"{sandbox_url}/moto-api/reset", b"") as answer:
        assert answer.status == HTTPStatus.OK
    return Account(sandbox_url, "444455556666")


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """Starts commands without the wait for their imports."""
    server = Warm(bare_environment())
    yield server
    server.close()


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
