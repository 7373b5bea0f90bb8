"""A project for the commands."""

from __future__ import annotations

import pytest

from tests.support.cli import Cli
from tests.support.project import POLICY


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("registry_policy.json", POLICY)
    return cli
