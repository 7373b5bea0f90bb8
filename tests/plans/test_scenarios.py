"""Scenario folders: `desired.json`, `live.json`, `recorded.json` to `plan.json` and `plan.txt`.

A missing input stands for no policy, or no state. `make scenarios` writes the outputs anew;
read their diff before you commit it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest

from planner.plans.plan import Plan, Source, as_json
from planner.policy.canonical import canonicalise
from planner.policy.document import Policy
from planner.policy.parse import parse_policy
from planner.records.snapshot import Record, Snapshot
from planner.registry import Registry
from planner.render.text.plan import plan_lines
from planner.render.text.terminal import to_text
from planner.workflow.planning import Desired, make_plan
from tests.support.paths import ROOT
from tests.support.schema import PLAN

FOLDER = ROOT / "tests" / "scenarios"
REGISTRY = Registry("aws", "444455556666", "us-west-2")


def read(path: Path) -> Policy | None:
    return parse_policy(path.read_bytes(), path.name).policy if path.exists() else None


def plan_of(folder: Path) -> Plan:
    recorded = read(folder / "recorded.json")
    snapshot = None
    if recorded:
        record = Record(canonicalise(recorded), "0" * 64, "arn", "then", "planner 0", 7)
        snapshot = Snapshot("a-lineage", REGISTRY, record)
    desired = read(folder / "desired.json")
    plan = make_plan(
        Desired(desired, Source("registry_policy.json", "0" * 64) if desired else None),
        REGISTRY,
        read(folder / "live.json"),
        snapshot,
        compared_with="ecr",
        now="2026-11-23T22:37:57Z",
    )
    return Plan(**{**{k: getattr(plan, k) for k in plan.__dataclass_fields__}, "tool": "planner"})


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_scenario(name: str) -> None:
    folder = FOLDER / name
    document = plan_of(folder).to_json()
    outputs = {
        "plan.json": as_json(document) + "\n",
        "plan.txt": to_text(plan_lines(document, "plan.json")),
    }
    jsonschema.validate(json.loads(outputs["plan.json"]), PLAN)
    for file, text in outputs.items():
        if os.environ.get("WRITE_SCENARIOS"):
            (folder / file).write_text(text, encoding="utf-8")
        assert (folder / file).read_text("utf-8") == text
