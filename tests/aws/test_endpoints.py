"""Where calls go: which addresses are AWS's, and which a pull request can choose."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest

from planner.aws.endpoints import endpoint_for, is_loopback, is_of_aws
from planner.config.settings import Endpoint
from planner.errors import PlannerError
from tests.support.account import Account
from tests.support.cli import Cli
from tests.support.faults import Proxy, proxy_to
from tests.support.project import POLICY

SESSION = boto3.Session()
VPCE = "vpce-0a1b2c3d4e5f6a7b8-a1b2c3d4"


@pytest.mark.parametrize(
    ("url", "region", "own"),
    [
        ("https://api.ecr.us-west-2.amazonaws.com", "us-west-2", True),
        ("https://API.ecr.us-west-2.amazonaws.com:443/", "us-west-2", True),
        ("https://ecr.us-west-2.api.aws", "us-west-2", True),
        ("https://ecr-fips.us-east-1.amazonaws.com", "us-east-1", True),
        ("https://ecr-fips.us-east-1.api.aws", "us-east-1", True),
        ("https://api.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1", True),
        (f"https://{VPCE}.api.ecr.us-west-2.vpce.amazonaws.com", "us-west-2", True),
        (f"https://{VPCE}-us-west-2a.api.ecr.us-west-2.vpce.amazonaws.com", "us-west-2", True),
        (f"https://{VPCE}.api.ecr.cn-north-1.vpce.amazonaws.com.cn", "cn-north-1", True),
        ("http://api.ecr.us-west-2.amazonaws.com", "us-west-2", False),
        ("https://api.ecr.us-west-2.amazonaws.com:8443", "us-west-2", False),
        ("https://api.ecr.us-west-2.amazonaws.com", "eu-west-1", False),
        ("https://sts.us-west-2.amazonaws.com", "us-west-2", False),
        (f"https://{VPCE}.s3.us-west-2.vpce.amazonaws.com", "us-west-2", False),
        (f"https://x.{VPCE}.api.ecr.us-west-2.vpce.amazonaws.com", "us-west-2", False),
        ("https://abc123.execute-api.us-west-2.amazonaws.com", "us-west-2", False),
        ("https://mine.s3.us-west-2.amazonaws.com", "us-west-2", False),
        ("https://mine-1.us-west-2.elb.amazonaws.com", "us-west-2", False),
        ("https://api.ecr.us-west-2.amazonaws.com.example.com", "us-west-2", False),
        ("https://api.ecr.us-west-2.amazonaws.com@example.com", "us-west-2", False),
        ("https://example.com\\@api.ecr.us-west-2.amazonaws.com", "us-west-2", False),
        ("https://api.ecr.us-west-2.amazonaws.com/path", "us-west-2", False),
        ("http://127.0.0.1:5566", "us-west-2", False),
    ],
)
def test_which_addresses_are_of_aws(url: str, region: str, own: bool) -> None:
    assert is_of_aws(SESSION, url, "ecr", region) == own


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:5566", True),
        ("http://127.8.0.1", True),
        ("https://localhost:4566", True),
        ("http://[::1]:5566", True),
        ("http://0.0.0.0:5566", False),
        ("http://10.0.0.1", False),
        ("http://169.254.169.254", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("http://127.0.0.1\\@example.com", False),
        ("http://2130706433", False),
        ("ftp://127.0.0.1", False),
    ],
)
def test_which_addresses_are_this_machine(url: str, own: bool) -> None:
    assert is_loopback(url) == own


def test_which_calls_a_setting_sends_where() -> None:
    def found(url: str, service: str, own: str = "ecr") -> str | None:
        return endpoint_for(Endpoint(url, "p.toml: x", own), SESSION, service, "us-west-2")

    local, vpc = "http://localhost:1", f"https://{VPCE}.api.ecr.us-west-2.vpce.amazonaws.com"
    bucket = f"https://bucket.{VPCE}.s3.us-west-2.vpce.amazonaws.com"
    assert (found(local, "ecr"), found(local, "sts")) == (local, local)
    assert (found(vpc, "ecr"), found(vpc, "sts")) == (vpc, None)
    assert found(bucket, "s3", "s3") == bucket
    for service in ("ecr", "sts"):
        with pytest.raises(PlannerError, match="may be anybody's"):
            found(bucket, service)
    anywhere = Endpoint("https://example.com")
    assert endpoint_for(anywhere, SESSION, "ecr", "us-west-2") == "https://example.com"
    assert endpoint_for(None, SESSION, "ecr", "us-west-2") is None


@pytest.fixture
def proxy(sandbox_url: str) -> Iterator[Proxy]:
    with proxy_to(sandbox_url) as running:
        yield running


@pytest.fixture
def project(cli: Cli) -> Cli:
    cli.write("registry_policy.json", POLICY)
    return cli


def test_an_address_of_a_pull_request_gets_no_call(project: Cli, proxy: Proxy) -> None:
    # The address is this machine's own, by a name that nobody can tell from another's.
    theirs = proxy.url.replace("127.0.0.1", "0.0.0.0")
    project.write("planner.toml", f'endpoint_url = "{theirs}"\n')
    for words in (("plan",), ("apply", "--auto-approve"), ("access", "--live"), ("recover",)):
        message = project.fails(1, *words)
        assert "planner.toml: endpoint_url is an address that may be anybody's" in message
        assert "AWS_ENDPOINT_URL_ECR" in message
    assert proxy.log == []
    project.write("planner.toml", f'state = "s3://b/"\n[s3]\nendpoint_url = "{theirs}"\n')
    message = project.fails(1, "state", "list")
    assert "s3.endpoint_url is an address that may be anybody's" in message
    assert "AWS_ENDPOINT_URL_S3" in message
    assert proxy.log == []
    project.write("planner.toml", f'endpoint_url = "{theirs}"\n')
    project.ok("plan", "--endpoint-url", proxy.url)
    assert "GetRegistryPolicy" in proxy.log


def test_a_plan_says_where_it_went(project: Cli, account: Account) -> None:
    assert f"Not AWS: ECR was called at {account.url}." in project.ok("plan", "--out", "plan.json")
    assert json.loads((project.folder / "plan.json").read_text())["endpoint"] == account.url
    assert "Not AWS" in project.ok("show", "plan.json")
    project.write("live.json", POLICY)
    assert "Not AWS" not in project.ok("plan", "--live", "live.json")


TOKEN = "IQoJb3JpZ2luX2VjEXAMPLEtoken/" + "x1Y+/" * 60
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CREDENTIALS = {"AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": TOKEN}
ECHO = "you sent {x-amz-security-token} and {authorization}"


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("GetRegistryPolicy", (400, f'{{"__type": "ValidationException", "message": "{ECHO}"}}')),
        ("PutRegistryPolicy", (400, f'{{"__type": "ValidationException", "message": "{ECHO}"}}')),
        (
            "PutRegistryPolicy",
            (400, '{"__type": "InvalidParameterException", "message": "{x-amz-security-token}"}'),
        ),
        ("GetRegistryPolicy", (400, '{"__type": "{x-amz-security-token}", "message": ""}')),
        ("GetRegistryPolicy", (403, ECHO)),
        ("GetRegistryPolicy", (200, '{"policyText": "{x-amz-security-token}"}')),
        (
            "GetRegistryPolicy",
            (200, '{"policyText": "{}", "registryId": "{x-amz-security-token}"}'),
        ),
        ("GetRegistryPolicy", (400, f'{{"__type": "ValidationException", "message": "{SECRET}"}}')),
    ],
)
def test_an_endpoint_that_repeats_what_it_was_sent(
    project: Cli, proxy: Proxy, operation: str, answer: tuple[int, str]
) -> None:
    proxy.fail(operation, answer=answer)
    project = project.hurried()
    result = project("apply", "--auto-approve", AWS_ENDPOINT_URL=proxy.url, **CREDENTIALS)
    assert result.returncode == 1
    told = result.stdout + result.stderr
    assert "defect" not in told
    for secret in (TOKEN, SECRET, "Signature=", "AWS4-HMAC"):
        for start in range(0, len(secret) - 9, 7):
            assert secret[start : start + 16] not in told
    for path in project.folder.rglob("*.json"):
        assert TOKEN[:20] not in path.read_text()
