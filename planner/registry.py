"""Which registry: one account in one Region of one partition."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from planner.errors import PlannerError

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

# botocore's endpoints.json has them as dnsSuffix.
_URL_SUFFIXES = {
    "aws-cn": "amazonaws.com.cn",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}

_WELL_FORMED = "A registry reads as 444455556666/us-west-2."
# The one form of each; everything that reads a partition, an account id or a Region asks these.
PARTITION = re.compile(r"aws(-[a-z]{1,8}){0,2}")
ACCOUNT_ID = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
SCOPES = ("V1", "V2")
"""What a registry's policy can be held against, the account setting `REGISTRY_POLICY_SCOPE`."""


@dataclass(frozen=True, slots=True)
class Registry:
    """One private registry: `partition` such as `aws`, a 12-digit `account_id`, a `region`.

    >>> str(Registry("aws", "444455556666", "us-west-2"))
    '444455556666/us-west-2'
    """

    partition: str
    account_id: str
    region: str

    def __post_init__(self) -> None:
        """Raises PlannerError for parts that are none: they become names of files."""
        for pattern, value, what in (
            (PARTITION, self.partition, "partition"),
            (ACCOUNT_ID, self.account_id, "account id"),
            (REGION, self.region, "Region"),
        ):
            if not pattern.fullmatch(value):
                raise PlannerError(f"{json.dumps(value[:64])} is no {what}.", "", _WELL_FORMED)

    @property
    def url_suffix(self) -> str:
        """The domain of AWS's names in the partition, as in `ecr.amazonaws.com.cn`."""
        return _URL_SUFFIXES.get(self.partition, "amazonaws.com")

    def to_json(self) -> dict[str, str]:
        """The registry as plan, state and journal hold it."""
        return {
            "partition": self.partition,
            "account_id": self.account_id,
            "region": self.region,
        }

    def __str__(self) -> str:
        """`444455556666/us-west-2`, the name that addresses use."""
        return f"{self.account_id}/{self.region}"


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """The registry policy scope, `V1` or `V2`, before and after; None where it is not known."""

    before: str | None = None
    after: str | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for what is no scope, or no step: it stays, or goes from V1 to V2."""
        stays = self.before == self.after and self.before in (*SCOPES, None)
        if not stays and not self.is_raised:
            raise ValueError(f"a scope goes from V1 to V2, not from {self.before} to {self.after}")

    @property
    def is_raised(self) -> bool:
        """Whether it goes from V1 to V2. It never goes back: AWS advises against it."""
        return (self.before, self.after) == ("V1", "V2")

    def to_json(self) -> dict[str, str | None]:
        """The change as plan and journal hold it."""
        return {"before": self.before, "after": self.after}


RAISED = ScopeChange("V1", "V2")
"""The one change of a scope that there is."""

STAND_IN = Registry("aws", "000000000000", "us-east-1")
"""Fills {{account_id}} and the like where nothing says which registry a file is for."""


def partition_of(region: str) -> str:
    """The partition that a Region belongs to; `aws` for every Region not known better.

    >>> partition_of("us-west-2"), partition_of("cn-north-1"), partition_of("us-gov-west-1")
    ('aws', 'aws-cn', 'aws-us-gov')
    """
    for prefix, partition in _PARTITION_BY_REGION_PREFIX:
        if region.startswith(prefix):
            return partition
    return "aws"
