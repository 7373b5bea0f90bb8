"""The published schemas of plan files, snapshots and journals."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry

from tests.support.paths import PACKAGE


def _schema(folder: str, name: str) -> Any:
    schema = json.loads((PACKAGE / folder / name).read_text())
    Draft202012Validator.check_schema(schema)
    return schema


_SNAPSHOT = _schema("records", "snapshot.schema.json")
_FILES: Registry[Any] = Registry().with_contents([(_SNAPSHOT["$id"], _SNAPSHOT)])
PLAN = Draft202012Validator(_schema("plans", "plan.schema.json"))
SNAPSHOT = Draft202012Validator(_SNAPSHOT)
JOURNAL = Draft202012Validator(_schema("records", "journal.schema.json"), registry=_FILES)
