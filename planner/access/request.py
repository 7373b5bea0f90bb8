"""Who asks for what, and whom the Principal of a statement means.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from planner.access.variables import Context
from planner.errors import UsageError
from planner.policy.document import Effect, JsonObject, Principal
from planner.policy.keys import parse_key
from planner.policy.principal import PrincipalId, PrincipalKind, principal_named, root_arn
from planner.registry import Registry
from planner.text import fold

CallerKind = PrincipalKind | Literal["anonymous"]
Meant = bool | None
"""Yes, no, or nothing can be said."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The principal of a request.

    `text` is its ARN, the name of a service, a provider or a canonical id, or `*` for an
    anonymous caller. `name` is what stands last in an ARN: of a session, the name of its role.
    Of whoever has a unique id, `text` is the id and `name` that of the session, and `account`
    is empty where nobody says whose account it is in.
    """

    kind: CallerKind
    text: str
    partition: str = ""
    account: str = ""
    name: str = ""

    @property
    def arn(self) -> str:
        """What `aws:PrincipalArn` is: of a session, the ARN of its role; `""` if there is none."""
        if self.kind == "unique-id":
            return ""
        if self.kind == "session":
            return f"arn:{self.partition}:iam::{self.account}:role/{self.name}"
        return self.text if self.account else ""


ANONYMOUS = Caller("anonymous", "*")


def parse_caller(text: str, partition: str | None = None) -> Caller:
    """The caller that a text names, of any partition where `partition` is None.

    Raises UsageError for a text that names none, and for one of another partition.

    >>> parse_caller("111122223333").text
    'arn:aws:iam::111122223333:root'
    """
    named = principal_named(text)
    if named.kind == "everyone":
        return ANONYMOUS
    if partition and named.is_foreign(partition):
        raise UsageError(
            f"'{text}' cannot call this registry.",
            f"It is in partition {named.partition}, the registry in {partition}, and no call "
            "crosses partitions.",
        )
    caller = caller_of(named, partition or "aws")
    if caller is not None:
        return caller
    raise UsageError(
        f"'{text}' names no principal.",
        "It is neither an account id of 12 digits, nor the ARN of a root, user, role or session, "
        "nor a service such as replication.ecr.amazonaws.com."
        + (f"\n{named.malformed[:1].upper()}{named.malformed[1:]}." if named.malformed else ""),
        "For example: 111122223333, arn:aws:iam::111122223333:role/ci, or * for an anonymous one.",
    )


def caller_of(named: PrincipalId, partition: str) -> Caller | None:
    """The caller that an identifier names by itself; `partition` is that of an account id.

    None for everyone, for what names nobody any more, and for what is malformed.
    """
    if named.kind in ("everyone", "unique-id", "malformed"):
        return None
    if named.kind == "account":
        return root_of(named.account, named.partition or partition)
    if named.kind in ("service", "federated", "canonical"):
        return Caller(named.kind, named.text)
    own = named.partition or partition
    return Caller(named.kind, named.text, own, named.account, named.name)


def root_of(account: str, partition: str) -> Caller:
    """The root of an account, which stands for the account itself."""
    return Caller("account", root_arn(partition, account), partition, account, "root")


def _identities(named: PrincipalId, caller: Caller, context: Context) -> set[str]:
    """Which of the caller's identities an identifier names.

    Role names are unique in an account, and the ARN of a session has no path: so the name
    decides whether an identifier is the caller's role. A unique id is that of whoever has it
    in `aws:userid`.
    """
    if named.kind == "everyone":
        return _all_identities(caller)
    at_home = named.account == caller.account and not named.is_foreign(caller.partition)
    if named.kind == "account":
        return {"account"} if at_home else set()
    is_role = caller.kind in ("role", "session")
    if named.kind == "role":
        return {"self"} if at_home and is_role and named.name == caller.name else set()
    if named.kind == "session":
        return {"session"} if (named.kind, named.text) == (caller.kind, caller.text) else set()
    if named.kind == "unique-id" and (is_role or caller.kind == "user"):
        ids = (each.partition(":")[0] for each in context.get("aws:userid", ()))
        return {"self"} if named.text in ids else set()
    return {"self"} if (named.kind, named.text) == (caller.kind, caller.text) else set()


def _all_identities(caller: Caller) -> set[str]:
    if caller.kind == "account":
        return {"account"}
    if caller.kind in ("role", "session"):
        return {"account", "self", "session"}
    return {"account", "self"} if caller.account else {"self"}


_NO_CONTEXT: Context = {}


def is_meant(
    principal: Principal | None,
    caller: Caller,
    effect: Effect = "Allow",
    context: Context = _NO_CONTEXT,
) -> Meant:
    """Whether a statement's Principal or NotPrincipal applies to the caller.

    A missing one applies to everyone. None where it rests on a malformed identifier, or on what
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    leaves open. With Allow, NotPrincipal spares the one that it names; of the users of an
    account that it names nothing is said. With Deny it spares only a caller whose every identity
    it lists: a user only together with its account, a session only together with its role and
    its account ("otherwise, the policy might deny access to the entire account").
    """
    if principal is None:
        return True
    if caller.kind == "unique-id":
        return _is_id_meant(principal, caller, effect)
    named: set[str] = set()
    for each in principal:
        found = _identities(each, caller, context)
        if found and not principal.negated:
            return True
        named |= found
    is_unclear = any(each.malformed for each in principal)
    if not principal.negated:
        return None if is_unclear else False
    every = _all_identities(caller)
    if every <= named or (effect == "Allow" and named - {"account"}):
        return False
    return None if is_unclear or (named if effect == "Allow" else named - {"account"}) else True


def _is_id_meant(principal: Principal, caller: Caller, effect: Effect) -> Meant:
    """`is_meant` of whoever has a unique id, whose name and perhaps account are not known."""
    answers = {_means_id(each, caller) for each in principal}
    if not principal.negated:
        return True if True in answers else None if None in answers else False
    if answers <= {False}:
        return True
    return False if effect == "Allow" and True in answers else None


def _means_id(named: PrincipalId, caller: Caller) -> Meant:
    if named.kind in ("everyone", "unique-id"):
        return named.kind == "everyone" or named.text == caller.text
    if named.malformed or named.kind == "federated":
        return None
    if not named.account or (caller.account and named.account != caller.account):
        return False
    return True if caller.account and named.kind == "account" else None


_TYPES = {
    "account": "Account",
    "user": "User",
    "role": "AssumedRole",
    "session": "AssumedRole",
    "federated-user": "FederatedUser",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One call: who, what, on which resource, and under which circumstances.

    `context` maps condition keys to their values; a key is compared without regard to case.
    Keys that follow from the principal are derived unless they are given.
    """

    principal: Caller
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def full_context(self, registry: Registry | None = None) -> Context:
        """The context with what follows from principal and registry, all in lower case."""
        given = {fold(key): values for key, values in self.context.items()}
        return {**registry_context(registry), **derived_context(self.principal), **given}


