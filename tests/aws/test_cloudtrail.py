"""Who wrote the policy, asked of the sandbox's CloudTrail by real boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from planner.aws.cloudtrail import CloudTrail
from planner.aws.session import Connection
from planner.config.settings import Endpoint
from planner.errors import PlannerError
from planner.ports import TrailEvents
from tests.support.account import REGION, Account
from tests.support.faults import Proxy, proxy_to
from tests.support.policies import document, statement

THROTTLING = (400, json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"}))
DENIED = (400, json.dumps({"__type": "AccessDeniedException", "message": "{authorization}"}))
SECRET = "secret-of-the-test"


class Timer:
    """A clock whose pauses take no time and are counted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def proxy(sandbox_url: str) -> Iterator[Proxy]:
    with proxy_to(sandbox_url) as running:
        yield running


@pytest.fixture
def here(account: Account, monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account whose credentials are those of the environment."""
    for name, value in account.environment.items():
        if name != "AWS_ENDPOINT_URL":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return account


def asked(
    url: str, since: timedelta = timedelta(days=1), timer: Timer | None = None
) -> TrailEvents:
    trail = CloudTrail(Connection(REGION, endpoint=Endpoint(url)), timer or Timer())
    return trail.writes(datetime.now(UTC) - since)


def test_who_wrote_what(here: Account) -> None:
    text = document(statement("A"))
    here.as_role("console").put(text)
    with pytest.raises(ClientError):
        here.put("{}")
    here.client().delete_registry_policy()
    found = asked(here.url)
    assert found.is_complete
    put, deletion = found.events
    assert put.edit.by == "arn:aws:sts::444455556666:assumed-role/console/ci"
    assert (put.text, put.is_deletion, put.edit.source) == (text, False, "127.0.0.1")
    assert put.edit.at.endswith("Z")
    assert len(put.edit.id) == 36
    assert (deletion.text, deletion.is_deletion) == (None, True)
    assert deletion.edit.by == "arn:aws:iam::444455556666:user/moto"


def test_the_oldest_stands_first(here: Account) -> None:
    for sid in "ABC":
        here.put(document(statement(sid)))
    texts = [each.text for each in asked(here.url).events]
    assert texts == [document(statement(sid)) for sid in "ABC"]


def test_more_than_is_kept(here: Account) -> None:
    assert not asked(here.url, timedelta(days=91)).is_complete


def test_calls_are_apart_and_throttling_is_waited_for(here: Account, proxy: Proxy) -> None:
    timer = Timer()
    proxy.fail("LookupEvents", answer=THROTTLING, times=2)
    here.put(document(statement("A")))
    assert len(asked(proxy.url, timer=timer).events) == 1
    assert timer.slept == [0.5, 1.0, 0.5, 2.0, 0.5, 0.5]


def test_endless_throttling_ends(here: Account, proxy: Proxy) -> None:
    proxy.fail("LookupEvents", answer=THROTTLING)
    with pytest.raises(PlannerError, match="ask CloudTrail") as caught:
        asked(proxy.url)
    assert "throttling" in caught.value.detail
    assert proxy.log.count("LookupEvents") == 4


def test_the_permission_that_is_missing_is_named(here: Account, proxy: Proxy) -> None:
    proxy.fail("LookupEvents", answer=DENIED)
    with pytest.raises(PlannerError) as caught:
        asked(proxy.url)
    assert "cloudtrail:LookupEvents" in caught.value.detail
    assert SECRET not in str(vars(caught.value))


def test_pages_end(here: Account, proxy: Proxy) -> None:
    page = (200, json.dumps({"Events": [], "NextToken": "more"}))
    proxy.fail("LookupEvents", answer=page)
    found = asked(proxy.url)
    assert (found.events, found.is_complete) == ((), False)
    assert proxy.log.count("LookupEvents") == 20


def event(record: Any, **more: Any) -> str:
    known = {"EventId": "an-id", "EventTime": 1_700_000_000, "Username": "jane", **more}
    return json.dumps({"Events": [{**known, "CloudTrailEvent": record}]})


def told(here: Account, proxy: Proxy, answer: str) -> TrailEvents:
    proxy.fail("LookupEvents", answer=(200, answer), times=1)
    proxy.fail("LookupEvents", answer=(200, json.dumps({"Events": []})))
    return asked(proxy.url)


@pytest.mark.parametrize(
    ("identity", "by"),
    [
        (
            {"type": "Root", "arn": "arn:aws:iam::444455556666:root"},
            "arn:aws:iam::444455556666:root",
        ),
        ({"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"}, "cloudformation."),
        ({"principalId": "AROAIDPPEZS35WEXAMPLE:x"}, "AROAIDPPEZS35WEXAMPLE:x"),
        ({}, "jane"),
        (None, "jane"),
        ({"arn": "a\u202eb\x1b[2K" + 500 * "x"}, r"a\u202eb\u001b[2Kxxx"),
        ({"arn": 7}, ""),
    ],
)
def test_callers(here: Account, proxy: Proxy, identity: Any, by: str) -> None:
    record = {"eventSource": "ecr.amazonaws.com", "userIdentity": identity}
    (found,) = told(here, proxy, event(json.dumps(record))).events
    assert found.edit.by.startswith(by)
    assert len(found.edit.by) < 250
    assert found.text is None


@pytest.mark.parametrize(
    "sent",
    [None, "text", {}, {"policyText": {"Statement": []}}, {"policyText": None}],
)
def test_an_event_need_not_hold_the_text(here: Account, proxy: Proxy, sent: Any) -> None:
    record = {"eventSource": "ecr.amazonaws.com", "requestParameters": sent}
    (found,) = told(here, proxy, event(json.dumps(record))).events
    assert found.text is None


def test_a_secret_is_not_shown(here: Account, proxy: Proxy) -> None:
    identity = {"arn": f"arn:aws:iam::444455556666:user/{SECRET}"}
    record = {"eventSource": "ecr.amazonaws.com", "userIdentity": identity}
    (found,) = told(here, proxy, event(json.dumps(record))).events
    assert SECRET not in found.edit.by


def test_the_key_of_the_caller_may_stand_in_an_event(
    here: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = here.as_role("planner")
    role.put(document(statement("A")))
    for name, value in role.session.items():
        monkeypatch.setenv(name, value)
    assert len(asked(here.url).events) == 1


@pytest.mark.parametrize(
    "answer",
    [
        "<html>",
        json.dumps({"Events": "none"}),
        json.dumps({"Events": [7]}),
        json.dumps({}),
        event("{"),
        event("[]"),
        event(100 * "[" + 100 * "]"),
        json.dumps({"Events": [{"CloudTrailEvent": '{"eventSource": "ecr.amazonaws.com"}'}]}),
        event('{"eventSource": "ecr.amazonaws.com"}', EventTime="soon"),
    ],
)
def test_what_is_no_answer_of_aws(here: Account, proxy: Proxy, answer: str) -> None:
    proxy.fail("LookupEvents", answer=(200, answer))
    with pytest.raises(PlannerError, match="ask CloudTrail"):
        asked(proxy.url)


def test_an_event_of_another_service_is_none(here: Account, proxy: Proxy) -> None:
    assert told(here, proxy, event('{"eventSource": "iam.amazonaws.com"}')).events == ()
