"""Clients of AWS, and their failures told as planner tells failures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import get_session

from planner import __version__
from planner.aws.failures import failure, is_server_fault, no_region
from planner.errors import PlannerError
from planner.registry import REGION

# Retries of reading are left to the AWS configuration (AWS_MAX_ATTEMPTS, AWS_RETRY_MODE).
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    user_agent_extra=f"ecr-registry-planner/{__version__}",
)
# A write is tried once: a retry inside boto3 could come after the lock was lost.
_ONCE = _CONFIG.merge(Config(retries={"total_max_attempts": 1}))


# Besides its own, botocore lets errors of files, of JSON and of half an answer through.
_FAILURES = (
    ClientError,
    BotoCoreError,
    ResponseParserError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
)


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach AWS; None leaves a setting to the AWS configuration.

    `fallback_region` serves where neither `region` nor the AWS configuration names one.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    fallback_region: str | None = None


class Session:
    """Makes the clients of one connection."""

    call_errors = (ClientError, BotoCoreError, ResponseParserError)
    """What boto3 raises for a call that was made; `is_unknown` tells what it means."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def _session(self) -> boto3.Session:
        with self.failures("use the AWS configuration", ""):
            # botocore reads AWS_DEFAULT_REGION alone, the AWS CLI both.
            region = self._connection.region or os.environ.get("AWS_REGION")
            return boto3.Session(profile_name=self._connection.profile, region_name=region)

    @cached_property
    def region(self) -> str:
        """The Region of the calls. Raises PlannerError where nothing names one."""
        region = self._session.region_name or self._connection.fallback_region
        if not region:
            raise PlannerError("planner does not know which registry you mean.", *no_region())
        if not REGION.fullmatch(region):
            raise PlannerError(
                "planner does not know which registry you mean.",
                f"'{region}' is no Region.",
                "Check AWS_REGION and the profile, or give --region as in us-west-2.",
            )
        return str(region)

    @property
    def has_credentials(self) -> bool:
        """Whether anything gives credentials; whether they work is another question."""
        with self.failures("find your credentials", ""):
            return self._session.get_credentials() is not None

    @staticmethod
    def is_of_aws(endpoint: str) -> bool:
        """Whether a URL is one of AWS's own, by the names that botocore knows."""
        host = urlsplit(endpoint).hostname or ""
        partitions = get_session().get_data("partitions")["partitions"]
        suffixes = {
            each["outputs"][name]
            for each in partitions
            for name in ("dnsSuffix", "dualStackDnsSuffix")
        }
        return any(host.endswith(f".{suffix}") for suffix in suffixes)

    def client(self, service: str, *, once: bool = False) -> Any:
        """A boto3 client; `once` makes one that tries each call once."""
        with self.failures("use the AWS configuration", ""):
            return self._session.client(
                service,
                region_name=self.region,
                endpoint_url=self._connection.endpoint_url,
                config=_ONCE if once else _CONFIG,
            )

    @contextmanager
    def failures(self, doing: str, iam_action: str, client: Any = None) -> Iterator[None]:
        """Turns what boto3 raises inside into PlannerError, as `failure` words it."""
        try:
            yield
        except _FAILURES as error:
            endpoint = self._connection.endpoint_url or ""
            if client is not None:
                endpoint = client.meta.endpoint_url
            raise failure(error, doing, iam_action, endpoint) from error

    @staticmethod
    def is_unknown(error: Exception) -> bool:
        """Whether the call may have had its effect in spite of this answer, or of none.

        Whatever a retry was answered, an earlier attempt may have got through.
        """
        if not isinstance(error, ClientError):
            return True
        retried = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0
        return retried or is_server_fault(error)
