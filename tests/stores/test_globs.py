"""Patterns of file names: what they mean, and what they do not reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.errors import PlannerError
from planner.stores.globs import MOST_FILES, expand


def names(folder: Path, *patterns: str) -> list[str]:
    found = expand(map(Path, patterns), folder, lambda _: None)
    return [str(each.relative_to(folder)) for each in found]


def refused(folder: Path, *patterns: str) -> str:
    with pytest.raises(PlannerError) as error:
        names(folder, *patterns)
    return str(error.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.json", "a.json", ".hidden.json", "x/c.json", "y/c.json", "y/.d/e.json"):
        path = tmp_path / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    return tmp_path


def test_files_come_once_and_in_the_order_of_their_paths(folder: Path) -> None:
    first, second = "policies/a.json", "policies/b.json"
    assert names(folder, "policies/*.json") == [first, second]
    assert names(folder, second, "policies/?.json", "./policies/a.json") == [first, second]
    assert names(folder, "policies/*/c.json") == ["policies/x/c.json", "policies/y/c.json"]
    assert names(folder, "policies/[!a].json") == [second]
    assert names(folder, "no/file.json") == ["no/file.json"]


def test_a_name_that_looks_like_a_pattern(folder: Path) -> None:
    name = Path("policies/[a].json")
    (folder / name).write_text("{}")
    found = expand([name], folder, lambda _: None, prefers_names=True)
    assert found == (folder / name,)
    assert names(folder, str(name)) == ["policies/a.json"]


def test_hidden_files_are_matched_where_the_pattern_says_so(folder: Path) -> None:
    assert names(folder, "policies/.*.json") == ["policies/.hidden.json"]
    assert "No file matches" in refused(folder, "policies/*/*/e.json")


def test_what_is_no_policy_file_is_named(folder: Path) -> None:
    assert "policies/x is among the policy files, and is none." in refused(folder, "policies/*")
    (folder / "notes.md").write_text("")
    (folder / "z.json").write_text("{}")
    assert "notes.md is among the policy files" in refused(folder, "*.*")


@pytest.mark.parametrize("pattern", ["*.yaml", "policies/nope*", "nope/*.json", "*/nope.json"])
def test_a_pattern_that_matches_nothing_is_an_error(folder: Path, pattern: str) -> None:
    assert f"{pattern}." in refused(folder, pattern)


def test_how_much_is_looked_at_is_bounded(folder: Path) -> None:
    assert "does not take `**`" in refused(folder, "**/*.json")
    for number in range(MOST_FILES + 1):
        (folder / f"{number}.json").write_text("{}")
    assert f"{MOST_FILES + 1} files" in refused(folder, "*.json")
    for name in ("one", "two", "three", "four"):
        (folder / name).symlink_to(folder)
    assert "too many names" in refused(folder, "*/" * 12 + "a.json")


def test_no_folder_is_looked_into_that_the_caller_refuses(folder: Path) -> None:
    def refuse(path: Path) -> None:
        if path.name == "y":
            raise PlannerError("not there")

    with pytest.raises(PlannerError, match="not there"):
        expand([Path("policies/*/*.json")], folder, refuse)
