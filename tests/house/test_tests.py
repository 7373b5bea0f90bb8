"""The tests keep the house rules too."""

from __future__ import annotations

import ast

from tests.support.paths import ROOT
from tests.support.source import imports_of

FILES = sorted((ROOT / "tests").rglob("*.py"))


def test_no_file_imports_a_test_or_a_conftest() -> None:
    for path in FILES:
        for name in imports_of(path):
            for part in name.split("."):
                assert part != "conftest", path
                assert not part.startswith("test_"), f"{path} imports {name}"


def test_files_stay_small() -> None:
    for path in FILES:
        assert len(path.read_text("utf-8").splitlines()) <= 400, path


def test_a_conftest_holds_fixtures_alone() -> None:
    for path in FILES:
        if path.name == "conftest.py":
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    decorators = " ".join(ast.unparse(each) for each in node.decorator_list)
                    assert decorators.startswith("pytest.fixture"), f"{path}: {node.name}"
