"""BlobStore under `s3://bucket/prefix/`, by conditional writes.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
A removed document is an empty object, since a removal must be a compare and swap as well and
not every store with this API deletes on a condition.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from planner.aws.failures import THROTTLED, code_of, is_refusal
from planner.aws.session import Connection, Session
from planner.errors import PlannerError
from planner.ports import Blob, RaceLostError

_LOST = {"PreconditionFailed", "NoSuchKey", "ConditionalRequestConflict"}
_TRIES = 3
_PAUSE = 0.2
"""Seconds between two tries of a write that S3 has put off."""


@dataclass(frozen=True, slots=True)
class S3Location:
    """`s3://BUCKET/PREFIX/`, and the KMS key that encrypts what is written there, if any.

    `owner` is the account id that the bucket must belong to, None for any: S3 refuses each call
    where it is another.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
    """

    bucket: str
    prefix: str
    kms_key_id: str | None = None
    owner: str | None = None

    def to_call(self) -> dict[str, str]:
        """What every call says of the bucket."""
        owner = {"ExpectedBucketOwner": self.owner} if self.owner else {}
        return {"Bucket": self.bucket, **owner}


def parse_location(url: str, kms_key_id: str | None = None, owner: str | None = None) -> S3Location:
    """The location that a URL names. Raises PlannerError where it names none."""
    bucket, _, prefix = url[len("s3://") :].partition("/")
    if not bucket:
        raise PlannerError(f"The state '{url}' names no bucket.", "", "Write s3://BUCKET/PREFIX/.")
    prefix = prefix.strip("/")
    return S3Location(bucket, f"{prefix}/" if prefix else "", kms_key_id, owner)


class S3Blobs:
    """Objects in one bucket under one prefix. The token of a document is its ETag."""

    def __init__(self, location: S3Location, connection: Connection) -> None:
        self._location = location
        self._session = Session(connection)

    @cached_property
    def _s3(self) -> Any:
        return self._session.client("s3")

    def _object(self, key: str) -> dict[str, str]:
        return {**self._location.to_call(), "Key": self._location.prefix + key}

    @property
    def place(self) -> str:
        """The URL of bucket and prefix."""
        return self.where("")

    def where(self, key: str) -> str:
        """The URL of a document."""
        return f"s3://{self._location.bucket}/{self._location.prefix}{key}"

    @contextmanager
    def _failures(self, doing: str, iam_action: str) -> Iterator[None]:
        with self._session.failures(doing, iam_action, self._s3):
            yield

    def read(self, key: str) -> Blob:
        """The document, or an empty one."""
        client_error = self._s3.exceptions.ClientError
        with self._failures(
            f"read the state {self.where(key)}", "s3:GetObject (and s3:ListBucket)"
        ):
            try:
                answer = self._s3.get_object(**self._object(key))
                data: bytes = answer["Body"].read()
                return Blob(data or None, answer["ETag"])
            except client_error as error:
                if code_of(error) == "NoSuchKey":
                    return Blob(None, None)
                raise

    def compare_and_swap(self, key: str, data: bytes | None, token: str | None) -> str | None:
        """Replaces the document that has `token`.

        A retry inside boto3 can find its own first attempt in the way, an answer can be lost,
        and S3 answers 409 to one of two simultaneous writes: what is stored decides.
        """
        body = data or b""
        with self._failures(f"write the state {self.where(key)}", "s3:PutObject"):
            for _ in range(_TRIES):
                try:
                    return str(self._put(key, body, token)["ETag"])
                except (*self._session.call_errors, LookupError) as error:
                    passing = code_of(error) in _LOST | THROTTLED
                    if is_refusal(error) and not passing:
                        raise
                    stored = self.read(key)
                    if stored.token != token and (stored.data or b"") == body:
                        return stored.token
                    if stored.token != token:
                        raise RaceLostError(key) from error
                    failure = error
                    time.sleep(_PAUSE)
            raise failure

    def _put(self, key: str, body: bytes, token: str | None) -> dict[str, Any]:
        condition = {"IfNoneMatch": "*"} if token is None else {"IfMatch": token}
        kms = self._location.kms_key_id
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms} if kms else {}
        answer: dict[str, Any] = self._s3.put_object(
            **self._object(key), Body=body, **condition, **encryption
        )
        return answer

    def all_keys(self, folder: str = "", before: str | None = None) -> list[str]:
        """The keys of all documents in a folder, sorted; with `before` those before it alone.

        S3 lists keys in their order, so with `before` the rest need not be listed:
        https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
        """
        prefix = self._location.prefix
        found: list[str] = []
        with self._failures(f"list the state {self.where('')}", "s3:ListBucket"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(
                **self._location.to_call(), Prefix=prefix + folder
            )
            for page in pages:
                found += [each["Key"].removeprefix(prefix) for each in page.get("Contents", ())]
                if before is not None and found and found[-1] >= before:
                    break
        keys = [key for key in found if key.endswith(".json")]
        return sorted(key for key in keys if before is None or key < before)

    def check_writable(self, key: str, data: bytes) -> None:  # noqa: ARG002 - S3 has the space
        """Raises PlannerError where the endpoint does not heed conditions: locks mean nothing then.

        That the data may be written was shown by the lock and the journal.
        """
        probe = f"{key}.probe"
        with self._failures(f"write the state {self.where(key)}", "s3:PutObject"):
            try:
                self._put(probe, b"", '"no-such-token"')
            except self._session.call_errors as error:
                if code_of(error) in _LOST:
                    return
                raise
        raise PlannerError(
            f"{self.where('')} cannot keep the state.",
            "It takes a conditional write whose condition does not hold, so no lock would hold.",
            "Use Amazon S3, or a store that heeds If-Match.",
        )

    def warnings(self) -> list[str]:
        """Whether the bucket keeps earlier versions, where one may ask."""
        try:
            with self._failures("ask for versioning", "s3:GetBucketVersioning"):
                answer = self._s3.get_bucket_versioning(**self._location.to_call())
        except PlannerError:
            return []
        if answer.get("Status") == "Enabled":
            return []
        bucket = self._location.bucket
        warning = f"The bucket {bucket} keeps no versions: what is overwritten there is gone."
        return [f"{warning} Turn on versioning."]
