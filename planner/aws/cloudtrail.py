"""Who wrote the registry policy, by CloudTrail's event history.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
The history goes back 90 days, for one Region, and needs no trail. It is asked by one attribute a
call and twice a second at the most, and an event is in it some minutes after its call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from planner.aws.failures import THROTTLED, code_of
from planner.aws.session import Connection, Session
from planner.diff.authors import Edit
from planner.ports import Clock, TrailEvent, TrailEvents
from planner.text import clean, json_value
from planner.times import stamp

KEPT = timedelta(days=90)
_NAMES = ("PutRegistryPolicy", "DeleteRegistryPolicy")
_PAGES = 10
"""So many pages are read for each name, of 50 events."""
_APART = 0.5
"""Seconds from one call to the next."""
_DELAYS = (1.0, 2.0, 4.0)
"""Seconds to wait before CloudTrail, which was throttling, is asked again."""
_LONGEST = 200
"""Characters that are shown of what CloudTrail says: an ARN of a session has fewer."""


class CloudTrail:
    """The event history of the account and Region of `connection`."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._session = Session(connection)
        self._clock = clock

    def writes(self, since: datetime) -> TrailEvents:
        """The writes of the registry policy that took effect, the oldest first.

        Raises PlannerError. Needs cloudtrail:LookupEvents.
        """
        found: list[tuple[datetime, TrailEvent]] = []
        is_complete = since >= self._clock.now() - KEPT
        doing = "ask CloudTrail who changed the policy"
        for name in _NAMES:
            with self._session.failures(doing, "cloudtrail:LookupEvents", self._client):
                pages, is_whole = self._pages(name, since)
                is_complete &= is_whole
                # The newest stand first: reversed, those of one second are in their order.
                for event in reversed(list(chain.from_iterable(pages))):
                    found += self._read(event, name)
        found.sort(key=lambda each: each[0])
        return TrailEvents(tuple(event for _, event in found), is_complete)

    @cached_property
    def _client(self) -> Any:
        return self._session.client("cloudtrail", once=True, names_keys=True)

    def _pages(self, name: str, since: datetime) -> tuple[list[list[dict[str, Any]]], bool]:
        """The events of this name in pages, and whether they are all."""
        asked: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
            "StartTime": since,
        }
        pages: list[list[dict[str, Any]]] = []
        while len(pages) < _PAGES:
            answer = self._patiently(lambda: self._client.lookup_events(**asked))
            pages.append(answer["Events"])
            if not answer.get("NextToken"):
                return pages, True
            asked["NextToken"] = answer["NextToken"]
        return pages, False

    def _patiently(self, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        for delay in _DELAYS:
            self._clock.sleep(_APART)
            try:
                return call()
            except ClientError as error:
                if code_of(error) not in THROTTLED:
                    raise
                self._clock.sleep(delay)
        return call()

    def _read(self, event: dict[str, Any], name: str) -> Iterator[tuple[datetime, TrailEvent]]:
        """When it happened, and the event; nothing for an attempt that changed nothing."""
        try:
            record = json_value(event["CloudTrailEvent"])
        except ValueError:
            raise ResponseParserError("an event is no JSON") from None
        if not isinstance(record, dict):
            raise ResponseParserError("an event is no object")
        if record.get("errorCode") or record.get("eventSource") != "ecr.amazonaws.com":
            return
        at = event["EventTime"].astimezone(UTC)
        sent = record.get("requestParameters")
        text = sent.get("policyText") if isinstance(sent, dict) else None
        edit = Edit(
            stamp(at),
            self._shown(_caller(record, event)),
            self._shown(record.get("sourceIPAddress")),
            self._shown(event.get("EventId")),
        )
        yield at, TrailEvent(edit, text if isinstance(text, str) else None, name == _NAMES[1])

    def _shown(self, value: object) -> str:
        text = value if isinstance(value, str) else ""
        return clean(self._session.shown(" ".join(text[:_LONGEST].split())))


def _caller(record: dict[str, Any], event: dict[str, Any]) -> object:
    """Who it was, by the best that there is: not every identity has an ARN.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    identity = record.get("userIdentity")
    known = identity if isinstance(identity, dict) else {}
    names = (known.get(each) for each in ("arn", "invokedBy", "principalId"))
    return next((each for each in names if each), event.get("Username") or "somebody unnamed")
