"""What no message may show: the credentials that calls are made with, and what they signed.

An endpoint that answers with what it was sent would bring them into the log of a CI job.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.parsers import ResponseParserError

from planner.registry import ACCOUNT_ID

_SHORTEST = 8
"""Characters of the shortest secret; `test`, which local stand-ins take, is none."""
_ECHOED = 16
"""Characters of the shortest secret that no answer has by chance, in a policy for one."""
_PIECE = 12
"""So many characters in a row of a secret are too many to show."""
_SIGNED = re.compile(r"Credential=([^/,\s]+)|Signature=([0-9a-fA-F]+)")


class Secrets:
    """The secrets of one session, learnt from the calls as they are sent."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def watch(self, events: Any) -> None:
        """Learns from each call of these clients, and hides what an error repeats of it."""
        events.register("before-send", self._sent)
        events.register("after-call", self._answered)

    def learn(self, values: Iterable[str | None]) -> None:
        """Adds secrets. The sandbox takes account ids for access keys: they are none."""
        self._known.update(
            each
            for each in values
            if each and len(each) >= _SHORTEST and not ACCOUNT_ID.fullmatch(each)
        )

    def shown(self, text: str) -> str:
        """The text, if it repeats nothing of a secret, not in pieces either."""
        joined = "".join(text.split())
        if any(piece in joined for secret in self._known for piece in _pieces(secret)):
            return "(not shown: it repeats credentials)"
        return text

    def refuse_echo(self, parsed: Any, **_: Any) -> None:
        """Raises ResponseParserError where an answer that is no error has a whole secret in it."""
        if "Error" in parsed:
            return
        content = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        known = [secret for secret in self._known if len(secret) >= _ECHOED]
        if any(secret in text for text in _texts(content) for secret in known):
            raise ResponseParserError("the answer repeats credentials")

    def _sent(self, request: Any, **_: Any) -> None:
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        signed = _SIGNED.findall(headers.get("authorization", ""))
        self.learn([headers.get("x-amz-security-token"), *(each for one in signed for each in one)])

    def _answered(self, parsed: Any, **_: Any) -> None:
        error = parsed.get("Error")
        if isinstance(error, dict):
            for name in ("Code", "Message"):
                if isinstance(error.get(name), str):
                    error[name] = self.shown(error[name])


def _pieces(secret: str) -> Iterable[str]:
    if len(secret) <= _PIECE:
        return (secret,)
    return (secret[start : start + _PIECE] for start in range(len(secret) - _PIECE + 1))


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
