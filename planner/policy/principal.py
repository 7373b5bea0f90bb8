"""One identifier of a Principal: whom it names, or why it names nobody.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
What a text names follows from the text alone; its type (`AWS`, `Service`, ...) must agree.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from planner.policy.arn import FIELDS, FILL_IN, fields_of, is_unfilled, stand_in, unfilled
from planner.registry import ACCOUNT_ID, PARTITION
from planner.text import fold

PrincipalType = Literal["AWS", "Service", "Federated", "CanonicalUser"]
PrincipalKind = Literal[
    "everyone",
    "account",
    "user",
    "role",
    "session",
    "federated-user",
    "unique-id",
    "service",
    "federated",
    "canonical",
    "malformed",
]
"""`account` is an account or its root, `session` that of a role, `unique-id` what is left of a
user or role that was deleted, `federated` an identity provider, `canonical` a user of S3."""

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,}")
_CANONICAL = re.compile(r"[0-9a-f]{64}")
_SERVICE = re.compile(
    r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)"
)
WEB_IDENTITY = (
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
)
"""Identity providers whose names look like those of services:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-federated-web-identity"""
_DOMAIN = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?:/\S*)?")
# Names and paths: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_NAME = r"[A-Za-z0-9_+=,.@-]+"
_PATHS: tuple[tuple[str, PrincipalKind, re.Pattern[str]], ...] = (
    ("iam", "account", re.compile(r"(?P<name>root)")),
    ("iam", "user", re.compile(rf"user/(?:[!-~]+/)?(?P<name>{_NAME})")),
    ("iam", "role", re.compile(rf"role/(?:[!-~]+/)?(?P<name>{_NAME})")),
    ("sts", "session", re.compile(rf"assumed-role/(?P<name>{_NAME})/{_NAME}")),
    ("sts", "federated-user", re.compile(rf"federated-user/(?P<name>{_NAME})")),
    ("iam", "federated", re.compile(r"(?:saml|oidc)-provider/(?P<name>[!-~]+)")),
)
_TYPES: dict[str, PrincipalType] = {
    "service": "Service",
    "federated": "Federated",
    "canonical": "CanonicalUser",
}
_WORDS = {
    "everyone": "everyone",
    "service": "an AWS service",
    "federated": "an identity provider",
    "canonical": "a canonical user",
    "unique-id": "the id of a user or role",
}
_WANTED = {
    "Service": ("service principal", "Write its name, such as lambda.amazonaws.com."),
    "Federated": ("identity provider", "Write its ARN, or the domain of one that IAM knows."),
    "CanonicalUser": ("canonical user id", "It has 64 hexadecimal digits."),
}
_FORMS = "Write an account id, or the ARN of a role, a user or an account root."
_SOME_ACCOUNTS = 'Name the accounts one by one, or "*" with a condition on aws:PrincipalOrgID.'
_IN_ORGANIZATION = (
    'Write "Principal": "*" with "Condition": {"StringEquals": {"aws:PrincipalOrgID": "%s"}}.'
)
_IN_UNIT = (
    'Write "Principal": "*" with "Condition": {"ForAnyValue:StringLike": '
    '{"aws:PrincipalOrgPaths": "ORGANIZATION/ROOT/%s/*"}}, the path of the unit.'
)
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
_ORGANIZATION = re.compile(r"(?:arn:[^:]*:organizations::[0-9]*:organization/)?(o-[a-z0-9]{10,32})")
_UNIT = re.compile(r"(?:arn:[^:]*:organizations::[0-9]*:ou/o-[a-z0-9]+/)?(ou-[a-z0-9-]+)")
_DIGITS = re.compile(r"[0-9]+(?:[ -]+[0-9]+)*")


@dataclass(frozen=True, slots=True, order=True)
class PrincipalId:
    """One identifier, equal to another by its type and its text alone.

    Where `kind` is `malformed`, `malformed` says why and `mend` what to do. `partition` is
    empty where the text says none, as an account id does; `name` is that of the user, the
    role (of a session too), the federated user or the provider.
    """

    type: str
    text: str
    kind: PrincipalKind = field(compare=False)
    partition: str = field(default="", compare=False)
    account: str = field(default="", compare=False)
    name: str = field(default="", compare=False)
    malformed: str = field(default="", compare=False)
    mend: str = field(default="", compare=False)

    def is_foreign(self, partition: str) -> bool:
        """Whether it is of another partition, whose principals can never call this one.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
        """
        return self.partition not in ("", partition)


def type_of(kind: str) -> PrincipalType:
    """The type under which a Principal lists principals of a kind."""
    return _TYPES.get(kind, "AWS")


@lru_cache(maxsize=8192)
def parse_principal(principal_type: str, text: str) -> PrincipalId:
    """What an identifier that stands under a type names.

    >>> parse_principal("AWS", "arn:aws:iam::111122223333:role/team/ci").kind
    'role'
    >>> parse_principal("Service", "*").malformed
    "'*' is everyone, which is of the type AWS, not Service"
    """
    named = principal_named(text)
    wanted = _WANTED.get(principal_type)
    if wanted and named.malformed and named.type == "AWS" and not is_unfilled(text):
        return _malformed(principal_type, text, f"'{text}' is no {wanted[0]}", wanted[1])
    if named.malformed:
        return _malformed(principal_type, text, named.malformed, named.mend)
    if named.type == principal_type:
        return named
    what = _WORDS.get(named.kind, f"a principal of the kind {named.kind}")
    reason = f"'{text}' is {what}, which is of the type {named.type}, not {principal_type}"
    mend = f"Write {json.dumps({named.type: text})}."
    if named.kind == "everyone":
        mend = f"Name whom you mean of the type {principal_type}."
    return _malformed(principal_type, text, reason, mend)


@lru_cache(maxsize=8192)
def principal_named(text: str) -> PrincipalId:
    """What a text names whose type is not said, as on the command line.

    `{{account_id}}` and `{{partition}}` are well formed where they stand for these.

    >>> principal_named("cognito-identity.amazonaws.com").type
    'Federated'
    """
    if text == "*":
        return PrincipalId("AWS", text, "everyone")
    if "{{" in text and (filled := stand_in(text)) != text:
        return _filled_later(text, principal_named(filled))
    if is_unfilled(text):
        return _malformed("AWS", text, unfilled(text), FILL_IN)
    if ACCOUNT_ID.fullmatch(text):
        return PrincipalId("AWS", text, "account", account=text, name="root")
    if _DIGITS.fullmatch(text):
        is_grouped = "-" in text or " " in text
        digits = "it has digits alone" if is_grouped else f"it has {len(text)} digits, not 12"
        return _account_id(text, text, f"'{text}' is no account id: {digits}")
    if organized := _organized(text):
        return organized
    if _UNIQUE_ID.fullmatch(text):
        return PrincipalId("AWS", text, "unique-id")
    if text.startswith("arn:"):
        return _of_arn(text)
    return _of_name(text)


def _filled_later(text: str, named: PrincipalId) -> PrincipalId:
    """What the text names, by what it may be once the registry's own parts are filled in."""
    if not named.account:
        return replace(named, text=text)
    fields = fields_of(text)
    is_arn = len(fields) == FIELDS
    partition = fields[1] if is_arn and "{{" not in fields[1] else ""
    return replace(named, text=text, partition=partition, account=fields[4] if is_arn else text)


