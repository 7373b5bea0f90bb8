"""The template of examples/drift-alarm: it is well formed, and its rule sees what it should."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from moto.events.models import EventPattern

from tests.support.account import Account
from tests.support.paths import ROOT
from tests.support.policies import document, statement

TEMPLATE = ROOT / "examples" / "drift-alarm" / "template.yaml"
ROLE = "arn:aws:iam::444455556666:role/planner-apply"
PROJECT = "arn:aws:codebuild:us-west-2:444455556666:project/planner-drift"
VALUES = {"PlannerRoleArn": ROLE, "DriftProjectArn": PROJECT, "AWS::AccountId": "444455556666"}


class Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Fills the template's parameters; of resources it keeps the name."""


Loader.add_constructor("!Ref", lambda loader, node: VALUES[loader.construct_scalar(node)])
Loader.add_constructor("!GetAtt", lambda loader, node: {"GetAtt": loader.construct_scalar(node)})


@pytest.fixture
def template() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(TEMPLATE.read_text("utf-8"), Loader)
    return found


def test_it_is_well_formed(template: dict[str, Any]) -> None:
    assert set(template["Parameters"]) < set(VALUES)
    rule, role = template["Resources"]["RegistryPolicyWritten"], template["Resources"]
    (target,) = rule["Properties"]["Targets"]
    assert target["Arn"] == PROJECT
    name, attribute = target["RoleArn"]["GetAtt"].split(".")
    assert (role[name]["Type"], attribute) == ("AWS::IAM::Role", "Arn")
    (inline,) = role[name]["Properties"]["Policies"]
    assert inline["PolicyDocument"]["Statement"][0]["Resource"] == PROJECT


def test_the_role_is_for_eventbridge_alone(template: dict[str, Any]) -> None:
    trust = template["Resources"]["StartDriftJob"]["Properties"]["AssumeRolePolicyDocument"]
    (only,) = trust["Statement"]
    assert only["Principal"] == {"Service": "events.amazonaws.com"}
    assert only["Condition"] == {"StringEquals": {"aws:SourceAccount": "444455556666"}}


def matches(template: dict[str, Any], record: dict[str, Any]) -> bool:
    pattern = template["Resources"]["RegistryPolicyWritten"]["Properties"]["EventPattern"]
    event: Any = {
        "source": "aws.ecr",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": record,
    }
    return bool(EventPattern.load(json.dumps(pattern)).matches_event(event))


def newest(account: Account) -> dict[str, Any]:
    event = account.trail_client().lookup_events()["Events"][0]["CloudTrailEvent"]
    found: dict[str, Any] = json.loads(event)
    return found


def test_its_rule_sees_others_and_not_planner(template: dict[str, Any], account: Account) -> None:
    account.put(document(statement("A")))
    assert matches(template, newest(account))
    account.as_role("console").put(document(statement("B")))
    assert matches(template, newest(account))
    account.as_role("planner-apply").put(document(statement("C")))
    assert not matches(template, newest(account))
    account.client().delete_registry_policy()
    assert matches(template, newest(account))
    with pytest.raises(account.client().exceptions.ClientError):
        account.put("{}")
    assert "errorCode" in newest(account)
    assert not matches(template, newest(account))


def test_its_rule_sees_nothing_else(template: dict[str, Any], account: Account) -> None:
    account.put(document(statement("A")))
    assert not matches(template, {**newest(account), "eventName": "GetRegistryPolicy"})
