"""docs/settings.md shows every setting there is."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields

from planner.config.parse import _S3_SETTINGS
from planner.config.settings import TomlSettings
from planner.guard.assertion import MEMBERS
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text("utf-8")


def test_every_setting_is_shown() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    shown = tomllib.loads("\n".join(blocks))
    names = {field.name for field in fields(TomlSettings)} - {
        "suppressions",
        "assertions",
        "owner_guards",
    }
    assert set(shown) == {*names, "lint", "assert"}
    assert {each for one in shown["assert"] for each in one} == {*MEMBERS} - {"context"}
    assert set(shown["s3"]) == set(_S3_SETTINGS)
