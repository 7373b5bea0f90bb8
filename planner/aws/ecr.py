"""The registry policy in ECR: the only place that talks to AWS and sees its errors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from planner import __version__
from planner.aws.failures import THROTTLED, code_of, failure, is_server_fault, message_of, no_region
from planner.errors import PlannerError
from planner.policy.acceptance import named_principals, refusals
from planner.policy.document import Policy
from planner.policy.parse import parse_policy
from planner.ports import Caller, OutcomeUnknownError
from planner.registry import Registry

if TYPE_CHECKING:
    from botocore.client import BaseClient

# Retries are left to the AWS configuration (AWS_MAX_ATTEMPTS, AWS_RETRY_MODE).
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    user_agent_extra=f"ecr-registry-planner/{__version__}",
)
_SHOWN = 5
_REFUSED = {"InvalidParameterException", "ValidationException"}


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach AWS; None leaves a setting to the AWS configuration.

    `fallback_region` serves where neither `region` nor the AWS configuration names one.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    fallback_region: str | None = None


class EcrRegistry:
    """The registry that the credentials and the Region of `connection` reach."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def _session(self) -> boto3.Session:
        with self._failures("use the AWS configuration", ""):
            # botocore reads AWS_DEFAULT_REGION alone, the AWS CLI both.
            region = self._connection.region or os.environ.get("AWS_REGION")
            return boto3.Session(profile_name=self._connection.profile, region_name=region)

    @cached_property
    def _region(self) -> str:
        region = self._session.region_name or self._connection.fallback_region
        if not region:
            raise PlannerError("planner does not know which registry you mean.", *no_region())
        return region

    def _client(self, service: str) -> Any:
        with self._failures("use the AWS configuration", ""):
            client: BaseClient = self._session.client(
                service,
                region_name=self._region,
                endpoint_url=self._connection.endpoint_url,
                config=_CONFIG,
            )
        return client

    @cached_property
    def _ecr(self) -> Any:
        return self._client("ecr")

    @contextmanager
    def _failures(self, doing: str, iam_action: str, client: Any = None) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, ValueError) as error:
            endpoint = self._connection.endpoint_url or ""
            if client is not None:
                endpoint = client.meta.endpoint_url
            raise failure(error, doing, iam_action, endpoint) from error

    @cached_property
    def _caller(self) -> Caller:
        sts = self._client("sts")
        with self._failures("find out who you are", "sts:GetCallerIdentity", sts):
            identity = sts.get_caller_identity()
        arn = identity["Arn"]
        partition = arn.split(":")[1]
        return Caller(arn, Registry(partition, identity["Account"], self._region))

    def caller(self) -> Caller:
        """Who calls, by STS, and which registry is reached."""
        return self._caller

    def read(self) -> str | None:
        """The live policy text; None where the registry has no policy."""
        with self._failures("read the registry policy", "ecr:GetRegistryPolicy", self._ecr):
            try:
                return str(self._ecr.get_registry_policy()["policyText"])
            except ClientError as error:
                if code_of(error) == "RegistryPolicyNotFoundException":
                    return None
                raise

    def put(self, text: str) -> None:
        """Replaces the policy."""
        doing, iam_action = "write the registry policy", "ecr:PutRegistryPolicy"
        self._write(lambda: self._ecr.put_registry_policy(policyText=text), doing, iam_action, text)

    def delete(self) -> None:
        """Removes the policy; it is no failure if there is none."""
        doing, iam_action = "delete the registry policy", "ecr:DeleteRegistryPolicy"
        self._write(self._ecr.delete_registry_policy, doing, iam_action, None)

    def _write(
        self, call: Callable[[], object], doing: str, iam_action: str, text: str | None
    ) -> None:
        """Makes a call that changes ECR. Answers that leave it open are OutcomeUnknownError."""
        try:
            call()
        except ClientError as error:
            if code_of(error) == "RegistryPolicyNotFoundException":
                return
            if text is not None and code_of(error) in _REFUSED:
                raise self._refusal(error, text) from error
            told = failure(error, doing, iam_action, self._ecr.meta.endpoint_url)
            # A retry may be throttled after an earlier attempt has got through.
            if is_server_fault(error) or code_of(error) in THROTTLED:
                raise OutcomeUnknownError(told) from error
            raise told from error
        except HTTPClientError as error:
            told = failure(error, doing, iam_action, self._ecr.meta.endpoint_url)
            raise OutcomeUnknownError(told) from error
        except BotoCoreError as error:
            raise failure(error, doing, iam_action, self._ecr.meta.endpoint_url) from error

    def _scope(self) -> str | None:
        """The registry policy scope, V1 or V2; None where it cannot be read."""
        try:
            return str(self._ecr.get_account_setting(name="REGISTRY_POLICY_SCOPE")["value"])
        except (ClientError, BotoCoreError):
            return None

    def _refusal(self, error: ClientError, text: str) -> PlannerError:
        """ECR's refusal, with the likely causes that the document shows."""
        policy = parse_policy(text).policy
        causes = _likely_causes(policy, self.caller().registry.partition, self._scope())
        detail = f"ECR says: {message_of(error)}\n\nLikely causes, most likely first:\n"
        hint = "Nothing was written. Mend the policy file and plan again."
        return PlannerError("ECR refused the policy.", detail + causes, hint)


def _likely_causes(policy: Policy, partition: str, scope: str | None) -> str:
    causes = [str(refusal) for refusal in refusals(policy, partition, scope)]
    principals = named_principals(policy)
    if principals:
        shown = ", ".join([*principals[:_SHOWN], "..."] if principals[_SHOWN:] else principals)
        causes.append(f"a user or role does not exist, or was made only seconds ago: {shown}")
    if scope is None:
        causes.append(
            "the registry may have policy scope V1, which takes few actions: "
            "aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE"
        )
    if not causes:
        causes.append("an account that a principal names does not exist or is closed")
    return "\n".join(f"  - {cause}" for cause in causes)
