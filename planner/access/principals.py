"""Who sends a request, and whom the Principal of a statement means.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from planner.errors import UsageError
from planner.policy.document import Principal
from planner.registry import ACCOUNT_ID

Kind = Literal[
    "account",
    "user",
    "role",
    "session",
    "federated-user",
    "service",
    "federated",
    "canonical",
    "anonymous",
]

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>iam|sts)::(?P<account>[0-9]{12}):"
    r"(?:(?P<root>root)|(?P<type>user|role|assumed-role|federated-user)/(?P<name>[^*?]+)"
    r"|(?P<provider>(?:saml-provider|oidc-provider)/.+))",
    re.DOTALL,
)
_SERVICE = re.compile(r"[A-Za-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_CANONICAL = re.compile(r"[0-9a-f]{64}")
_PROVIDERS = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?:/\S*)?")
_KINDS: dict[tuple[str, str], Kind] = {
    ("iam", "user"): "user",
    ("iam", "role"): "role",
    ("sts", "assumed-role"): "session",
    ("sts", "federated-user"): "federated-user",
}


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request.

    `text` is its ARN, the name of a service, a provider or a canonical id, or `*` for an
    anonymous caller. `name` is what stands last in an ARN: of a session, the name of its role.
    """

    kind: Kind
    text: str
    partition: str = ""
    account: str = ""
    name: str = ""

    @property
    def arn(self) -> str:
        """What `aws:PrincipalArn` is: of a session, the ARN of its role; `""` if there is none."""
        if self.kind == "session":
            return f"arn:{self.partition}:iam::{self.account}:role/{self.name}"
        return self.text if self.account else ""


ANONYMOUS = Caller("anonymous", "*")


def parse_caller(text: str, partition: str = "aws") -> Caller:
    """The caller that a text names; `partition` is that of a bare account id.

    Raises UsageError for a text that names none.
    """
    if text == "*":
        return ANONYMOUS
    if ACCOUNT_ID.fullmatch(text):
        return root_of(text, partition)
    found = known_caller(text)
    if found:
        return found
    if _SERVICE.fullmatch(text):
        return Caller("service", text)
    if _CANONICAL.fullmatch(text):
        return Caller("canonical", text)
    if _PROVIDERS.fullmatch(text):
        return Caller("federated", text)
    raise UsageError(
        f"'{text}' names no principal.",
        "It is neither an account id of 12 digits, nor the ARN of a root, user, role or session, "
        "nor a service such as replication.ecr.amazonaws.com.",
        "For example: 111122223333, arn:aws:iam::111122223333:role/ci, or * for an anonymous one.",
    )


def root_of(account: str, partition: str) -> Caller:
    """The root of an account, which stands for the account itself."""
    return Caller("account", f"arn:{partition}:iam::{account}:root", partition, account, "root")


def known_caller(arn: str) -> Caller | None:
    """The caller of an ARN, or None where the text is no ARN of a caller."""
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    partition, account = match["partition"], match["account"]
    if match["root"]:
        return root_of(account, partition) if match["service"] == "iam" else None
    if match["provider"]:
        return Caller("federated", arn) if match["service"] == "iam" else None
    kind = _KINDS.get((match["service"], match["type"]))
    if kind is None:
        return None
    segments = match["name"].split("/")
    if kind == "session":
        if len(segments) != 2 or not all(segments):  # noqa: PLR2004 (the role and the session)
            return None
        return Caller(kind, arn, partition, account, segments[0])
    return Caller(kind, arn, partition, account, segments[-1]) if segments[-1] else None


def _is_account(identifier: str, caller: Caller) -> bool:
    root = f"arn:{caller.partition}:iam::{caller.account}:root"
    return bool(caller.account) and identifier in (caller.account, root)


def _is_role(identifier: str, caller: Caller) -> bool:
    """Whether the identifier is the caller's role.

    Role names are unique in an account, and the ARN of a session has no path: so the last
    segment decides.
    """
    prefix = f"arn:{caller.partition}:iam::{caller.account}:role/"
    return (
        caller.kind in ("role", "session")
        and identifier.startswith(prefix)
        and identifier.rsplit("/", 1)[1] == caller.name
    )


def _identities(kind: str, identifier: str, caller: Caller) -> set[str]:
    """Which of the caller's identities an identifier names."""
    if kind == "AWS":
        if identifier == "*":
            return _all_identities(caller)
        if _is_account(identifier, caller):
            return {"account"}
        if _is_role(identifier, caller):
            return {"role", "self"}
        return {"self"} if identifier == caller.text and caller.account else set()
    if kind == "Service":
        return {"self"} if caller.kind == "service" and identifier in ("*", caller.text) else set()
    expected = {"Federated": "federated", "CanonicalUser": "canonical"}.get(kind)
    return {"self"} if caller.kind == expected and identifier in ("*", caller.text) else set()


def _all_identities(caller: Caller) -> set[str]:
    if caller.kind == "account":
        return {"account"}
    if caller.kind == "session":
        return {"account", "role", "self"}
    return {"account", "self"} if caller.account else {"self"}


def is_meant(principal: Principal | None, caller: Caller) -> bool:
    """Whether a statement's Principal or NotPrincipal applies to the caller.

    A missing one applies to everyone. NotPrincipal spares only a caller whose every identity
    it lists: a user only together with its account, a session only together with its role and
    its account, as
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    asks for ("you must also specify the account ARN of the not-denied principal").
    """
    if principal is None:
        return True
    named: set[str] = set()
    for kind, identifiers in principal.ids:
        for identifier in identifiers:
            found = _identities(kind, identifier, caller)
            if found and not principal.negated:
                return True
            named |= found
    return principal.negated and not _all_identities(caller) <= named
