"""What values a condition key can have in the requests of one class of callers.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network

from planner.automata.automaton import Language, Tokens
from planner.automata.regex import Regex, regex
from planner.policy.keys import Key
from planner.policy.values import parse_address

UNDOCUMENTED = ("federated", "canonical")
"""Kinds of callers of whose keys IAM's documents say nothing."""


@dataclass(frozen=True, slots=True)
class KeyDomain:
    """The values that a key can have.

    `expression` is their form, empty for any text, and `addresses` tells whether they are such
    of the internet protocol; of them those are left out that match one of
    `nots` or are addresses in one of `networks`. A key may be missing, or there, or either.
    """

    expression: str = ""
    may_be_missing: bool = True
    may_exist: bool = True
    multivalued: bool = True
    addresses: bool = False
    nots: tuple[Tokens, ...] = field(default=())
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @property
    def form(self) -> Regex | None:
        """The form of the values as an automaton; None for any text."""
        return regex(self.expression) if self.expression else None

    def admits(self, value: str) -> bool:
        """Whether the key can have the value."""
        if self.addresses:
            address = parse_address(value)
            return address is not None and not any(address in each for each in self.networks)
        form = self.form
        if form is not None and not form.matches(value):
            return False
        return not (self.nots and Language(self.nots).accepts(value))

    def missing(self) -> KeyDomain:
        """The domain where the key is not there."""
        return replace(self, may_exist=False)

    def present(self) -> KeyDomain:
        """The domain where the key is there."""
        return replace(self, may_be_missing=False)


def domain_of(row: Key, kind: str, action: str | None) -> KeyDomain:
    """What the table says of a key, for one kind of callers and one action in lower case.

    `action` is None where nothing is known of it. What is not documented of a kind of caller
    may be so or not.
    """
    is_open = kind in UNDOCUMENTED
    held = not row.holders or kind in row.holders
    filled = not row.actions or action is None or action in map(str.lower, row.actions)
    always = row.name in _ALWAYS or kind in row.always_with
    always = always or (row.always and not is_open and kind != "service")
    return KeyDomain(
        expression=row.expression,
        may_be_missing=not always,
        may_exist=held and filled,
        multivalued=row.multivalued or not row.name.startswith("aws:"),
        addresses=row.types == ("IpAddress",),
    )


_ALWAYS = (
    "aws:CurrentTime",
    "aws:EpochTime",
    "aws:RequestedRegion",
    "aws:SecureTransport",
    "aws:UserAgent",
)
"""The keys that every request has, whoever sends it."""
