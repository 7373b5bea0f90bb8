"""The published schema of plan files."""

from __future__ import annotations

import json

from tests.support.paths import PACKAGE

PLAN = json.loads((PACKAGE / "plans" / "plan.schema.json").read_text())
