"""Projects whose plan is ready to be applied, and a proxy that can fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import Proxy, proxy_to
from tests.support.project import LONG_LEASE, Project, make_project


@pytest.fixture
def cli(cli: Cli) -> Cli:
    """What is waited for here is the end of a lease, not the next try."""
    return cli.hurried()


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
