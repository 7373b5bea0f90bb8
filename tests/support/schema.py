"""The published schemas of plan files, snapshots and journals."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry

from tests.support.paths import PACKAGE

PLAN = json.loads((PACKAGE / "plans" / "plan.schema.json").read_text())


def _of_records(name: str) -> Any:
    return json.loads((PACKAGE / "records" / name).read_text())


_SNAPSHOT = _of_records("snapshot.schema.json")
_FILES: Registry[Any] = Registry().with_contents([(_SNAPSHOT["$id"], _SNAPSHOT)])
SNAPSHOT = Draft202012Validator(_SNAPSHOT)
JOURNAL = Draft202012Validator(_of_records("journal.schema.json"), registry=_FILES)
