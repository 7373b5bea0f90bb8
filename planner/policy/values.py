"""The values of conditions, each read as its operator reads it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
What is malformed is a value too: it says why, and what it matches is not known.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from planner.policy.operators import ValueType
from planner.policy.variables import malformed_variable
from planner.text import fold

if TYPE_CHECKING:  # most policies have no number and no address: nobody waits for these two
    from decimal import Decimal
    from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_SPACE = " \t\r\n"
_NUMBER = r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})"
_YEAR = r"[0-9]{4}"
_DATE = (
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
    r")?)?"
)
_NETWORK = r"[0-9A-Fa-f.:]+(?:/[0-9]{1,3})?"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ARN_FIELDS = 6


@dataclass(frozen=True, slots=True)
class ConditionValue:
    """One value of a condition, as text and as its type reads it.

    `number` is a number, or the seconds since 1970 of a date; `network` an address or a range;
    `boolean` what a Bool says. `malformed` says why the value is none of its type; then
    `undocumented` tells whether AWS does not say what such a value matches, rather than that
    it matches nothing.
    """

    text: str
    type: ValueType
    number: Decimal | None = field(default=None, compare=False)
    network: IPv4Network | IPv6Network | None = field(default=None, compare=False)
    boolean: bool | None = field(default=None, compare=False)
    malformed: str = field(default="", compare=False)
    undocumented: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return self.text


class _Meaning(NamedTuple):
    """What a text is to one type, in the words of `ConditionValue`."""

    number: Decimal | None = None
    network: IPv4Network | IPv6Network | None = None
    boolean: bool | None = None
    malformed: str = ""
    undocumented: bool = False


@lru_cache(maxsize=16_384)
def parse_value(kind: ValueType, text: str) -> ConditionValue:
    """The text as a value of this type.

    >>> parse_value("Numeric", ".5").number
    Decimal('0.5')
    >>> parse_value("Date", "2020-01").number
    Decimal('1577836800')
    >>> parse_value("Date", "2020-W01").malformed
    "'2020-W01' is no date: write one as 2026-01-31T00:00:00Z"
    >>> parse_value("IpAddress", "203.0.113.5/24").network
    IPv4Network('203.0.113.0/24')
    """
    return ConditionValue(text, kind, *_MEANINGS[kind](text))


def _string(text: str) -> _Meaning:
    return _Meaning(malformed=malformed_variable(text))


def _number(text: str) -> _Meaning:
    number = _number_of(text)
    if number is None:
        return _Meaning(malformed=f"'{text}' is no number of at most 40 digits")
    return _Meaning(number)


def _number_of(text: str) -> Decimal | None:
    from decimal import Decimal  # noqa: PLC0415

    bare = text.strip(_SPACE)
    return Decimal(bare) if re.fullmatch(_NUMBER, bare) else None


def _date(text: str) -> _Meaning:
    """The date formats of W3C, and seconds since 1970; four digits are a year.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
    https://www.w3.org/TR/NOTE-datetime
    A time without a zone is taken for UTC.
    """
    number = None if re.fullmatch(_YEAR, text.strip(_SPACE)) else _number_of(text)
    number = _seconds(text) if number is None else number
    if number is None:
        return _Meaning(malformed=f"'{text}' is no date: write one as 2026-01-31T00:00:00Z")
    return _Meaning(number)


def _seconds(text: str) -> Decimal | None:
    from decimal import Decimal  # noqa: PLC0415

    match = re.fullmatch(_DATE, text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        date = datetime(
            int(year),
            int(month or 1),
            int(day or 1),
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            tzinfo=_zone(zone),
        )
    except ValueError:
        return None
    since = date - _EPOCH
    whole = Decimal(since.days * 86_400 + since.seconds)
    return whole + Decimal(f"0.{fraction}") if fraction else whole


def _zone(zone: str | None) -> timezone:
    """Raises ValueError for an offset of a day or more."""
    if zone is None or zone == "Z":
        return UTC
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if minutes >= 60:  # noqa: PLR2004 (minutes of an hour)
        raise ValueError(zone)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if zone[0] == "-" else offset)


def _bool(text: str) -> _Meaning:
    known = {"true": True, "false": False}.get(fold(text))
    if known is None:
        return _Meaning(malformed=f"'{text}' is neither true nor false")
    return _Meaning(boolean=known)


def _binary(text: str) -> _Meaning:
    try:
        binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return _Meaning(malformed=f"'{text}' is no Base64 text")
    return _Meaning()


def _network(text: str) -> _Meaning:
    """An address or a range in CIDR notation; bits after the prefix do not count."""
    from ipaddress import ip_network  # noqa: PLC0415

    try:
        network = ip_network(text, strict=False) if re.fullmatch(_NETWORK, text) else None
    except ValueError:
        network = None
    if network is None:
        return _Meaning(malformed=f"'{text}' is no IP address or CIDR block")
    return _Meaning(network=network)


def _arn(text: str) -> _Meaning:
    """A pattern of ARNs, each of whose six parts is compared by itself.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    if fault := malformed_variable(text):
        return _Meaning(malformed=fault)
    fields = _colons_of_variables_hidden(text).split(":", _ARN_FIELDS - 1)
    if "${" not in fields[0] and not _may_be_arn(fields[0]):
        return _Meaning(malformed=f"'{text}' is no ARN")
    if len(fields) < _ARN_FIELDS:
        what = f"'{text}' has fewer than the six parts of an ARN, and AWS does not say"
        return _Meaning(malformed=f"{what} what it matches", undocumented=True)
    return _Meaning()


def _colons_of_variables_hidden(text: str) -> str:
    return re.sub(r"\$\{[^{}]*\}", "${}", text)


def _may_be_arn(first: str) -> bool:
    """Whether some text `arn` matches the first part of a pattern."""
    form = re.escape(first).replace(r"\*", ".*").replace(r"\?", ".")
    return bool(re.fullmatch(form, "arn"))


_MEANINGS: dict[ValueType, Callable[[str], _Meaning]] = {
    "String": _string,
    "Numeric": _number,
    "Date": _date,
    "Bool": _bool,
    "Binary": _binary,
    "IpAddress": _network,
    "Arn": _arn,
}


@lru_cache(maxsize=4096)
def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address of a request, or None where the text is none."""
    from ipaddress import ip_address  # noqa: PLC0415

    try:
        return ip_address(text)
    except ValueError:
        return None
