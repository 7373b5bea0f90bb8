"""A stranger: a caller of an account that no policy names, in an organization of its own.

A stranger sets what its own account can set: the path and name of its ARN, its tags, its
session, its provider, its VPCs and endpoints, its addresses, its agent. It cannot set
somebody else's account, organization, VPC, endpoint, address or unique id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from planner.access.conditions import Test, parse_test
from planner.access.key_domain import KeyDomain
from planner.access.variables import arn_tokens, ignoring_case
from planner.automata.automaton import Tokens
from planner.policy.document import Statement, parse_condition
from planner.policy.keys import ConditionKey
from planner.policy.values import parse_value
from planner.registry import Registry

Network = IPv4Network | IPv6Network
_ORGANIZATIONS = (
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
)
_PROVIDER = "aws:federatedprovider"
_NAMED = (
    *_ORGANIZATIONS,
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:userid",
    _PROVIDER,
)
"""The keys whose values belong to somebody, where they name an account or an id."""
_OF_ACCOUNT = re.compile(r"arn(?::[^:$]*){3}:([0-9]{12}):.*")
"""An ARN, or a pattern of ARNs, of one account."""
_RESERVED = IPv6Network("::/3")
"""Addresses of no network of the internet, among them the forms of others' addresses of version 4:
https://www.iana.org/assignments/ipv6-address-space/ipv6-address-space.xhtml"""
_BROAD = {4: 8, 6: 32}
"""A range of a shorter prefix belongs to nobody:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
_OTHERS_ORGANIZATION = parse_test(
    parse_condition("StringNotEquals", "aws:ResourceOrgID", ("${aws:PrincipalOrgID}",)),
    variables=True,
)


@dataclass(frozen=True, slots=True)
class Stranger:
    """What a stranger cannot have: the values that statements name, by key in lower case.

    `networks` are the ranges of addresses that belong to somebody; `conditions` hold for every
    stranger.
    """

    named: tuple[tuple[str, tuple[Tokens, ...]], ...]
    networks: tuple[Network, ...]
    conditions: tuple[Test, ...]

    def domain(self, key: str, domain: KeyDomain) -> KeyDomain:
        """The values of a key that a stranger can have."""
        nots = dict(self.named).get(key, ())
        networks = self.networks if key == "aws:sourceip" else ()
        if not nots and not networks:
            return domain
        return replace(domain, nots=(*domain.nots, *nots), networks=networks)


def stranger_to(statements: Sequence[Statement], registry: Registry | None) -> Stranger:
    """The stranger to all that some statements name.

    Of a registry every key is known that belongs to somebody; of others' services planner does
    not know the keys, and takes what statements name for somebody's.
    """
    texts: dict[str, list[str]] = {}
    for one in statements:
        for condition in one.conditions:
            texts.setdefault(condition.key.folded, []).extend(condition.texts)
    organizations = sorted({each for key in _ORGANIZATIONS for each in _ids(texts.get(key, ()))})
    named: list[tuple[str, tuple[Tokens, ...]]] = []
    used = {each.key for one in statements for each in one.conditions}
    own = [] if registry else sorted(each.folded for each in used if _is_own(each))
    for key in dict.fromkeys((*_NAMED, *own)):
        patterns = organizations if key in _ORGANIZATIONS else list(_ids(texts.get(key, ()), key))
        if key.endswith("orgpaths"):
            patterns = [f"{each}/*" for each in patterns]
        if key == "aws:userid":
            patterns = [form for each in patterns for form in (each, f"{each}:*")]
        if patterns:
            named.append((key, tuple(map(_in_any_case, patterns))))
    ranges = (parse_value("IpAddress", each).network for each in texts.get("aws:sourceip", ()))
    relates = any("resourceorg" in each for key in texts for each in (key, *_folded(texts[key])))
    conditions = (_OTHERS_ORGANIZATION,) if relates else ()
    return Stranger(tuple(named), tuple(_owned(filter(None, ranges))), conditions)


def _is_own(key: ConditionKey) -> bool:
    """Whether the key is one of a service alone, which planner knows nothing of."""
    return not key.is_known and not key.folded.startswith("aws:")


def _folded(texts: Iterable[str]) -> Iterator[str]:
    return (each.lower() for each in texts)


def _ids(texts: Iterable[str], key: str = "") -> Iterator[str]:
    """The ids that texts name: all before a slash or colon, where there is no wildcard in it;
    of an ARN everything in its account. A provider without an account is everybody's.
    """
    for text in texts:
        first = text.partition("/")[0].partition(":")[0]
        if found := _OF_ACCOUNT.fullmatch(text):
            yield f"arn:*:*:*:{found[1]}:*"
        elif first not in ("", "arn") and key != _PROVIDER and not {"*", "?", "$"} & set(first):
            yield first


def _in_any_case(pattern: str) -> Tokens:
    """A pattern of what is the same in capitals, as accounts, organizations and ids are."""
    return ignoring_case(arn_tokens(pattern, variables=False))


def _owned(networks: Iterable[Network]) -> Iterator[Network]:
    """The ranges that belong to somebody: not the broad ones, nor many that together are broad."""
    narrow = [
        each
        for each in networks
        if each.prefixlen >= _BROAD[each.version]
        and not (isinstance(each, IPv6Network) and each.subnet_of(_RESERVED))
    ]
    four = list(collapse_addresses(each for each in narrow if isinstance(each, IPv4Network)))
    six = list(collapse_addresses(each for each in narrow if isinstance(each, IPv6Network)))
    if sum(each.num_addresses for each in four) <= 2 ** (32 - _BROAD[4]):
        yield from four
    if sum(each.num_addresses for each in six) <= 2 ** (128 - _BROAD[6]):
        yield from six
