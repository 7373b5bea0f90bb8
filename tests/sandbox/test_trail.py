"""CloudTrail in the sandbox, through real boto3."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.account import REGION, Account
from tests.support.policies import document, statement


def lookup(account: Account, name: str = "PutRegistryPolicy", **more: Any) -> dict[str, Any]:
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    found: dict[str, Any] = account.trail_client().lookup_events(
        LookupAttributes=[attribute], **more
    )
    return found


def records(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(each["CloudTrailEvent"]) for each in answer["Events"]]


def test_a_write_has_its_event(account: Account) -> None:
    text = document(statement("A"))
    account.put(text)
    account.client().delete_registry_policy()
    answer = lookup(account)
    (event,), (record,) = answer["Events"], records(answer)
    assert event["EventName"] == "PutRegistryPolicy"
    assert datetime.now(UTC) - event["EventTime"] < timedelta(minutes=5)
    assert record["requestParameters"] == {"policyText": text}
    assert record["userIdentity"]["arn"] == "arn:aws:iam::444455556666:user/moto"
    assert (record["awsRegion"], record["sourceIPAddress"]) == (REGION, "127.0.0.1")
    assert "errorCode" not in record
    (record,) = records(lookup(account, "DeleteRegistryPolicy"))
    assert record["requestParameters"] is None


def test_a_refused_attempt_is_among_them(account: Account) -> None:
    with pytest.raises(ClientError):
        account.put("{}")
    with pytest.raises(ClientError):
        account.client().delete_registry_policy()
    codes = [records(lookup(account, f"{name}RegistryPolicy")) for name in ("Put", "Delete")]
    assert [each["errorCode"] for (each,) in codes] == [
        "InvalidParameterException",
        "RegistryPolicyNotFoundException",
    ]


def test_a_session_has_its_role(account: Account) -> None:
    account.as_role("console").put(document(statement("A")))
    (record,) = records(lookup(account))
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == "arn:aws:sts::444455556666:assumed-role/console/ci"
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert issuer["arn"] == "arn:aws:iam::444455556666:role/console"


def test_pages_begin_with_the_newest(account: Account) -> None:
    sids = ["A", "B", "C"]
    for sid in sids:
        account.put(document(statement(sid)))
    first = lookup(account, MaxResults=2)
    second = lookup(account, MaxResults=2, NextToken=first["NextToken"])
    texts = [each["requestParameters"]["policyText"] for each in records(first) + records(second)]
    assert [json.loads(each)["Statement"][0]["Sid"] for each in texts] == sids[::-1]
    assert "NextToken" not in second


def test_a_range_of_time(account: Account) -> None:
    account.put(document(statement("A")))
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert len(lookup(account, StartTime=now - hour, EndTime=now + hour)["Events"]) == 1
    assert lookup(account, StartTime=now + hour)["Events"] == []
    assert lookup(account, EndTime=now - hour)["Events"] == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"MaxResults": 51}, "InvalidMaxResults"),
        ({"NextToken": "x"}, "InvalidNextToken"),
        (
            {"LookupAttributes": 2 * [{"AttributeKey": "EventName", "AttributeValue": "x"}]},
            "InvalidLookupAttributes",
        ),
    ],
)
def test_what_it_does_not_take(account: Account, more: dict[str, Any], code: str) -> None:
    client = account.trail_client()
    with pytest.raises(ClientError, match=code):
        client.lookup_events(**more)


def test_regions_and_accounts_are_separate(account: Account) -> None:
    account.put(document(statement("A")))
    assert account.trail_client("eu-west-1").lookup_events()["Events"] == []
    assert Account(account.url).trail_client().lookup_events()["Events"] == []
