"""Points in time as planner writes them: UTC, to the second, `2026-11-23T22:37:57Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?Z?)?", re.ASCII)
_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|)")
_SECONDS = {"s": 1, "": 1, "m": 60, "h": 3600}


def stamp(moment: datetime) -> str:
    """A point in time as text.

    >>> stamp(datetime(2026, 11, 23, 22, 37, 57, 999, tzinfo=UTC))
    '2026-11-23T22:37:57Z'
    """
    return moment.astimezone(UTC).strftime(_FORMAT)


def parse_stamp(text: str) -> datetime:
    """The point in time that `stamp` wrote. Raises ValueError.

    >>> parse_stamp("2026-11-23T22:37:57Z")
    datetime.datetime(2026, 11, 23, 22, 37, 57, tzinfo=datetime.timezone.utc)
    """
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)


def parse_moment(text: str) -> datetime:
    """A point in time as people write it, in UTC; a date alone is its end. Raises ValueError.

    >>> stamp(parse_moment("2026-11-25")), stamp(parse_moment("2026-11-25 14:30"))
    ('2026-11-25T23:59:59Z', '2026-11-25T14:30:00Z')
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    day, minute, second = match.groups()
    return parse_stamp(f"{day}T{minute or '23:59'}{second or (':00' if minute else ':59')}Z")


def parse_duration(text: str) -> timedelta:
    """`30s`, `5m`, `1h` or a bare number of seconds. Raises ValueError.

    >>> parse_duration("5m") == parse_duration("300") == timedelta(minutes=5)
    True
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return timedelta(seconds=int(match.group(1)) * _SECONDS[match.group(2)])
