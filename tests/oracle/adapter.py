"""All that the measure knows of planner: two policies in, the JSON view of a comparison out."""

from __future__ import annotations

import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

import planner
from planner.access.compare import compare
from planner.policy.document import Policy
from planner.policy.parse import parse_policy
from planner.registry import Registry

Json = dict[str, Any]
KNOWS_SCOPE = "scope" in inspect.signature(compare).parameters
"""Whether a comparison is told the scope of the registry's policy."""


def parsed(policy: Json | None) -> Policy | None:
    """A policy of plain JSON as planner holds it."""
    return None if policy is None else parse_policy(json.dumps(policy)).policy


def compared(
    before: Json | None, after: Json | None, account: str, region: str, scope: str
) -> Json:
    """planner's answer: `verdict`, `gained` and `lost` with witnesses, `unknown` with reasons."""
    registry = Registry("aws", account, region)
    more: dict[str, Any] = {"scope": scope} if KNOWS_SCOPE else {}
    return compare(parsed(before), parsed(after), registry, **more).to_json()


@cache
def known_actions() -> dict[str, bool]:
    """ECR's actions in lower case, and whether each works on repositories: data of the Service
    Authorization Reference, that planner ships."""
    path = Path(planner.__file__).parent / "policy" / "ecr_actions.json"
    rows = json.loads(path.read_text("utf-8"))["actions"]
    return {f"ecr:{name}".lower(): bool(row["resource_types"]) for name, row in rows.items()}
