"""AWS's own opinion of a policy: IAM Access Analyzer's ValidatePolicy.

https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html
The call changes nothing and costs nothing. Of the resource types that it has further checks
for none is ECR's, so a registry policy gets the checks that every resource policy gets.
"""

from __future__ import annotations

from typing import Any

from planner.aws.session import Connection, Session
from planner.policy.tree import pointer_to
from planner.ports import AnalyzerFinding, AnalyzerLocation, FindingType, Position
from planner.text import clean

_TYPES: dict[str, FindingType] = {
    "ERROR": "ERROR",
    "SECURITY_WARNING": "SECURITY_WARNING",
    "WARNING": "WARNING",
    "SUGGESTION": "SUGGESTION",
}


class AccessAnalyzer:
    """IAM Access Analyzer in the Region of `connection`."""

    def __init__(self, connection: Connection) -> None:
        self._session = Session(connection)

    def validate(self, text: str) -> list[AnalyzerFinding]:
        """What Access Analyzer finds in a policy, in its own order.

        Raises PlannerError where it cannot be asked. Needs access-analyzer:ValidatePolicy.
        """
        client = self._session.client("accessanalyzer")
        doing, iam_action = "ask IAM Access Analyzer", "access-analyzer:ValidatePolicy"
        with self._session.failures(doing, iam_action, client):
            pages = client.get_paginator("validate_policy").paginate(
                policyDocument=text, policyType="RESOURCE_POLICY", locale="EN"
            )
            return [_finding(each) for page in pages for each in page["findings"]]


def _finding(answer: dict[str, Any]) -> AnalyzerFinding:
    return AnalyzerFinding(
        # A type that AWS adds later is neither to be lost nor to stop a plan.
        type=_TYPES.get(answer["findingType"], "WARNING"),
        issue_code=clean(answer["issueCode"]),
        details=clean(" ".join(answer["findingDetails"].split())),
        learn_more=clean(answer["learnMoreLink"]),
        locations=tuple(map(_location, answer["locations"])),
    )


def _location(answer: dict[str, Any]) -> AnalyzerLocation:
    pointer = ""
    for element in answer["path"]:
        # `value` goes to a member's value and `key` means its name, which has no pointer of
        # its own; `substring` stays within a string.
        step = element.get("value", element.get("key", element.get("index")))
        if step is not None:
            pointer = pointer_to(pointer, step)
    span = answer["span"]
    return AnalyzerLocation(pointer, _position(span["start"]), _position(span["end"]))


def _position(answer: dict[str, int]) -> Position:
    # Columns count from 0 there, lines from 1.
    return Position(answer["line"], answer["column"] + 1, answer["offset"])
