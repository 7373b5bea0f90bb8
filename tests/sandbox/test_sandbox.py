"""The sandbox through real boto3: what ECR refuses, and how it answers."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from tests.support.account import Account
from tests.support.cli import PLANNER, Cli
from tests.support.policies import document, statement

REFUSAL = (
    "Invalid parameter at 'PolicyText' failed to satisfy constraint: "
    "'Invalid registry policy provided'"
)


def set_scope(account: Account, scope: str) -> None:
    account.client().put_account_setting(name="REGISTRY_POLICY_SCOPE", value=scope)


def refusal(account: Account, text: str) -> str:
    with pytest.raises(ClientError) as caught:
        account.put(text)
    error: dict[str, Any] = caught.value.response["Error"]
    assert error["Code"] == "InvalidParameterException"
    return str(error["Message"])


@pytest.mark.parametrize(
    "text",
    [
        document(statement(Action=["ecr:BatchGetImage", "ecr:Describe*", "ecr:*"])),
        document({**statement(), "NotAction": "ecr:*"}).replace(
            '"Action": ["ecr:CreateRepository", "ecr:ReplicateImage"], ', ""
        ),
        json.dumps({"Statement": statement()}),
        document(statement("S"), statement("S", "222233334444")),
        document(statement(Resource="arn:aws:nowhere")),
    ],
)
def test_what_ecr_takes(account: Account, text: str) -> None:
    account.put(text)
    live = account.live()
    assert live is not None
    assert canonicalise(parse_policy(live).policy) == canonicalise(parse_policy(text).policy)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[",
        json.dumps(statement()),
        document(statement(Principal={"AWS": "arn:aws:iam::111111:root"})),
        document(statement(Action="ecr:Nonsense")),
        document(statement(Action="s3:GetObject")),
        document(statement(Effect="allow")),
    ],
)
def test_what_ecr_refuses(account: Account, text: str) -> None:
    assert refusal(account, text) == REFUSAL
    assert account.live() is None


def test_the_size_limit(account: Account) -> None:
    body = document(statement(Resource=""))
    exact = document(statement(Resource="x" * (10_240 - len(body))))
    account.put(exact)
    assert "10240" in refusal(account, exact.replace('"xx', '"xxx'))


def test_scopes(account: Account) -> None:
    client = account.client()
    scope = "REGISTRY_POLICY_SCOPE"
    assert client.get_account_setting(name=scope)["value"] == "V2"
    set_scope(account, "V1")
    assert client.get_account_setting(name=scope)["value"] == "V1"
    assert refusal(account, document(statement(Action="ecr:BatchGetImage"))) == REFUSAL
    account.put(document(statement(Action=["ecr:*", "ecr:BatchImportUpstreamImage"])))
    with pytest.raises(ClientError):
        client.put_account_setting(name=scope, value="V3")
    with pytest.raises(ClientError):
        client.get_account_setting(name="NO_SUCH_SETTING")


def test_what_comes_back(account: Account) -> None:
    ids = [f"{n:012}" for n in range(1, 9)]
    account.put(document(statement(Principal={"AWS": ids}, Action="ecr:ReplicateImage")))
    texts = [str(account.live()) for _ in range(4)]
    assert '"Version" : "2012-10-17"' in texts[0]
    read = [json.loads(text)["Statement"][0] for text in texts]
    assert read[0]["Action"] == "ecr:ReplicateImage"
    orders = [each["Principal"]["AWS"] for each in read]
    assert sorted(orders[0]) == [f"arn:aws:iam::{each}:root" for each in ids]
    assert len({tuple(order) for order in orders}) > 1


def test_deleting(account: Account) -> None:
    client = account.client()
    account.put(document(statement()))
    assert client.delete_registry_policy()["registryId"] == account.account_id
    with pytest.raises(client.exceptions.RegistryPolicyNotFoundException):
        client.delete_registry_policy()


def test_registries_are_separate(account: Account) -> None:
    account.put(document(statement()))
    other = account.client("eu-west-1")
    with pytest.raises(other.exceptions.RegistryPolicyNotFoundException):
        other.get_registry_policy()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_and_serves_the_loopback_alone(stop: signal.Signals) -> None:
    with subprocess.Popen(
        [PLANNER, "sandbox", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = [process.stdout.readline() for _ in range(7)]
        assert lines[0].startswith("export AWS_ENDPOINT_URL=http://127.0.0.1:")
        assert "Ctrl-C" in lines[-1]
        port = int(lines[0].rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)):
            pass
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port))
        process.send_signal(stop)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


def test_a_taken_port_is_told(offline: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "--port" in offline.fails(1, "sandbox", "--port", port)


def test_without_moto_it_says_what_to_install(offline: Cli, tmp_path: Path) -> None:
    (tmp_path / "moto.py").write_text("raise ImportError('no moto here')\n")
    result = offline.run([PLANNER, "sandbox"], PYTHONPATH=str(tmp_path))
    assert result.returncode == 1
    assert result.stderr.startswith("Error: ")
    assert "pip install '.[sandbox]'" in result.stderr
