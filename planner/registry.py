"""Which registry: one account in one Region of one partition."""

from __future__ import annotations

import re
from dataclasses import dataclass

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html names the partitions.
_PARTITION_BY_REGION_PREFIX = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
)

ACCOUNT_ID = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Registry:
    """One private registry: `partition` such as `aws`, a 12-digit `account_id`, a `region`."""

    partition: str
    account_id: str
    region: str

    def __str__(self) -> str:
        """`444455556666/us-west-2`, the name that addresses use."""
        return f"{self.account_id}/{self.region}"


def partition_of(region: str) -> str:
    """The partition that a Region belongs to; `aws` for every Region not known better."""
    for prefix, partition in _PARTITION_BY_REGION_PREFIX:
        if region.startswith(prefix):
            return partition
    return "aws"
