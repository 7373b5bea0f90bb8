"""Image addresses, as `docker pull` takes them: the registry and the repository in them.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-pull-ecr-image.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from planner.registry import ACCOUNT_ID, REGION, Registry, partition_of

# https://docs.aws.amazon.com/general/latest/gr/ecr.html, with the hosts for FIPS and dual stack
_HOST = re.compile(
    rf"(?P<account>{ACCOUNT_ID.pattern})\.dkr[.-]ecr(?:-fips)?"
    rf"\.(?P<region>{REGION.pattern})"
    r"\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)"
)
# https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
_TAG = re.compile(r"(?P<name>[^:@]*):[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST = re.compile(r"(?P<name>[^@]*)@[a-z0-9]+(?:[+._-][a-z0-9]+)*:[A-Za-z0-9=_-]{32,}")


@dataclass(frozen=True, slots=True)
class Image:
    """What an address of an image names: a repository, and its registry where it has one."""

    repository: str
    registry: Registry | None = None


def parse_image(text: str) -> Image:
    """The repository in an address; a tag and a digest are no part of its name.

    >>> parse_image("444455556666.dkr.ecr.us-west-2.amazonaws.com/prod/app:1").repository
    'prod/app'
    >>> parse_image("app:1@sha256:" + 64 * "0"), parse_image("repository/app")
    (Image(repository='app', registry=None), Image(repository='repository/app', registry=None))
    """
    host, slash, rest = text.removeprefix("https://").partition("/")
    found = _HOST.fullmatch(host) if slash else None
    if found is None:
        return Image(_without_tag(text))
    account, region = found["account"], found["region"]
    return Image(_without_tag(rest), Registry(partition_of(region), account, region))


def _without_tag(text: str) -> str:
    for form in (_DIGEST, _TAG):
        if found := form.fullmatch(text):
            text = found["name"]
    return text
