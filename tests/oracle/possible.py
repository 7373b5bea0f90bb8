"""What follows of a request's context from who sends it where, and from its other keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.oracle.candidates import asked_of, role_arns_of
from tests.oracle.evaluator import Call, Json
from tests.oracle.keys import KEYS, SIGNED, key_of
from tests.oracle.patterns import MAYBE, Values
from tests.oracle.principals import Caller, parse_caller

_TYPES = {
    "root": "Account",
    "user": "User",
    "role": "AssumedRole",
    "session": "AssumedRole",
    "federated-user": "FederatedUser",
    "anonymous": "Anonymous",
}
VPC_KEYS = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")
"""The keys of a request that comes through a VPC."""


@dataclass(frozen=True, slots=True)
class Place:
    """The registry of a request: its ARN's parts, and its scope."""

    partition: str
    account: str
    region: str
    scope: str = "V2"

    @property
    def prefix(self) -> str:
        """What the ARNs of its repositories begin with."""
        return f"arn:{self.partition}:ecr:{self.region}:{self.account}:repository/"


def followed(caller: Caller, place: Place, role_arns: Sequence[str] = ()) -> dict[str, Values]:
    """The keys that follow from the caller and the registry.

    The ARN of a session does not say the path of its role: `role_arns` are the roles that
    exist, and another role has no path.
    """
    found: dict[str, Values] = {
        "aws:resourceaccount": (place.account,),
        "aws:requestedregion": (place.region,),
    }
    if caller.kind == "anonymous":
        return {**found, **_anonymous()}
    if caller.kind in ("service", *_TYPES):
        found["aws:principalisawsservice"] = ("true" if caller.kind == "service" else "false",)
    if caller.kind == "service":
        found["aws:principalservicename"] = (caller.text,)
    if caller.kind == "provider":
        found["aws:federatedprovider"] = (caller.text,)
    if not caller.account:
        return found
    found |= {
        "aws:principalaccount": (caller.account,),
        "aws:principalarn": (_principal_arn(caller, role_arns),),
        "aws:principaltype": (_TYPES[caller.kind],),
    }
    if caller.kind == "user":
        found["aws:username"] = (caller.name,)
    if caller.kind == "root":
        found["aws:userid"] = (caller.account,)
    if caller.kind == "federated-user":
        found["aws:userid"] = (f"{caller.account}:{caller.name}",)
    return found


def _anonymous() -> dict[str, Values]:
    names = {"account": "anonymous", "type": "Anonymous"}
    found: dict[str, Values] = {f"aws:principal{key}": (value,) for key, value in names.items()}
    return {**found, "aws:userid": ("anonymous",)}


def _principal_arn(caller: Caller, role_arns: Sequence[str]) -> str:
    if caller.kind != "session":
        return caller.text
    plain = f"arn:{caller.partition}:iam::{caller.account}:role/"
    named = (arn for arn in role_arns if arn.startswith(plain) and arn.endswith(f"/{caller.name}"))
    return next(named, plain + caller.name)


def completions(request: Json, place: Place, policies: Sequence[Json | None]) -> list[Call]:
    """The request with what follows; what is always there but not given has any value.

    Two where it does not say whether it comes from an address or through a VPC; none where it
    names no caller. The keys are those that the policies look at.
    """
    caller = parse_caller(request["principal"], place.partition)
    if caller is None:
        return []
    context: dict[str, Values] = {
        key: None for key, each in KEYS.items() if caller.kind in each.always
    }
    context |= {
        name: MAYBE
        for name in asked_of(policies)
        if (key := key_of(name)) and caller.kind in key.open - key.always
    }
    role_arns = role_arns_of(policies)
    context |= followed(caller, place, role_arns)
    given = {
        key.lower(): (value,) if isinstance(value, str) else tuple(value)
        for key, value in request["context"].items()
    }
    context = agreeing({**context, **given}, caller, place)
    contexts = [context]
    if caller.kind in SIGNED and not any(key in given for key in ("aws:sourceip", *VPC_KEYS)):
        contexts = [
            {**context, "aws:sourceip": None},
            {**context, **dict.fromkeys(VPC_KEYS, None)},
        ]
    elif any(key in given for key in VPC_KEYS):
        contexts = [{**dict.fromkeys(VPC_KEYS, None), **context}]
    action, resource = request["action"], request["resource"]
    return [Call(caller, action, resource, each, place.account, place.scope) for each in contexts]


def agreeing(context: dict[str, Values], caller: Caller, place: Place) -> dict[str, Values]:
    """The context with the keys that follow from other keys of it."""
    found = dict(context)
    _agree_on_organizations(found, own=caller.account == place.account)
    arn = (found.get("aws:sourcearn") or ("",))[0].split(":")
    if len(arn) > 5 and re.fullmatch("[0-9]{12}", arn[4]):
        _follow(found, "aws:sourceaccount", (arn[4],))
    if found.get("aws:multifactorauthage"):
        _follow(found, "aws:multifactorauthpresent", ("true",))
    _agree_on_times(found)
    _agree_on_tags(found)
    if (via := found.get("aws:calledvia")) and via is not MAYBE:
        _follow(found, "aws:viaawsservice", ("true",))
        _follow(found, "aws:calledviafirst", via[:1])
        _follow(found, "aws:calledvialast", via[-1:])
    return found


def _follow(found: dict[str, Values], key: str, values: Values) -> None:
    if not found.get(key):
        found[key] = values


def _agree_on_organizations(found: dict[str, Values], *, own: bool) -> None:
    """Each path names its organization, and the own account has the registry's."""
    for whose in ("principal", "resource", "source"):
        identifier, paths = f"aws:{whose}orgid", f"aws:{whose}orgpaths"
        path = found.get(paths)
        if path and path is not MAYBE:
            _follow(found, identifier, (path[0].partition("/")[0],))
        elif found.get(identifier):
            _follow(found, paths, None)
    for one, other in (("principal", "resource"), ("resource", "principal")) if own else ():
        for kind in ("orgid", "orgpaths"):
            if (key := f"aws:{one}{kind}") in found:
                _follow(found, f"aws:{other}{kind}", found[key])


def _agree_on_times(found: dict[str, Values]) -> None:
    if (time := found.get("aws:currenttime")) and (moment := parse_moment(time[0])):
        _follow(found, "aws:epochtime", (str(int(moment.timestamp())),))
    if (time := found.get("aws:epochtime")) and re.fullmatch("[0-9]{1,11}", time[0]):
        moment = datetime.fromtimestamp(int(time[0]), UTC)
        _follow(found, "aws:currenttime", (moment.strftime("%Y-%m-%dT%H:%M:%SZ"),))


def _agree_on_tags(found: dict[str, Values]) -> None:
    for one, other in (("aws", "ecr"), ("ecr", "aws")):
        for key in [each for each in found if each.startswith(f"{one}:resourcetag/")]:
            found.setdefault(key.replace(one, other, 1), found[key])
    requested = [each for each in found if each.startswith("aws:requesttag/")]
    for name in found.get("aws:tagkeys") or ():
        found.setdefault(f"aws:requesttag/{name.lower()}", None)
    if requested and not found.get("aws:tagkeys"):
        found["aws:tagkeys"] = (requested[0].partition("/")[2],) if len(requested) == 1 else None


def parse_moment(text: str) -> datetime | None:
    """A date of ISO 8601 with its time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
