"""One account of the sandbox."""

from __future__ import annotations

import functools
import itertools
import os
from dataclasses import dataclass, field
from typing import Any

REGION = "us-west-2"
_numbers = itertools.count(int.from_bytes(os.urandom(4)) * 10)


@dataclass
class Account:
    """One account of the sandbox."""

    url: str
    account_id: str = field(default_factory=lambda: str(next(_numbers) % 10**12).zfill(12))
    session: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What a shell needs to reach the account."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.account_id,
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-test",
            "AWS_DEFAULT_REGION": REGION,
            **self.session,
        }

    def client(self, region: str = REGION) -> Any:
        """A boto3 client of the registry."""
        return self._client("ecr", region)

    def trail_client(self, region: str = REGION) -> Any:
        """A boto3 client of CloudTrail."""
        return self._client("cloudtrail", region)

    def as_role(self, name: str) -> Account:
        """The same account as a session of one of its roles reaches it."""
        session = self.session_of(f"arn:aws:iam::{self.account_id}:role/{name}")
        return Account(self.url, self.account_id, session)

    def s3_client(self) -> Any:
        """A boto3 client of S3."""
        return self._client("s3", REGION)

    def session_of(self, role: str) -> dict[str, str]:
        """What a shell needs to call as a session of a role of the account."""
        answer = self._client("sts", REGION).assume_role(RoleArn=role, RoleSessionName="ci")
        given = answer["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }

    def make_bucket(self) -> str:
        """The name of a new bucket for the state, which keeps versions."""
        name = f"state-{self.account_id}"
        client = self.s3_client()
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return name

    def _client(self, service: str, region: str) -> Any:
        return _client(self.url, tuple(self.environment.items()), service, region)

    def put(self, text: str) -> None:
        """Writes the policy as another client would."""
        self.client().put_registry_policy(policyText=text)

    def live(self) -> str | None:
        """The policy text as ECR prints it, or None."""
        client = self.client()
        try:
            return str(client.get_registry_policy()["policyText"])
        except client.exceptions.RegistryPolicyNotFoundException:
            return None


@functools.lru_cache(8)
def _client(url: str, shell: tuple[tuple[str, str], ...], service: str, region: str) -> Any:
    import boto3

    environment = dict(shell)
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment.get("AWS_SESSION_TOKEN"),
    )
