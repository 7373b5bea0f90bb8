"""docs/settings.md shows every setting there is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

from planner.config.parse import _S3_SETTINGS
from planner.config.settings import TomlSettings
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")


def test_every_setting_is_shown() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    shown = tomllib.loads("\n".join(blocks))
    names = {field.name for field in fields(TomlSettings)} - {"suppressions"}
    assert set(shown) == {*names, "lint"}
    assert set(shown["s3"]) == set(_S3_SETTINGS)