def _of_name(text: str) -> PrincipalId:
    """What a text names that is neither an id nor an ARN."""
    if _CANONICAL.fullmatch(text):
        return PrincipalId("CanonicalUser", text, "canonical")
    lower = fold(text)
    is_provider = lower in WEB_IDENTITY
    if is_provider or _SERVICE.fullmatch(lower):
        if text != lower:
            what = "identity provider" if is_provider else "service principal"
            reason = f"'{text}' is no {what}: its name is in lower case"
            return _malformed("Service", text, reason, f"Write {lower}.")
        kind: PrincipalKind = "federated" if is_provider else "service"
        return PrincipalId(type_of(kind), text, kind)
    if _DOMAIN.fullmatch(text):
        return PrincipalId("Federated", text, "federated")
    reason = f"'{text}' is no principal: neither an account id nor the ARN of one"
    return _malformed("AWS", text, reason, _FORMS)


def _of_arn(text: str) -> PrincipalId:
    fields = fields_of(text)
    if len(fields) < FIELDS or fields[2] not in ("iam", "sts") or fields[3]:
        reason = f"'{text}' is no principal: neither an account id nor the ARN of one"
        return _malformed("AWS", text, reason, _FORMS)
    _, partition, service, _, account, path = fields
    if not PARTITION.fullmatch(partition):
        reason = f"'{text}' is no principal: '{partition}' is no partition"
        return _malformed("AWS", text, reason, _FORMS)
    if not ACCOUNT_ID.fullmatch(account):
        return _account_id(text, account, f"'{text}' has no 12-digit account id but '{account}'")
    if "*" in path or "?" in path:
        reason = f"'{text}' has a wildcard, which the ARN of a principal cannot have"
        mend = "Name the account, and narrow it by a condition ArnLike on aws:PrincipalArn."
        return _malformed("AWS", text, reason, mend)
    for known, kind, form in _PATHS:
        if service == known and (match := form.fullmatch(path)):
            return PrincipalId(type_of(kind), text, kind, partition, account, match["name"])
    if path.startswith("group/"):
        reason = f"'{text}' is a group, and a group cannot be a principal"
        return _malformed("AWS", text, reason, "Name a role, or the users one by one.")
    if path.startswith("assumed-role/") and service == "sts":
        reason = f"'{text}' names no session of the role"
        return _malformed("AWS", text, reason, "Name the role, or assumed-role/ROLE/SESSION.")
    reason = f"'{text}' names no user, role, session or account root"
    return _malformed("AWS", text, reason, _FORMS)


def _organized(text: str) -> PrincipalId | None:
    """An organization or a unit of one: accounts that only a condition can name."""
    if found := _ORGANIZATION.fullmatch(text):
        reason = f"'{text}' is an organization, and an organization cannot be a principal"
        return _malformed("AWS", text, reason, _IN_ORGANIZATION % found[1])
    if found := _UNIT.fullmatch(text):
        reason = f"'{text}' is an organizational unit, which cannot be a principal"
        return _malformed("AWS", text, reason, _IN_UNIT % found[1])
    return None


def _account_id(text: str, account: str, reason: str) -> PrincipalId:
    """What is no principal since its `account` is no account id."""
    digits = re.sub("[ -]", "", account)
    mend = "Copy the account id anew; it may begin with zeros."
    if "*" in account or "?" in account:
        mend = _SOME_ACCOUNTS
    elif ACCOUNT_ID.fullmatch(digits):
        mend = f"Write {text.replace(account, digits)}."
    return _malformed("AWS", text, reason, mend)


def _malformed(principal_type: str, text: str, reason: str, mend: str) -> PrincipalId:
    return PrincipalId(principal_type, text, "malformed", malformed=reason, mend=mend)


def root_arn(partition: str, account: str) -> str:
    """The ARN of an account's root, which stands for the account itself."""
    return f"arn:{partition}:iam::{account}:root"
