"""Scenario folders: `desired.json`, `live.json`, `recorded.json` to `plan.json` and `plan.txt`.

A missing input stands for no policy, or no state. `planner.toml` holds the settings, and
`scope` what ECR says of its scope. A plan goes the whole way that a user's goes: settings,
placeholders, lint, ECR and the state. `make scenarios` writes the outputs anew; read their
diff before you commit it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from planner.config.load import load_settings
from planner.config.settings import DEFAULT_STATE, Flags
from planner.config.target import targets
from planner.plans.file import load_plan
from planner.plans.view import plan_text, plan_view
from planner.policy.canonical import canonicalise
from planner.policy.parse import parse_policy
from planner.records.snapshot import Record, Snapshot
from planner.render.formats import render
from planner.render.interface import Look, View
from planner.stores.local import LocalBlobs
from planner.stores.state import State
from planner.workflow.live import EcrSource
from planner.workflow.planning import Inputs, make_plan
from planner.workflow.reading import PolicyFile
from tests.support.fakes import REGISTRY, FakeRegistry, StoppedClock
from tests.support.paths import ROOT
from tests.support.schema import PLAN

FOLDER = ROOT / "tests" / "scenarios"
SETTINGS = 'account_id = "444455556666"\nregion = "us-west-2"\n'
"""What a project says that has no settings of its own in its scenario."""


def text_of(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def state_of(folder: Path) -> State:
    state = State(LocalBlobs(Path(DEFAULT_STATE)))
    if recorded := text_of(folder / "recorded.json"):
        policy = canonicalise(parse_policy(recorded).policy)
        record = Record(policy, "0" * 64, "arn", "then", "planner 0", 7)
        state.write_snapshot(Snapshot("a-lineage", REGISTRY, record), None)
    return state


def outputs_of(folder: Path, state: State) -> dict[str, str]:
    toml = text_of(folder / "planner.toml") or SETTINGS
    settings = load_settings(Flags(), lambda _: toml.encode())
    (target,) = targets(settings, {"AWS_REGION": REGISTRY.region})
    desired = text_of(folder / "desired.json")
    files = () if desired is None else (PolicyFile(settings.policy_name, desired.encode()),)
    inputs = Inputs(settings, files)
    scope = (text_of(folder / "scope") or "").strip() or None
    ecr = FakeRegistry(text_of(folder / "live.json"), scope)
    plan = make_plan(inputs, EcrSource(ecr, target), state, StoppedClock())
    text = plan_text(plan)
    assert load_plan(text.encode(), "plan.json") == plan
    view = View("plan", plan_view(plan))
    return {"plan.json": text, "plan.txt": render(view, "text", Look(saved_as="plan.json"))}


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.iterdir()))
def test_scenario(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.plans.build.TOOL", "planner")  # the same in every version
    folder = FOLDER / name
    monkeypatch.chdir(tmp_path)  # where the state lies stands in the plan
    outputs = outputs_of(folder, state_of(folder))
    PLAN.validate(json.loads(outputs["plan.json"]))
    for file, text in outputs.items():
        if os.environ.get("WRITE_SCENARIOS"):
            (folder / file).write_text(text, encoding="utf-8")
        assert (folder / file).read_text("utf-8") == text
