"""The condition keys of a request: which callers have them, and the values they can have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

USERS = frozenset(("user", "role", "session", "federated-user"))
SIGNED = USERS | {"root"}
TEMPORARY = frozenset(("role", "session", "federated-user"))
SESSIONS = frozenset(("role", "session"))
EVERYBODY = SIGNED | {"service", "provider", "canonical", "anonymous"}
UNDOCUMENTED_CALLERS = frozenset(("provider", "canonical"))
"""Callers of whose keys IAM's documents say nothing."""
SERVICES = frozenset(("service",))
TAGGING = frozenset(
    ("ecr:createrepository", "ecr:listtagsforresource", "ecr:tagresource", "ecr:untagresource")
)
"""The actions of which the Service Authorization Reference lists keys of tags in the request."""
WITHOUT_RESOURCE = frozenset(
    "ecr:getauthorizationtoken ecr:putregistrypolicy ecr:deleteregistrypolicy "
    "ecr:getregistrypolicy ecr:describeregistry ecr:putreplicationconfiguration "
    "ecr:putregistryscanningconfiguration ecr:getregistryscanningconfiguration "
    "ecr:describepullthroughcacherules ecr:createpullthroughcacherule".split()
)
"""Some of the actions that work on no resource and so only on Resource `*`."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key: the form of its values, who can have it, and who always has it.

    `open` are callers of whom the documents do not say what they have.
    """

    form: str
    callers: frozenset[str]
    always: frozenset[str] = frozenset()
    open: frozenset[str] = UNDOCUMENTED_CALLERS


_ANY = r"(?s).*"
_BOOLEAN = "true|false"
_ACCOUNT = "[0-9]{12}"
_TAG = r"[\w .:/=+@-]{0,256}"
_ORGANIZATION = "o-[a-z0-9]{10,32}"
_PATH = rf"{_ORGANIZATION}/r-[0-9a-z]{{4,32}}/(ou-[0-9a-z]{{4,32}}-[0-9a-z]{{8,32}}/)*"
_ADDRESS = "[0-9a-fA-F.:]{2,45}"
_SERVICE = r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?"
_VPC, _ENDPOINT = "vpc-[0-9a-f]{8,17}", "vpce-[0-9a-f]{8,17}"
_ARN = r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]{0,12}:\S+"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
_NAME = r"[\w+=,.@-]{2,64}"
_OPEN_TO_SERVICES = UNDOCUMENTED_CALLERS | SERVICES
_ALL = EVERYBODY

KEYS: Mapping[str, Key] = {
    # Who calls.
    "aws:principalaccount": Key(
        f"{_ACCOUNT}|anonymous", SIGNED | {"anonymous"}, SIGNED | {"anonymous"}
    ),
    "aws:principalarn": Key(_ARN, SIGNED, SIGNED),
    "aws:principaltype": Key(
        "Account|User|AssumedRole|FederatedUser|Anonymous",
        SIGNED | {"anonymous"},
        SIGNED | {"anonymous"},
        _OPEN_TO_SERVICES,
    ),
    "aws:userid": Key(
        r"[\w+=,.@:-]{1,128}", SIGNED | {"anonymous"}, SIGNED | {"anonymous"}, _OPEN_TO_SERVICES
    ),
    "aws:username": Key(r"[\w+=,.@-]{1,64}", frozenset(("user",)), frozenset(("user",))),
    "aws:principalisawsservice": Key(_BOOLEAN, SIGNED | SERVICES, SIGNED | SERVICES),
    "aws:principalservicename": Key(_SERVICE, SERVICES, SERVICES),
    "aws:principalservicenameslist": Key(_SERVICE, SERVICES, SERVICES),
    "aws:principalorgid": Key(_ORGANIZATION, SIGNED),
    "aws:principalorgpaths": Key(_PATH, SIGNED),
    "aws:principaltag/": Key(_TAG, USERS),
    "aws:multifactorauthpresent": Key(
        _BOOLEAN,
        SIGNED - {"federated-user"},
        frozenset(),
        UNDOCUMENTED_CALLERS | {"federated-user"},
    ),
    "aws:multifactorauthage": Key(
        "[0-9]{1,9}",
        SIGNED - {"federated-user"},
        frozenset(),
        UNDOCUMENTED_CALLERS | {"federated-user"},
    ),
    "aws:tokenissuetime": Key(_DATE, SIGNED, TEMPORARY, _OPEN_TO_SERVICES),
    "aws:federatedprovider": Key(
        r"[\w./-]+|arn:\S+",
        SESSIONS | {"provider"},
        frozenset(("provider",)),
        frozenset(("canonical",)),
    ),
    "aws:sourceidentity": Key(_NAME, SESSIONS),
    # On whose behalf.
    "aws:sourceaccount": Key(_ACCOUNT, SERVICES),
    "aws:sourcearn": Key(_ARN, SERVICES),
    "aws:sourceorgid": Key(_ORGANIZATION, SERVICES),
    "aws:sourceorgpaths": Key(_PATH, SERVICES),
    "aws:calledvia": Key(_SERVICE, SIGNED),
    "aws:calledviafirst": Key(_SERVICE, SIGNED),
    "aws:calledvialast": Key(_SERVICE, SIGNED),
    "aws:viaawsservice": Key(_BOOLEAN, _ALL, SIGNED, _OPEN_TO_SERVICES),
    # On which resource.
    "aws:resourceaccount": Key(_ACCOUNT, _ALL, _ALL, frozenset()),
    "aws:resourceorgid": Key(_ORGANIZATION, _ALL, open=frozenset()),
    "aws:resourceorgpaths": Key(_PATH, _ALL, open=frozenset()),
    "aws:resourcetag/": Key(_TAG, _ALL, open=frozenset()),
    "ecr:resourcetag/": Key(_TAG, _ALL, open=frozenset()),
    "aws:requestedregion": Key("[a-z]{2,4}(-[a-z]+)+-[0-9]", _ALL, _ALL, frozenset()),
    # How, when and from where.
    "aws:requesttag/": Key(_TAG, _ALL, open=frozenset()),
    "aws:tagkeys": Key(r"[\w .:/=+@-]{1,128}", _ALL, open=frozenset()),
    "aws:securetransport": Key(_BOOLEAN, _ALL, _ALL, frozenset()),
    "aws:currenttime": Key(_DATE, _ALL, _ALL, frozenset()),
    "aws:epochtime": Key("[0-9]{9,11}", _ALL, _ALL, frozenset()),
    "aws:useragent": Key(_ANY, _ALL, _ALL, SERVICES),
    "aws:referer": Key(_ANY, _ALL),
    "aws:sourceip": Key(_ADDRESS, _ALL, frozenset(), SERVICES),
    "aws:sourcevpc": Key(_VPC, _ALL, frozenset(), SERVICES),
    "aws:sourcevpce": Key(_ENDPOINT, _ALL, frozenset(), SERVICES),
    "aws:vpcsourceip": Key(_ADDRESS, _ALL, frozenset(), SERVICES),
}
"""By name in lower case; the name of a tag follows the slash."""


def key_of(name: str) -> Key | None:
    """The key of that name, or None where IAM and ECR know none."""
    lower = name.lower()
    slash = lower.find("/")
    return KEYS.get(lower[: slash + 1] if slash >= 0 else lower)


def has_form(name: str, value: str) -> bool:
    """Whether the key can have the value."""
    key = key_of(name)
    return key is not None and re.fullmatch(key.form, value) is not None


def needs_resource(action: str) -> bool:
    """Whether the action works on a repository, and not on Resource `*` alone."""
    return action.lower() not in WITHOUT_RESOURCE
