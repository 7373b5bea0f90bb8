"""Why a request cannot be sent: keys that do not agree with its caller, or with each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

from tests.oracle.evaluator import Call
from tests.oracle.keys import TAGGING, has_form, key_of
from tests.oracle.patterns import MAYBE, MULTIVALUED, Values
from tests.oracle.possible import VPC_KEYS, Place, followed, parse_moment
from tests.oracle.principals import Caller

_REPOSITORY = re.compile(
    r"(?:[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*/)*[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
)
"""https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"""
_ID_OF_USER = re.compile("AIDA[A-Z0-9]{8,}")
_ID_OF_SESSION = re.compile(r"AROA[A-Z0-9]{8,}:([\w+=,.@-]{2,64})")
_NAME = re.compile(r"[\w+=,.@-]{1,64}")


def impossibilities(call: Call, place: Place, known_actions: Mapping[str, bool]) -> Iterator[str]:
    """Why nobody can send the request; nothing where somebody can.

    `known_actions` are ECR's actions in lower case, and whether each works on repositories.
    """
    yield from _of_the_target(call, place, known_actions)
    yield from _of_the_caller(call.caller, place)
    for key, values in call.context.items():
        if values and values is not MAYBE:
            yield from _of_the_key(key, values, call)
    given = {key: values for key, values in call.context.items() if values and values is not MAYBE}
    yield from _of_who(given, call, place)
    yield from _of_where_from(given)
    yield from _of_when(given)
    yield from _of_tags(given)


def _of_the_target(call: Call, place: Place, known_actions: Mapping[str, bool]) -> Iterator[str]:
    on_repositories = known_actions.get(call.action.lower())
    if on_repositories is None:
        yield "ECR has no such action"
    elif not on_repositories:
        if call.resource != "*":
            yield "an action without resource types on a resource"
    elif not call.resource.startswith(place.prefix):
        yield "a resource that is no repository of the registry"
    else:
        name = call.resource.removeprefix(place.prefix)
        if not _REPOSITORY.fullmatch(name) or not 2 <= len(name) <= 256:
            yield "a repository name that ECR does not take"


def _of_the_caller(caller: Caller, place: Place) -> Iterator[str]:
    if caller.kind == "anonymous":
        yield "anonymous callers do not reach ECR"
    if caller.partition not in ("", place.partition):
        yield "a caller of another partition"
    names = [each for each in (caller.name, caller.session) if each]
    if not all(map(_NAME.fullmatch, names)) or (caller.session and len(caller.session) < 2):
        yield "a caller's name that IAM does not take"


def _of_the_key(name: str, values: tuple[str, ...], call: Call) -> Iterator[str]:
    key = key_of(name)
    family = name.partition("/")[0]
    if key is None:
        yield f"no such key: {family}"
        return
    if call.caller.kind not in key.callers | key.open:
        yield f"{family} of a caller who has none"
    if len(values) > 1 and name not in MULTIVALUED:
        yield f"several values of {name}"
    if not all(has_form(name, value) for value in values):
        yield f"{family} with a value that it cannot have"
    lower = call.action.lower()
    if family in ("aws:requesttag", "aws:tagkeys") and lower not in TAGGING:
        yield f"{family} of an action that takes no tags"
    if family.endswith(":resourcetag") and call.resource == "*":
        yield f"{family} without a resource"


def _of_who(given: dict[str, Any], call: Call, place: Place) -> Iterator[str]:
    """What does not agree with the caller, the registry, or their accounts."""
    caller = call.caller
    expected = followed(caller, place)
    for key, values in expected.items():
        if key in ("aws:principalarn", "aws:userid") or key not in given:
            continue
        if given[key] != values:
            yield f"{key} of another than the caller"
    yield from _of_ids(given, caller, expected)
    yield from _of_organizations(given, caller, place)


def _of_organizations(given: dict[str, Any], caller: Caller, place: Place) -> Iterator[str]:
    organization = given.get("aws:principalorgid")
    for paths, of_paths in (
        ("aws:principalorgpaths", "aws:principalorgid"),
        ("aws:resourceorgpaths", "aws:resourceorgid"),
        ("aws:sourceorgpaths", "aws:sourceorgid"),
    ):
        whose = given.get(of_paths, (None,))[0]
        if any(whose and not each.startswith(f"{whose}/") for each in given.get(paths, ())):
            yield f"{paths} in another organization than {of_paths}"
        if len(given.get(paths, ())) > 1:
            yield f"several {paths}: an account is in one place"
    own = given.get("aws:resourceorgid")
    if caller.account == place.account and organization and own and organization != own:
        yield "one account in two organizations"
    source = given.get("aws:sourceaccount")
    arn = given.get("aws:sourcearn", ("",))[0].split(":")
    if source and len(arn) > 5 and arn[4] and arn[4] != source[0]:
        yield "aws:SourceArn of another account than aws:SourceAccount"
    sources = {each for each in (source and source[0], len(arn) > 5 and arn[4]) if each}
    in_one = given.get("aws:sourceorgid")
    if place.account in sources and in_one and own and in_one != own:
        yield "one account in two organizations"


def _of_ids(given: dict[str, Any], caller: Caller, expected: dict[str, Values]) -> Iterator[str]:
    arn = given.get("aws:principalarn", ("",))[0]
    if arn and caller.kind == "session":
        wanted = f"arn:{caller.partition}:iam::{caller.account}:role/"
        if not arn.startswith(wanted) or not arn.endswith(f"/{caller.name}"):
            yield "aws:PrincipalArn of another than the caller"
    elif arn and arn != (expected.get("aws:principalarn") or ("",))[0]:
        yield "aws:PrincipalArn of another than the caller"
    userid = given.get("aws:userid", ("",))[0]
    if not userid or not caller.account:
        return
    if caller.kind == "user":
        agrees = _ID_OF_USER.fullmatch(userid) is not None
    elif caller.kind in ("role", "session"):
        match = _ID_OF_SESSION.fullmatch(userid)
        agrees = match is not None and caller.session in ("", match[1])
    else:
        agrees = (userid,) == expected["aws:userid"]
    if not agrees:
        yield "aws:userid that such a caller cannot have"


def _of_where_from(given: dict[str, Any]) -> Iterator[str]:
    if "aws:sourceip" in given and any(key in given for key in VPC_KEYS):
        yield "aws:SourceIp together with a VPC"
    for key in ("aws:sourceip", "aws:vpcsourceip"):
        for value in given.get(key, ()):
            if not _is_address(value):
                yield f"{key} with a value that it cannot have"
    if "aws:multifactorauthage" in given and given.get("aws:multifactorauthpresent") == ("false",):
        yield "an age of MFA without MFA"
    via = given.get("aws:calledvia")
    if via and given.get("aws:viaawsservice") == ("false",):
        yield "aws:CalledVia without aws:ViaAWSService"
    if via and given.get("aws:calledviafirst", via[:1]) != via[:1]:
        yield "aws:CalledViaFirst that is not the first"
    if via and given.get("aws:calledvialast", via[-1:]) != via[-1:]:
        yield "aws:CalledViaLast that is not the last"


def _of_when(given: dict[str, Any]) -> Iterator[str]:
    now, epoch = given.get("aws:currenttime"), given.get("aws:epochtime")
    moment = parse_moment(now[0]) if now else None
    if now and epoch and (moment is None or str(int(moment.timestamp())) != epoch[0]):
        yield "aws:CurrentTime and aws:EpochTime at different times"
    issued = parse_moment(given.get("aws:tokenissuetime", ("",))[0])
    if issued and moment and issued > moment:
        yield "a token of the future"


def _of_tags(given: dict[str, Any]) -> Iterator[str]:
    for key, values in given.items():
        if key.startswith("aws:resourcetag/") and given.get(f"ecr{key[3:]}", values) != values:
            yield "one tag of the resource with two values"
    names = {each.lower() for each in given.get("aws:tagkeys", ())}
    tag = "aws:requesttag/"
    if names and any(key.startswith(tag) and key.removeprefix(tag) not in names for key in given):
        yield "aws:TagKeys without a tag of the request"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
