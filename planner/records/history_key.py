"""Where a state keeps what it was: `history/ACCOUNT/REGION/SERIAL-DIGEST.json`.

Each document there is a snapshot that another has followed, as it stood. The digest is of its
bytes, so what is written once is never written again.
"""

from __future__ import annotations

import hashlib
import re

from planner.registry import Registry

FOLDER = "history/"
"""What the keys of all histories begin with. Those of registries sort before it."""
_DIGITS = 16
_NAME = re.compile(rf"([1-9][0-9]{{0,15}})-[0-9a-f]{{{_DIGITS}}}\.json")


def history_key(registry: Registry, serial: int, data: bytes) -> str:
    """Where the snapshot document `data` is kept.

    >>> history_key(Registry("aws", "444455556666", "us-west-2"), 7, b"{}")
    'history/444455556666/us-west-2/7-44136fa355b3678a.json'
    """
    return f"{FOLDER}{registry}/{serial}-{hashlib.sha256(data).hexdigest()[:_DIGITS]}.json"


def serial_in(key: str, registry: Registry) -> int:
    """The serial that a key of the registry's history names. Raises ValueError for another key.

    >>> here = Registry("aws", "444455556666", "us-west-2")
    >>> serial_in("history/444455556666/us-west-2/7-44136fa355b3678a.json", here)
    7
    """
    folder = f"{FOLDER}{registry}/"
    name = _NAME.fullmatch(key.removeprefix(folder))
    if name is None or not key.startswith(folder):
        raise ValueError("no key of this history")
    return int(name[1])