def registry_context(registry: Registry | None) -> dict[str, tuple[str, ...]]:
    """The condition keys that follow from the registry that is asked, in lower case.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resource-properties
    """
    if registry is None:
        return {}
    return {
        "aws:resourceaccount": (registry.account_id,),
        "aws:requestedregion": (registry.region,),
    }


def derived_context(caller: Caller) -> dict[str, tuple[str, ...]]:
    """The condition keys that follow from the principal, in lower case.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    if caller.kind == "anonymous":
        keys = ("aws:principalaccount", "aws:userid")
        return {**dict.fromkeys(keys, ("anonymous",)), "aws:principaltype": ("Anonymous",)}
    found: dict[str, str] = {}
    if caller.kind == "service":
        found = {"aws:principalisawsservice": "true", "aws:principalservicename": caller.text}
    if caller.account:
        found = {
            "aws:principalisawsservice": "false",
            "aws:principalaccount": caller.account,
            **({"aws:principaltype": _TYPES[caller.kind]} if caller.kind in _TYPES else {}),
        }
    if caller.arn:
        found["aws:principalarn"] = caller.arn
    if caller.kind == "user":
        found["aws:username"] = caller.name
    if caller.kind == "account":
        found["aws:userid"] = caller.account
    if caller.kind == "federated-user":
        found["aws:userid"] = f"{caller.account}:{caller.name}"
    if caller.kind == "unique-id":
        found["aws:userid"] = ":".join(filter(None, (caller.text, caller.name)))
        found["aws:principaltype"] = "AssumedRole" if caller.text.startswith("AROA") else "User"
    if caller.kind == "federated":
        found["aws:federatedprovider"] = caller.text
    return {key: (value,) for key, value in found.items()}


def request_json(request: Request) -> JsonObject:
    """A request: its context maps each key to a string, or to a list of several."""
    context = {
        parse_key(key).shown: values[0] if len(values) == 1 else list(values)
        for key, values in sorted(request.context.items())
    }
    return {
        "principal": request.principal.text,
        "action": request.action,
        "resource": request.resource,
        "context": context,
    }
