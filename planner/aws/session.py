"""Clients of AWS, and their failures told as planner tells failures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from planner import __version__
from planner.aws.endpoints import endpoint_for, is_of_aws
from planner.aws.failures import failure, no_region
from planner.aws.secrets import Secrets
from planner.config.settings import Endpoint
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
    endpoint: Endpoint | None = None
    fallback_region: str | None = None


class Session:
    """Makes the clients of one connection."""

    call_errors = (ClientError, BotoCoreError, ResponseParserError)
    """What boto3 raises for a call that was made; `failures.is_refusal` tells what it means."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._secrets = Secrets()

    @cached_property
    def _session(self) -> boto3.Session:
        with self.failures("use the AWS configuration", ""):
            # botocore reads AWS_DEFAULT_REGION alone, the AWS CLI both.
            region = self._connection.region or os.environ.get("AWS_REGION")
            session = boto3.Session(profile_name=self._connection.profile, region_name=region)
        self._secrets.watch(session.events)
        return session

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

    def is_of_aws(self, url: str, service: str) -> bool:
        """Whether a URL is AWS's own for a service in this Region."""
        return is_of_aws(self._session, url, service, self.region)

    def client(self, service: str, *, once: bool = False, names_keys: bool = False) -> Any:
        """A boto3 client; `once` makes one that tries each call once.

        The answers of one that `names_keys` may have access key ids in them, this caller's too:
        whoever calls it shows nothing of them but by `shown`. Raises PlannerError where a setting
        sends its calls to an address that may be anybody's.
        """
        with self.failures("use the AWS configuration", ""):
            client = self._session.client(
                service,
                region_name=self.region,
                endpoint_url=endpoint_for(
                    self._connection.endpoint, self._session, service, self.region
                ),
                config=_ONCE if once else _CONFIG,
            )
        client.meta.events.register("before-send", self._learn)
        if not names_keys:
            client.meta.events.register("after-call", self._secrets.refuse_echo)
        return client

    def shown(self, text: str) -> str:
        """The text of an answer, if it repeats nothing of a secret."""
        return self._secrets.shown(text)

    def _learn(self, **_: Any) -> None:
        """Learns the one secret that no call carries."""
        if credentials := self._session.get_credentials():
            self._secrets.learn([credentials.get_frozen_credentials().secret_key])

    @contextmanager
    def failures(self, doing: str, iam_action: str, client: Any = None) -> Iterator[None]:
        """Turns what boto3 raises inside into PlannerError, as `failure` words it."""
        try:
            yield
        except _FAILURES as error:
            endpoint = self._connection.endpoint.url if self._connection.endpoint else ""
            if client is not None:
                endpoint = client.meta.endpoint_url
            raise failure(error, doing, iam_action, endpoint) from error
