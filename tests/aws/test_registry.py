"""How a registry is opened."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planner.aws.ecr import open_registry
from planner.config.load import load_settings
from planner.config.settings import Endpoint, Flags
from planner.config.target import Credentials, Sourced, targets
from planner.errors import PlannerError
from tests.support.account import Account


def test_each_target_is_opened_by_its_own_credentials(
    sandbox_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(sandbox_url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", account.account_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-test")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    (target,) = targets(load_settings(Flags(), lambda _: None), {})
    address = sandbox_url.replace("http://", "http://user:password@")
    there = replace(
        target,
        region=Sourced("eu-west-1", "settings", "region"),
        credentials=Credentials(endpoint=Endpoint(sandbox_url)),
    )
    reached = open_registry(there).caller().registry
    assert (reached.account_id, reached.region) == (account.account_id, "eu-west-1")
    assert open_registry(there).endpoint == sandbox_url
    other = replace(there, credentials=Credentials(None, Endpoint(address), "000000000000"))
    assert "password" not in (open_registry(other).endpoint or "")
    with pytest.raises(PlannerError, match="another account"):
        open_registry(other).caller()
    nowhere = replace(there, region=None)
    with pytest.raises(PlannerError, match="which registry"):
        open_registry(nowhere).caller()
    assert open_registry(nowhere, "us-east-2").caller().registry.region == "us-east-2"
