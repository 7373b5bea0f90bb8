"""Which addresses are AWS's, and which of them `planner.toml` may name.

Calls are signed, and a signed call carries the session token. Whoever opens a pull request can
write `endpoint_url` into `planner.toml`, so that setting leads to AWS or to this machine alone.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Iterator
from itertools import product

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from planner.aws.failures import bare_endpoint
from planner.config.settings import Endpoint
from planner.errors import PlannerError

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?/?"
)
_VPC_ENDPOINT = r"(?:bucket\.)?vpce-[a-z0-9-]+\."


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine.

    >>> is_loopback("http://127.0.0.1:5000"), is_loopback("http://127.0.0.1.example.com")
    (True, False)
    """
    match = _URL.fullmatch(url)
    if match is None:
        return False
    host = match["host"].strip("[]").lower()
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def is_of_aws(session: boto3.Session, url: str, service: str, region: str) -> bool:
    """Whether a URL is AWS's own for a service in a Region, by https.

    It is one of the hosts in botocore's data, or that of a VPC endpoint of the service:
    https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
    """
    match = _URL.fullmatch(url)
    if match is None or match["scheme"] != "https" or match["port"] not in (None, "443"):
        return False
    host = match["host"].lower()
    for known in _hosts(session, service, region):
        name, _, suffix = known.partition(f".{region}.")
        behind = re.escape(f"{name}.{region}.vpce.{suffix}")
        if host == known or re.fullmatch(_VPC_ENDPOINT + behind, host):
            return True
    return False


def _hosts(session: boto3.Session, service: str, region: str) -> Iterator[str]:
    """The hosts of a service: the usual one, dual stack, FIPS, and both."""
    for fips, dual_stack in product((False, True), repeat=2):
        config = Config(
            signature_version=UNSIGNED,
            use_fips_endpoint=fips,
            use_dualstack_endpoint=dual_stack,
            ignore_configured_endpoint_urls=True,
        )
        with contextlib.suppress(BotoCoreError):
            client = session.client(service, region_name=region, config=config)
            yield client.meta.endpoint_url.removeprefix("https://")


def endpoint_for(
    endpoint: Endpoint | None, session: boto3.Session, service: str, region: str
) -> str | None:
    """The URL that a service's calls go to; None leaves it to the AWS configuration.

    A setting may name an address of this machine, for all calls, or one of AWS's, for those of
    its own service. Raises PlannerError for any other.
    """
    if endpoint is None or endpoint.setting is None or is_loopback(endpoint.url):
        return endpoint.url if endpoint else None
    if is_of_aws(session, endpoint.url, endpoint.service, region):
        return endpoint.url if service == endpoint.service else None
    raise PlannerError(
        f"{endpoint.setting} is an address that may be anybody's.",
        f"{bare_endpoint(endpoint.url)} is neither this machine nor AWS's for "
        f"{endpoint.service} in {region}.\n"
        "It would get calls that your credentials sign, with their session token.",
        "If it is meant, take it out of the file and give it by --endpoint-url, or set "
        f"AWS_ENDPOINT_URL_{endpoint.service.upper()}.",
    )
