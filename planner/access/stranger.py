"""A stranger: a caller of an account that no policy names, in an organization of its own.

A stranger sets what its own account can set: the path and name of its ARN, its tags, its
session, its provider, its VPCs and endpoints, its addresses, its agent. It cannot set
somebody else's account, organization, VPC, endpoint, address or unique id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from planner.access.conditions import Test, parse_test
from planner.access.key_domain import KeyDomain
from planner.access.variables import glob_tokens
from planner.automata.automaton import Tokens
from planner.policy.document import Condition, Statement, parse_condition
from planner.policy.values import parse_value

Network = IPv4Network | IPv6Network
_ORGANIZATIONS = (
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
)
_NAMED = (
    *_ORGANIZATIONS,
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:userid",
    "aws:sourceidentity",
)
"""The keys whose values belong to somebody."""
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


def stranger_to(statements: Sequence[Statement]) -> Stranger:
    """The stranger to all that some statements name."""
    texts: dict[str, list[str]] = {}
    for one in statements:
        for condition in one.conditions:
            texts.setdefault(condition.key.folded, []).extend(condition.texts)
    organizations = sorted({each for key in _ORGANIZATIONS for each in _ids(texts.get(key, ()))})
    named: list[tuple[str, tuple[Tokens, ...]]] = []
    own = (each.key.folded for one in statements for each in one.conditions if _is_own(each))
    for key in dict.fromkeys((*_NAMED, *own)):
        patterns = organizations if key in _ORGANIZATIONS else list(_ids(texts.get(key, ())))
        if key.endswith("orgpaths"):
            patterns = [f"{each}/*" for each in patterns]
        if key == "aws:userid":
            patterns = [form for each in patterns for form in (each, f"{each}:*")]
        if patterns:
            named.append((key, tuple(glob_tokens(each, variables=False) for each in patterns)))
    ranges = (parse_value("IpAddress", each).network for each in texts.get("aws:sourceip", ()))
    relates = any("resourceorg" in each for key in texts for each in (key, *_folded(texts[key])))
    conditions = (_OTHERS_ORGANIZATION,) if relates else ()
    return Stranger(tuple(named), tuple(_owned(filter(None, ranges))), conditions)


def _is_own(condition: Condition) -> bool:
    """Whether the key is one of a service alone, which planner knows nothing of."""
    return not condition.key.is_known and not condition.key.folded.startswith("aws:")


def _folded(texts: Iterable[str]) -> Iterator[str]:
    return (each.lower() for each in texts)


def _ids(texts: Iterable[str]) -> Iterator[str]:
    """The ids that texts name: all before a slash or colon, where there is no wildcard in it."""
    for text in texts:
        first = text if text.startswith("arn:") else text.partition("/")[0].partition(":")[0]
        if first and not {"*", "?", "$"} & set(first):
            yield first


def _owned(networks: Iterable[Network]) -> Iterator[Network]:
    """The ranges that belong to somebody: not the broad ones, nor many that together are broad."""
    narrow = [each for each in networks if each.prefixlen >= _BROAD[each.version]]
    four = list(collapse_addresses(each for each in narrow if isinstance(each, IPv4Network)))
    six = list(collapse_addresses(each for each in narrow if isinstance(each, IPv6Network)))
    if sum(each.num_addresses for each in four) <= 2 ** (32 - _BROAD[4]):
        yield from four
    if sum(each.num_addresses for each in six) <= 2 ** (128 - _BROAD[6]):
        yield from six
