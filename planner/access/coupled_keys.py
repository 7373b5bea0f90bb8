"""Condition keys whose values depend on each other, solved together.

A request comes over the internet or through a VPC; an age of MFA is that of a session with
MFA; two keys tell one time; the path of an organizational unit begins with its organization.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from planner.access.key_domain import KeyDomain
from planner.access.key_solver import (
    Literal,
    Values,
    around,
    date_text,
    is_of_every,
    satisfies,
    solve_element,
    solve_key,
)
from planner.access.texts import UndecidedError, find
from planner.access.variables import glob_tokens, in_fields
from planner.automata.automaton import Budget, Tokens
from planner.automata.regex import regex

Wishes = Mapping[str, Sequence[Literal]]
"""What is wanted of each key."""
Found = dict[str, Values]

_NETWORK = ("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip")
_OF_VPC = (*_NETWORK, "aws:sourcevpcarn", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths")
_MFA, _MFA_AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"
_NOW, _EPOCH, _ISSUED = "aws:currenttime", "aws:epochtime", "aws:tokenissuetime"
_VIA, _CALLED = "aws:viaawsservice", "aws:calledvia"
_FIRST, _LAST = f"{_CALLED}first", f"{_CALLED}last"
_TAG, _TAG_KEYS = "aws:requesttag/", "aws:tagkeys"
_SOURCE, _SOURCE_ARN = "aws:sourceaccount", "aws:sourcearn"
_ORGANIZATIONS = ("principalorg", "resourceorg", "sourceorg")
_GROUPS = {
    **dict.fromkeys(("aws:sourceip", *_OF_VPC), "network"),
    **dict.fromkeys((_MFA, _MFA_AGE), "mfa"),
    **dict.fromkeys((_NOW, _EPOCH, _ISSUED), "time"),
    **dict.fromkeys((_VIA, _CALLED, _FIRST, _LAST), "via"),
    **dict.fromkeys((_SOURCE, _SOURCE_ARN), "source"),
    **{f"aws:{whose}{part}": whose for whose in _ORGANIZATIONS for part in ("id", "paths")},
    _TAG_KEYS: "tags",
}


def group_of(key: str) -> str:
    """The group of keys that a key is solved with; the key itself where it stands alone."""
    return "tags" if key.startswith(_TAG) else _GROUPS.get(key, key)


@dataclass(frozen=True, slots=True)
class Coupled:
    """What is wanted of the keys of a group, and the values that they can have."""

    wishes: Wishes
    domain: Callable[[str], KeyDomain]
    budget: Budget

    def solve(self, group: str) -> Found | None:
        """Values of the keys that are wanted, and of those that these entail; None for none.

        Raises UndecidedError and BudgetError.
        """
        if group in _ORGANIZATIONS:
            return _organization(self, f"aws:{group}id", f"aws:{group}paths")
        special = _SOLVERS.get(group)
        if special is not None:
            return special(self)
        found = self.values(group)
        return None if found is None else {group: found}

    def values(self, key: str, domain: KeyDomain | None = None) -> Values | None:
        """Values of one key, of a domain of its own."""
        return solve_key(key, self.wishes.get(key, ()), domain or self.domain(key), self.budget)

    def in_modes(self, modes: Iterable[Mapping[str, KeyDomain]]) -> Found | None:
        """The first of some modes, each a domain of each key, in which all are as wanted."""
        undecided = ""
        for mode in modes:
            found: Found = {}
            try:
                for key, domain in mode.items():
                    values = self.values(key, domain) if self.is_possible(domain) else None
                    if values is None:
                        break
                    found[key] = values
                else:
                    return {key: each for key, each in found.items() if each}
            except UndecidedError as error:
                undecided = str(error)
        if undecided:
            raise UndecidedError(undecided)
        return None

    def is_possible(self, domain: KeyDomain) -> bool:
        """Whether the key can be there or missing."""
        return domain.may_exist or domain.may_be_missing

    def asked(self, keys: Iterable[str]) -> list[str]:
        """Those of the keys of which something is wanted."""
        return [key for key in keys if self.wishes.get(key)]


def _exact(domain: KeyDomain, text: str) -> KeyDomain:
    return replace(domain.present(), expression=text) if domain.may_exist else domain.present()


def _network(coupled: Coupled) -> Found | None:
    """Over the internet there is an address, through a VPC the keys of the VPC."""
    address = coupled.domain("aws:sourceip")
    base = {key: coupled.domain(key) for key in coupled.asked(_OF_VPC)}
    absent = {key: each.missing() for key, each in base.items()}
    internet = {"aws:sourceip": address.present(), **absent}
    private = {key: each.present() if key in _NETWORK else each for key, each in base.items()}
    endpoint = coupled.domain("aws:sourcevpce").present()
    within = {"aws:sourceip": address.missing(), **private, "aws:sourcevpce": endpoint}
    if not coupled.asked(("aws:sourceip",)):
        return coupled.in_modes((absent, private))
    return coupled.in_modes((internet, within))


def _mfa(coupled: Coupled) -> Found | None:
    """Only with MFA there is an age of it."""
    present, age = coupled.domain(_MFA), coupled.domain(_MFA_AGE)
    return coupled.in_modes(
        (
            {_MFA: present.missing(), _MFA_AGE: age.missing()},
            {_MFA: _exact(present, "false"), _MFA_AGE: age.missing()},
            {_MFA: _exact(present, "true"), _MFA_AGE: age},
        )
    )


def _via(coupled: Coupled) -> Found | None:
    """A call that was made by services names the first and the last of them."""
    via = coupled.domain(_VIA)
    asked = coupled.asked((_CALLED, _FIRST, _LAST))
    direct = {key: coupled.domain(key).missing() for key in asked}
    found = coupled.in_modes(({**direct, _VIA: via},))
    if found is not None or not asked or coupled.values(_VIA, _exact(via, "true")) is None:
        return found
    each = {key: coupled.values(key, coupled.domain(key).present()) for key in asked}
    if None in each.values():
        return None
    chain, first, last = (each.get(key) or () for key in (_CALLED, _FIRST, _LAST))
    for calls in ((*first, *chain, *last), chain, (*first, *last), (*first, *chain)):
        context = {_VIA: ("true",), _CALLED: calls, _FIRST: calls[:1], _LAST: calls[-1:]}
        if calls and all(satisfies(wanted, context) for wanted in coupled.wishes.values()):
            return context
    raise UndecidedError("the services that a call came through depend on each other")


def _time(coupled: Coupled) -> Found | None:
    """The two keys of the time agree, and a token was issued before it."""
    tests = [test for wanted in coupled.wishes.values() for test, _ in wanted]
    numbers = {each.number for test in tests for each in test.values if each.number is not None}
    usual = Decimal(1_893_456_000)
    moments = [usual, *around({*numbers, usual}, Decimal(86_400))]
    for now in (each for each in moments if each == each.to_integral_value()):
        coupled.budget.spend()
        found = {_NOW: (date_text(now),), _EPOCH: (str(int(now)),)}
        asked = coupled.asked((_NOW, _EPOCH))
        if not all(coupled.domain(key).admits(*found[key]) for key in asked):
            continue
        if all(satisfies(coupled.wishes[key], found) for key in asked):
            issued = _issued(coupled, now, moments)
            if issued is not None:
                return {**{key: found[key] for key in asked}, **issued}
    if any(test.is_textual for test in tests):
        raise UndecidedError("a time is compared as a text")
    return None


def _issued(coupled: Coupled, now: Decimal, moments: Sequence[Decimal]) -> Found | None:
    wanted = coupled.wishes.get(_ISSUED)
    if not wanted:
        return {}
    domain = coupled.domain(_ISSUED)
    if domain.may_be_missing and satisfies(wanted, {}):
        return {}
    for moment in (now, *(each for each in moments if each < now)):
        text = date_text(moment)
        if domain.may_exist and domain.admits(text) and satisfies(wanted, {_ISSUED: (text,)}):
            return {_ISSUED: (text,), _NOW: (date_text(now),)}
    return None


def _organization(coupled: Coupled, identifier: str, paths: str) -> Found | None:
    """Who is in an organization has its id and a path that begins with it."""
    if not coupled.asked((paths,)):
        found = coupled.values(identifier)
        return None if found is None else {identifier: found} if found else {}
    domains = {identifier: coupled.domain(identifier), paths: coupled.domain(paths)}
    nowhere = {key: each.missing() for key, each in domains.items()}
    if domains[identifier].may_be_missing and coupled.in_modes((nowhere,)) is not None:
        return {}
    if not all(each.may_exist for each in domains.values()):
        return None
    wanted = {key: coupled.wishes.get(key, ()) for key in domains}
    nulls = [each for key in domains for each in wanted[key] if each[0].operator.is_null]
    there: Found = {identifier: ("o-exampleorgid",), paths: ("o-exampleorgid/r-ab12/",)}
    if not satisfies(nulls, there):
        return None
    texts = {key: [e for e in wanted[key] if not e[0].operator.is_null] for key in domains}
    musts, nots = _unions((t.patterns, want != t.row.negated) for t, want in texts[paths])
    more, fewer = _unions(
        (tuple((*each, *_SLASH) for each in t.patterns), want != t.row.negated)
        for t, want in texts[identifier]
    )
    excluded = [(*each, *_SLASH) for each in domains[identifier].nots]
    form = domains[paths].form
    forms = [form] if form else []
    symbols = find([*musts, *more], [*nots, *fewer, *excluded], coupled.budget, forms)
    if symbols is None:
        return None
    path = "".join(symbols)
    there = {identifier: (path.partition("/")[0],), paths: (path,)}
    if all(satisfies(wanted, there) for wanted in coupled.wishes.values()):
        return there
    raise UndecidedError("an organization and its paths depend on each other")


_SLASH = glob_tokens("/*", variables=False)


def _unions(
    wishes: Iterable[tuple[tuple[Tokens, ...], bool]],
) -> tuple[list[Sequence[Tokens]], list[Tokens]]:
    """What a text must match, each a union, and what it must not."""
    musts: list[Sequence[Tokens]] = []
    nots: list[Tokens] = []
    for patterns, want in wishes:
        if want:
            musts.append(patterns)
        else:
            nots.extend(patterns)
    return musts, nots


def _source(coupled: Coupled) -> Found | None:
    """The ARN of a source names its account, if it names one."""
    account, arn = coupled.domain(_SOURCE), coupled.domain(_SOURCE_ARN)
    if len(coupled.asked((_SOURCE, _SOURCE_ARN))) < 2:  # noqa: PLR2004 (both)
        return coupled.in_modes(({key: coupled.domain(key) for key in coupled.wishes},))
    found = coupled.in_modes(({_SOURCE: account, _SOURCE_ARN: arn.missing()},))
    if found is not None or not arn.may_exist:
        return found
    nulls = [each for each in coupled.wishes[_SOURCE] if each[0].operator.is_null]
    if satisfies(nulls, {_SOURCE: ("111122223333",)}):
        tests = [each for each in coupled.wishes[_SOURCE] if not each[0].operator.is_null]
        of_arn = [each for each in coupled.wishes[_SOURCE_ARN] if not each[0].operator.is_null]
        musts, nots = _unions(
            (tuple(map(_in_arn, t.patterns)), want != t.row.negated) for t, want in tests
        )
        more, fewer = _unions((t.patterns, want != t.row.negated) for t, want in of_arn)
        form = regex(r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:[!-~]+")
        symbols = find([*musts, *more], [*nots, *fewer], coupled.budget, [form])
        if symbols is not None:
            text = "".join(symbols)
            both: Found = {_SOURCE: (text.split(":")[4],), _SOURCE_ARN: (text,)}
            if all(satisfies(wanted, both) for wanted in coupled.wishes.values()):
                return both
    nobodys = replace(arn.present(), expression=r"arn:[a-z-]+:[a-z0-9-]+:[a-z0-9-]*::[!-~]+")
    return coupled.in_modes(({_SOURCE: account, _SOURCE_ARN: nobodys},))


def _in_arn(account: Tokens) -> Tokens:
    """A pattern of accounts as one of the ARNs that are in them."""
    return (*in_fields(glob_tokens("arn:*:*:*:", variables=False)), *in_fields(account), *_REST)


_REST = glob_tokens(":*", variables=False)


def _tags(coupled: Coupled) -> Found | None:
    """The keys of the tags in a request are in `aws:TagKeys`, and no others."""
    tags = [key for key in coupled.wishes if key.startswith(_TAG)]
    keys = coupled.domain(_TAG_KEYS)
    undecided = ""
    for chosen in itertools.product((False, True), repeat=len(tags)):
        there = [key for key, is_there in zip(tags, chosen, strict=True) if is_there]
        domains = {
            key: coupled.domain(key).present() if key in there else coupled.domain(key).missing()
            for key in tags
        }
        try:
            found = coupled.in_modes((domains,))
            named = _named_tags(coupled, keys, tags, there) if found is not None else None
        except UndecidedError as error:
            undecided = str(error)
            continue
        if found is not None and named is not None:
            return {**found, **({_TAG_KEYS: named} if named else {})}
    if undecided:
        raise UndecidedError(undecided)
    return None


def _named_tags(
    coupled: Coupled, keys: KeyDomain, tags: Sequence[str], there: Sequence[str]
) -> Values | None:
    """Values of `aws:TagKeys` with the tags that are there and none of the others asked for."""
    names = tuple(key.removeprefix(_TAG) for key in there)
    wanted = coupled.wishes.get(_TAG_KEYS, ())
    if not wanted:
        return names
    if names and not keys.may_exist:
        return None
    of_all = [(t, want) for t, want in wanted if is_of_every(t, want=want)]
    if not all(satisfies(of_all, {_TAG_KEYS: (name,)}) for name in names):
        return None
    others = (key.removeprefix(_TAG) for key in tags if key not in there)
    absent = tuple(glob_tokens(each, variables=False) for each in others)
    domain = replace(keys, nots=(*keys.nots, *absent))
    if names and satisfies(wanted, {_TAG_KEYS: names}):
        return names
    found = solve_key(_TAG_KEYS, wanted, domain.present() if names else domain, coupled.budget)
    if not names or found is None:
        return found
    joined = tuple(dict.fromkeys((*names, *found)))
    if satisfies(wanted, {_TAG_KEYS: joined}):
        return joined
    if solve_element([(t, w) for t, w in wanted if t.patterns], domain, coupled.budget) is None:
        return None
    raise UndecidedError("the tags of a request depend on each other")


_SOLVERS: dict[str, Callable[[Coupled], Found | None]] = {
    "network": _network,
    "mfa": _mfa,
    "via": _via,
    "time": _time,
    "source": _source,
    "tags": _tags,
}
