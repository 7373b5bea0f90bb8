"""Who sends a request, and whom Principal and NotPrincipal mean.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.oracle.conditions import Answer, any_of, negated
from tests.oracle.patterns import Context, glob

_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):(?P<service>iam|sts)::(?P<account>[0-9]{12}):(?P<rest>.+)"
)
_KINDS = {
    "iam:user": "user",
    "iam:role": "role",
    "sts:assumed-role": "session",
    "sts:federated-user": "federated-user",
    "iam:saml-provider": "provider",
    "iam:oidc-provider": "provider",
}
_CANONICAL = re.compile(r"[0-9a-f]{64}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)")
_PROVIDER = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?:/\S*)?")
UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{8,}")

Identity = str
"""`account`, `self` (a user, a role, a federated user, a service), or `session`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request; `name` is that of the user, role or federated user."""

    kind: str
    text: str
    partition: str = ""
    account: str = ""
    name: str = ""
    session: str = ""

    @property
    def identities(self) -> tuple[Identity, ...]:
        """What IAM may look for in NotPrincipal: the account, the role, the session."""
        if self.kind == "root":
            return ("account",)
        if self.kind in ("role", "session"):
            return ("account", "self", "session")
        return ("account", "self") if self.account else ("self",)


def parse_caller(text: str, partition: str = "aws") -> Caller | None:
    """The caller that a request names, or None where the text names none."""
    if text == "*":
        return Caller("anonymous", text)
    if re.fullmatch(r"[0-9]{12}", text):
        return Caller("root", f"arn:{partition}:iam::{text}:root", partition, text)
    match = _ARN.fullmatch(text)
    if match is None:
        if _CANONICAL.fullmatch(text):
            return Caller("canonical", text)
        if _SERVICE.fullmatch(text):
            return Caller("service", text)
        return Caller("provider", text) if _PROVIDER.fullmatch(text) else None
    where, rest = (match["partition"], match["account"]), match["rest"]
    if rest == "root" and match["service"] == "iam":
        return Caller("root", text, *where)
    what, _, name = rest.partition("/")
    kind = _KINDS.get(f"{match['service']}:{what}")
    if kind is None or not name or re.search(r"[*?]", name):
        return None
    if kind == "provider":
        return Caller(kind, text)
    if kind == "session":
        role, _, session = name.partition("/")
        return Caller(kind, text, *where, role, session) if session else None
    return Caller(kind, text, *where, name.rpartition("/")[2])


def entries(principal: Any) -> Iterator[tuple[str, str]]:
    """Each type and identifier of a Principal element."""
    if isinstance(principal, str):
        yield "AWS", principal
        return
    for kind, values in principal.items():
        for value in [values] if isinstance(values, str) else values:
            yield kind, value


def is_meant(
    statement: dict[str, Any], caller: Caller, context: Context, *, account_counts: bool = True
) -> Answer:
    """Whether a statement is about the caller.

    NotPrincipal with Allow "allows all principals except the one named"; whether it spares the
    users of an account that is named is left open.

    `account_counts` is False where an Allow that names the caller's account alone says
    nothing yet: to the users of the policy's own account.
    """
    if "Principal" in statement:
        return any_of(
            _is_one(kind, each, caller, context, account_counts)
            for kind, each in entries(statement["Principal"])
        )
    found = {
        identity: any_of(
            _names(kind, each, identity, caller, context)
            for kind, each in entries(statement["NotPrincipal"])
        )
        for identity in caller.identities
    }
    if statement["Effect"] == "Deny":
        return _is_denied(found)
    if found.get("account") and len(found) > 1:
        found["account"] = None
    return negated(any_of(found.values()))


def _is_denied(found: dict[Identity, Answer]) -> Answer:
    """Deny with NotPrincipal: it spares those of whom the account, the role and the session are
    named; "otherwise, the policy might deny access to the entire account"."""
    if None in found.values():
        return None
    if all(found.values()):
        return False
    own = [answer for identity, answer in found.items() if identity != "account"]
    return None if any(own) else True


def _is_one(
    kind: str, identifier: str, caller: Caller, context: Context, account_counts: bool
) -> Answer:
    if kind == "AWS" and identifier == "*":
        return True
    return any_of(
        _names(kind, identifier, identity, caller, context)
        for identity in caller.identities
        if account_counts or identity != "account"
    )


def _names(
    kind: str, identifier: str, identity: Identity, caller: Caller, context: Context
) -> Answer:
    """Whether an identifier names just this identity of the caller.

    Whose canonical id it is nobody can tell by an account's number: it names itself alone.
    """
    if kind == "AWS":
        return _names_aws(identifier, identity, caller, context)
    if kind == "Service":
        if caller.kind != "service" or identifier == caller.text:
            return caller.kind == "service"
        return None if "*" in identifier and glob(identifier, caller.text) else False
    if kind == "CanonicalUser":
        return identifier == caller.text
    providers = context.get("aws:federatedprovider", ())
    if caller.kind in ("role", "session") and providers != ():
        return None if providers is None or identifier in (*providers, "*") else False
    if caller.kind == "provider":
        return True if identifier == caller.text else (None if identifier == "*" else False)
    return False


def _names_aws(identifier: str, identity: Identity, caller: Caller, context: Context) -> Answer:
    if identifier == "*":
        return True
    if identity == "account":
        return identifier in (caller.account, f"arn:{caller.partition}:iam::{caller.account}:root")
    if identity == "session":
        return caller.kind == "session" and identifier == caller.text
    if UNIQUE_ID.fullmatch(identifier):
        ids = context.get("aws:userid", ()) or ()
        return any(each.partition(":")[0] == identifier for each in ids)
    if caller.kind in ("role", "session"):
        arns = context.get("aws:principalarn", ())
        return None if arns is None else identifier in arns
    return bool(caller.account) and identifier == caller.text
