"""CloudTrail's LookupEvents, which moto does not have, for the registry policies of the sandbox.

What went through the sandbox is there at once; AWS's own is minutes late.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.responses import ActionResult
from moto.ecr.responses import ECRResponse
from moto.sts.models import sts_backends

from planner.policy.arn import fields_of
from planner.times import stamp

_PAGE = 50
_ATTRIBUTES = {"EventId": "eventID", "EventName": "eventName", "EventSource": "eventSource"}
_put = ECRResponse.put_registry_policy
_delete = ECRResponse.delete_registry_policy


def put_registry_policy(response: ECRResponse) -> ActionResult:
    """PutRegistryPolicy, and its event, also where it is refused."""
    sent = {"policyText": response._get_param("policyText")}
    return _recorded(response, "PutRegistryPolicy", sent, _put)


def delete_registry_policy(response: ECRResponse) -> ActionResult:
    """DeleteRegistryPolicy, and its event, also where there was nothing to delete."""
    return _recorded(response, "DeleteRegistryPolicy", None, _delete)


def _recorded(
    response: ECRResponse,
    name: str,
    sent: dict[str, Any] | None,
    call: Callable[[ECRResponse], ActionResult],
) -> ActionResult:
    event = _event(response, name, sent)
    try:
        return call(response)
    except ServiceException as error:
        event |= {"errorCode": error.code, "errorMessage": error.message}
        raise
    finally:
        _events(response.current_account, response.region).append(event)


def _event(response: ECRResponse, name: str, sent: dict[str, Any] | None) -> dict[str, Any]:
    """The record of a call, without those members that nobody here can know.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
    """
    return {
        "eventVersion": "1.11",
        "userIdentity": _identity(response),
        "eventTime": stamp(datetime.now(UTC)),
        "eventSource": "ecr.amazonaws.com",
        "eventName": name,
        "awsRegion": response.region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": response.headers.get("User-Agent", ""),
        "requestParameters": sent,
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": response.current_account,
        "eventCategory": "Management",
    }


def _identity(response: ECRResponse) -> dict[str, Any]:
    """Who called: a user, or a session with the role that issued it.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
    """
    key = response.get_access_key()
    backend = sts_backends[response.current_account][response.partition]
    user_id, arn, account = backend.get_caller_identity(key, response.region)
    kind, _, name = fields_of(arn)[-1].partition("/")
    identity = {"principalId": user_id, "arn": arn, "accountId": account, "accessKeyId": key}
    if kind != "assumed-role":
        return {"type": "IAMUser", **identity, "userName": name}
    role = name.partition("/")[0]
    issuer = {
        "type": "Role",
        "arn": f"arn:{response.partition}:iam::{account}:role/{role}",
        "accountId": account,
        "userName": role,
    }
    return {"type": "AssumedRole", **identity, "sessionContext": {"sessionIssuer": issuer}}


def _events(account: str, region: str) -> list[dict[str, Any]]:
    """The events of an account in a Region, the oldest first."""
    backend = cloudtrail_backends[account][region]
    events: list[dict[str, Any]] = backend.__dict__.setdefault("planner_events", [])
    return events


def lookup_events(response: CloudTrailResponse) -> str:
    """LookupEvents: by one attribute and a range of time, the newest first, in pages.

    https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
    """
    attributes = response._get_param("LookupAttributes") or []
    start, end = (response._get_param(each) for each in ("StartTime", "EndTime"))
    size = response._get_int_param("MaxResults", _PAGE)
    token = response._get_param("NextToken") or "0"
    if len(attributes) > 1 or any(each["AttributeKey"] not in _ATTRIBUTES for each in attributes):
        raise JsonRESTError("InvalidLookupAttributesException", "One attribute of those listed")
    if not 1 <= size <= _PAGE:
        raise JsonRESTError("InvalidMaxResultsException", f"MaxResults is from 1 to {_PAGE}")
    if not token.isdecimal():
        raise JsonRESTError("InvalidNextTokenException", "NextToken is none")
    found = [
        each
        for each in reversed(_events(response.current_account, response.region))
        if all(
            each[_ATTRIBUTES[one["AttributeKey"]]] == one["AttributeValue"] for one in attributes
        )
        and (start is None or _seconds(each) >= int(start))
        and (end is None or _seconds(each) <= int(end))
    ]
    first, last = int(token), int(token) + size
    answer: dict[str, Any] = {"Events": [_listed(each) for each in found[first:last]]}
    return json.dumps({**answer, **({"NextToken": str(last)} if found[last:] else {})})


def _seconds(event: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(event["eventTime"]).timestamp())


def _listed(event: dict[str, Any]) -> dict[str, Any]:
    identity = event["userIdentity"]
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": "false",
        "AccessKeyId": identity["accessKeyId"],
        "EventTime": _seconds(event),
        "EventSource": event["eventSource"],
        "Username": identity["arn"].rpartition("/")[2],
        "Resources": [],
        "CloudTrailEvent": json.dumps(event),
    }
